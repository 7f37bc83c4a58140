"""The client's side of a stream: begun with the first useful event, written with backpressure, ended once."""

from __future__ import annotations

import asyncio

from aiohttp import web
from multidict import CIMultiDict

from app.dialects.base import EVENT_STREAM
from app.domain.exchange import Side
from app.proxy.headers import STREAM, Pairs, pairs
from app.proxy.job import Job

_HELD_BYTES = 256 * 1024


class ClientGone(Exception):  # noqa: N818 (not an error of anybody)
    """The client takes no more bytes; `kind` is the word in the record."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why


class _Stream(web.StreamResponse):
    """Keeps its head until the first bytes follow: one write to the socket instead of two."""

    _send_headers_immediately = False


class Outgoing:
    """A streamed answer to the client.

    The head and whatever comes before the first useful event are held back: until then a failure can still be told as
    an HTTP error, or answered by somebody else. Not for longer than `keep_alive_s`, because a client must hear
    something, nor more than a bounded number of bytes. Each write is awaited, so an upstream is read no faster than the
    client reads; a client that stops reading is cut off.
    """

    __slots__ = ("_free", "_headers", "_held", "_held_bytes", "_job", "_media_type", "_response", "until_ns")

    def __init__(self, job: Job, headers: Pairs, media_type: str = EVENT_STREAM) -> None:
        self._job = job
        self._headers = headers
        self._media_type = media_type
        self._response: web.StreamResponse | None = None
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._free = False
        self.until_ns = 0
        """When `release` is due; 0 while nothing is held."""

    @property
    def begun(self) -> bool:
        """Whether the client has the head of the answer."""
        return self._response is not None

    async def write(self, data: bytes) -> None:
        """Send bytes on, or hold them back as long as they are nothing of an answer; raises ClientGone."""
        if not data:
            return
        if self._response is None and not self._may_go(len(data)):
            self._held.append(data)
            return
        await self._send(data)

    async def release(self, data: bytes = b"") -> None:
        """Hold back nothing more: the client must hear something; raises ClientGone."""
        self._free = True
        if data or self._held:
            await self._send(data)

    async def end(self, last: bytes = b"") -> web.StreamResponse:
        """Finish the answer, its last bytes and its end in one write; raises ClientGone.

        Also one that was cut, once an error event has said so: the SDKs read that and raise it, and Codex would take a
        body without its end for the error. The connection stays, for a pool has sent its next request before it could
        notice that it is closed, and the head has gone that could have announced it.
        """
        return await self._send(last, end=True)

    def break_off(self) -> web.StreamResponse:
        """Close the connection without the end of the body, where no error can be told: nobody takes that for whole."""
        transport = self._job.call.http.transport
        if transport is not None:
            transport.abort()
        return self._response or web.StreamResponse()

    async def _send(self, data: bytes, *, end: bool = False) -> web.StreamResponse:
        job = self._job
        pieces: tuple[bytes, ...] = (data,)
        if self._held:
            pieces = (*self._held, data)
            data = b"".join(pieces)
            self._held.clear()
            self.until_ns = 0
        job.watch.wait(job.limits.write_stall_s)
        try:
            response = self._response or await self._begin()
            await (response.write_eof(data) if end else response.write(data))
        except asyncio.CancelledError:
            if not job.watch.overdue():
                raise
            transport = job.call.http.transport
            if transport is not None:
                transport.abort()
            raise ClientGone("client_stalled", "The client stopped reading its answer.") from None
        except ConnectionError:
            raise ClientGone("client_disconnect", "The client closed the connection.") from None
        job.exchange.reply_chunks.extend(filter(None, pieces))  # the tap's own objects, as long as nothing is changed
        return response

    def _may_go(self, size: int) -> bool:
        """Whether the answer is begun with the bytes that come now."""
        job = self._job
        if self._free or job.exchange.tap.useful or job.exchange.tap.broken:
            return True
        now_ns = job.tools.clock.monotonic_ns()
        if not self.until_ns:
            self.until_ns = now_ns + int(job.limits.keep_alive_s * 1e9)
        self._held_bytes += size
        return now_ns >= self.until_ns or self._held_bytes > _HELD_BYTES

    async def _begin(self) -> web.StreamResponse:
        self._job.began()
        made = CIMultiDict(STREAM)
        for name, value in self._headers:
            made[name] = value
        made["Content-Type"] = self._media_type
        response = _Stream(status=200, headers=made)
        await response.prepare(self._job.call.http)
        self._response = response
        self._job.exchange.reply_head = Side(pairs(made.items()), line="200 OK")
        return response
