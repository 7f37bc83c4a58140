"""Listening for other machines: one socket for each address, beside the loopback's and with a stricter listener.

Nothing here decides whether that is wise; control does, and the pipeline asks a caller from another machine for a key
whatever the settings say.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

from app.domain.exposure import NOWHERE, Exposure
from app.proxy.connection import Listener
from app.proxy.tls_door import TlsDoor

log = logging.getLogger(__name__)

_BACKLOG = 64


class Lan:
    """The sockets that other machines connect to. Belongs to the loop."""

    def __init__(self) -> None:
        self.exposure = NOWHERE
        self.port = 0
        self.listener: Listener | None = None
        self._servers: dict[str, asyncio.Server | TlsDoor] = {}

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens now."""
        return tuple(self._servers)

    def names(self) -> frozenset[str]:
        """The `Host` values that mean us there, lower case."""
        if not self._servers:
            return frozenset()
        hosts = [f"[{one}]" if ":" in one else one for one in self._servers]
        standard = 443 if self.exposure.cert_file else 80
        named = frozenset(f"{host}:{self.port}".lower() for host in (*hosts, *self.exposure.names))
        return named | {host.lower() for host in (*hosts, *self.exposure.names)} if self.port == standard else named

    async def listen(self, exposure: Exposure, port: int, make: Callable[[], Listener]) -> tuple[str, ...]:
        """Listen just there; why some address cannot be, in words. Raises OSError or ssl.SSLError for the certificate.

        What does not change keeps its connections.
        """
        tls = await asyncio.to_thread(_tls, exposure) if exposure.addresses and exposure.cert_file else None
        if port != self.port or self._encryption(exposure) != self._encryption(self.exposure):
            self._close(tuple(self._servers))
        self.exposure, self.port = exposure, port
        if self.listener is None:
            self.listener = make()
        self._close(tuple(one for one in self._servers if one not in exposure.addresses))
        if not exposure.addresses:
            self.listener.retire()
        problems = []
        for address in exposure.addresses:
            if address not in self._servers:
                try:
                    self._servers[address] = await self._open(address, port, self.listener, tls)
                except OSError as error:
                    problems.append(f"{address}: {error.strerror or error}")
        return tuple(problems)

    def leave(self) -> Listener | None:
        """Listen nowhere; the listener of what is still connected."""
        self._close(tuple(self._servers))
        left, self.listener = self.listener, None
        return left

    def _close(self, addresses: tuple[str, ...]) -> None:
        for address in addresses:
            self._servers.pop(address).close()

    @staticmethod
    async def _open(
        address: str, port: int, listener: Listener, tls: ssl.SSLContext | None
    ) -> asyncio.Server | TlsDoor:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family is socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind((address, port))
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        loop = asyncio.get_running_loop()
        if tls is None:
            return await loop.create_server(listener.accept, sock=made, backlog=_BACKLOG)
        made.listen(_BACKLOG)
        return TlsDoor(made, listener, tls)

    @staticmethod
    def _encryption(exposure: Exposure) -> tuple[str, str]:
        return exposure.cert_file, exposure.key_file


def _tls(exposure: Exposure) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(exposure.cert_file, exposure.key_file or None)
    return context
