"""The client's side of a stream: begun late, written with backpressure, ended once."""

from __future__ import annotations

import asyncio

from aiohttp import web
from multidict import CIMultiDict

from app.dialects.base import EVENT_STREAM
from app.domain.exchange import Side
from app.proxy.headers import STREAM, Pairs, pairs
from app.proxy.job import Job


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

    The head goes out with the first bytes: until then a failure can still be told as an HTTP error. Each write is
    awaited, so an upstream is read no faster than the client reads; a client that stops reading is cut off.
    """

    __slots__ = ("_headers", "_job", "_media_type", "_response")

    def __init__(self, job: Job, headers: Pairs, media_type: str = EVENT_STREAM) -> None:
        self._job = job
        self._headers = headers
        self._media_type = media_type
        self._response: web.StreamResponse | None = None

    @property
    def begun(self) -> bool:
        """Whether the client has the head of the answer."""
        return self._response is not None

    async def write(self, data: bytes) -> None:
        """Send bytes on; raises ClientGone."""
        if data:
            await self._send(data)

    async def end(self, last: bytes = b"", *, cut: bool) -> web.StreamResponse:
        """Finish the answer; `cut` closes the connection after it. Raises ClientGone.

        Its last bytes and its end go out in one write.
        """
        return await self._send(last, end=True, cut=cut)

    def break_off(self) -> web.StreamResponse:
        """Close the connection without the end of the body, where no error can be told: nobody takes that for whole."""
        transport = self._job.call.http.transport
        if transport is not None:
            transport.abort()
        return self._response or web.StreamResponse()

    async def _send(self, data: bytes, *, end: bool = False, cut: bool = False) -> web.StreamResponse:
        job = self._job
        job.watch.wait(job.limits.write_stall_s)
        try:
            response = self._response or await self._begin()
            if cut:
                response.force_close()
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
        if data:
            job.exchange.reply_chunks.append(data)
        return response

    async def _begin(self) -> web.StreamResponse:
        made = CIMultiDict(STREAM)
        for name, value in self._headers:
            made[name] = value
        made["Content-Type"] = self._media_type
        response = _Stream(status=200, headers=made)
        await response.prepare(self._job.call.http)
        self._response = response
        self._job.exchange.reply_head = Side(pairs(made.items()), line="200 OK")
        return response
