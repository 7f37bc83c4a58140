"""One client connection: aiohttp's protocol with our own answer to what is no HTTP, and none of its own words."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from app.domain.settings import Limits
from app.proxy import answers
from app.proxy.peer import plain_address
from app.proxy.pipeline import Pipeline
from app.proxy.rejections import Rejections

log = logging.getLogger(__name__)

_LINGERING_S = 2.0
"""How long an upload that nobody wants any more is still read, so that its sender sees the answer."""
_BAD_REQUEST = b'{"error":{"message":"bad request","type":"invalid_request_error","param":null,"code":null}}'
_REJECTION = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: patchbay\r\nRetry-After: 2\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)


class Listener(Server):
    """Makes the connections of one listening time, counts those that are open and turns away what is too many."""

    def __init__(
        self,
        pipeline: Pipeline,
        loop: asyncio.AbstractEventLoop,
        limits: Callable[[], Limits],
        rejections: Rejections,
        *,
        lan: bool = False,
    ) -> None:
        super().__init__(pipeline, handler_cancellation=True, loop=loop)
        self.rejections = rejections
        self.lan = lan
        """Its callers come from other machines."""
        self._limits = limits
        self.knocking: Counter[str] = Counter()
        """Connections in the middle of a TLS handshake, by address."""
        self._by_address: Counter[str] = Counter()
        self._addresses: dict[RequestHandler, str] = {}

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def admits(self, address: str) -> bool:
        """Whether one more connection of this client's address is within the limits."""
        limits = self._limits()
        if not self.lan:
            return self._by_address[address] < limits.max_connections_per_ip
        knocking = self.knocking[address]
        if self._by_address[address] + knocking >= limits.max_lan_connections_per_ip:
            return False
        if self.open_connections + self.knocking.total() >= limits.max_connections:
            return False
        theirs = (one for one, where in self._addresses.items() if where == address)
        strangers = sum(isinstance(one, Connection) and not one.known for one in theirs)
        return strangers + knocking < limits.max_strangers_per_ip

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a connection to its address."""
        super().connection_made(handler, transport)
        address = self._addresses[handler] = remote_address(transport)
        self._by_address[address] += 1

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Count it no more."""
        super().connection_lost(handler, exc)
        address = self._addresses.pop(handler, None)
        if address is not None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def retire(self) -> None:
        """Take no further request: what is idle is closed at once, what runs once it is done.

        aiohttp's own `pre_shutdown` leaves idle connections open and deaf until `shutdown`, which may be hours away.
        """
        for handler in tuple(self._connections):
            idle = not handler._request_in_progress  # noqa: SLF001 (aiohttp tells it nowhere else)
            handler.close()
            if idle and handler.transport is not None:
                handler.transport.close()

    def accept(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        if self.open_connections >= self._limits().max_connections:
            return Rejection("connections", self.rejections)
        return self()

    def __call__(self) -> RequestHandler:
        """The protocol of a connection that is served."""
        return Connection(
            self,
            loop=self._loop,
            auto_decompress=False,
            keepalive_timeout=self._limits().header_deadline_s,
            lingering_time=_LINGERING_S,
            access_log=None,  # aiohttp's own default for "no log"
            logger=log,
        )


class Connection(RequestHandler):
    """One connection."""

    __slots__ = ("known", "lan")

    def __init__(self, listener: Listener, **values: Any) -> None:
        super().__init__(listener, **values)
        self.lan = listener.lan
        self.known = False
        """A request on it showed a valid key (`peer.vouch`)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or turn away what is one too many of its address."""
        listener = self._manager
        if not isinstance(listener, Listener) or listener.admits(remote_address(transport)):
            super().connection_made(transport)
            return
        rejection = Rejection("connections_per_ip", listener.rejections)
        transport.set_protocol(rejection)
        rejection.connection_made(transport)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP gets a bare 400 without an echo of it; a defect of ours was logged by the pipeline."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer had begun already")
        log.debug("a connection sent what is no HTTP: %s", type(exc).__name__)
        if isinstance(self._manager, Listener):
            self._manager.rejections.count("http")
        response = answers.whole(status, _BAD_REQUEST)
        response.force_close()
        return response


class Rejection(asyncio.Protocol):
    """A connection too many: told to come back, and closed before anything of it is read."""

    def __init__(self, reason: str, rejections: Rejections) -> None:
        self._reason = reason
        self._rejections = rejections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer and close."""
        self._rejections.count(self._reason)
        cast("asyncio.WriteTransport", transport).write(_REJECTION)  # uvloop's own class is none of asyncio's
        transport.close()


def remote_address(transport: asyncio.BaseTransport) -> str:
    """The client's address; one of IPv4 that came through IPv6 as what it is."""
    peer = transport.get_extra_info("peername") or ("",)
    return plain_address(str(peer[0]))
