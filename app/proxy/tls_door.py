"""Accepting connections that are to speak TLS: counted from their first packet on, and waited for only a short time.

asyncio's own listener tells nobody of a connection until its handshake is over, so that whoever never begins one would
hold as many as there are file descriptors.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl

from app.proxy.connection import Listener
from app.proxy.peer import plain_address

log = logging.getLogger(__name__)

HANDSHAKE_S = 5.0
_NO_MORE_FILES_S = 1.0
"""How long nobody is let in where the system has no descriptor to spare."""


class TlsDoor:
    """One listening socket; belongs to the loop that runs when it is made."""

    def __init__(self, listening: socket.socket, listener: Listener, tls: ssl.SSLContext) -> None:
        self._socket = listening
        self._listener = listener
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._accepting = self._loop.create_task(self._accept(), name="accept TLS connections")

    def close(self) -> None:
        """Accept nobody more; who is inside stays."""
        self._accepting.cancel()
        for task in self._handshakes:
            task.cancel()
        self._socket.close()

    async def _accept(self) -> None:
        while True:
            try:
                made, remote = await self._loop.sock_accept(self._socket)
            except OSError as error:
                log.warning("no connection can be accepted: %s", error.strerror)
                await asyncio.sleep(_NO_MORE_FILES_S)
                continue
            address = plain_address(str(remote[0]))
            if self._listener.admits(address):
                task = self._loop.create_task(self._shake(made, address), name="TLS handshake")
                self._handshakes.add(task)
                task.add_done_callback(self._handshakes.discard)
            else:
                self._listener.rejections.count("connections_per_ip")
                made.close()

    async def _shake(self, made: socket.socket, address: str) -> None:
        knocking = self._listener.knocking
        knocking[address] += 1
        try:
            await self._loop.connect_accepted_socket(
                self._listener.accept, made, ssl=self._tls, ssl_handshake_timeout=HANDSHAKE_S
            )
        except OSError as error:  # ssl.SSLError and the time that ran out are some
            log.debug("a TLS handshake came to nothing: %s", type(error).__name__)
            made.close()
        finally:
            knocking[address] -= 1
            if not knocking[address]:
                del knocking[address]
