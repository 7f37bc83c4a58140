"""One client connection: aiohttp's protocol with our own answer to what is no HTTP, and none of its own words."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from app.proxy import answers
from app.proxy.pipeline import Pipeline

log = logging.getLogger(__name__)

_LINGERING_S = 2.0
"""How long an upload that nobody wants any more is still read, so that its sender sees the answer."""
_BAD_REQUEST = b'{"error":{"message":"bad request","type":"invalid_request_error","param":null,"code":null}}'
_REJECTION = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: patchbay\r\nRetry-After: 2\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)


class Listener(Server):
    """Makes the connections of one listening time and knows those that are open."""

    def __init__(self, pipeline: Pipeline, loop: asyncio.AbstractEventLoop, header_deadline_s: float) -> None:
        super().__init__(pipeline, handler_cancellation=True, loop=loop)
        self._header_deadline_s = header_deadline_s

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def __call__(self) -> RequestHandler:
        """The protocol of a new connection."""
        return Connection(
            self,
            loop=self._loop,
            auto_decompress=False,
            keepalive_timeout=self._header_deadline_s,
            lingering_time=_LINGERING_S,
            access_log=None,  # type: ignore[arg-type] # aiohttp's own default for "no log"
            logger=log,
        )


class Connection(RequestHandler):
    """One connection."""

    __slots__ = ()

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
        response = answers.whole(status, _BAD_REQUEST)
        response.force_close()
        return response


class Rejection(asyncio.Protocol):
    """A connection too many: told to come back, and closed before anything of it is read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer and close."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(_REJECTION)
        transport.close()
