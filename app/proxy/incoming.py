"""An upstream's reply while it arrives: decoded, bounded, and its faults already ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import aiohttp

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy import upstream_errors
from app.proxy.decode import Decoder, OverBudgetError, UndecodableError, decoder, sniff


class Incoming:
    """One reply; read it to its end or `close` it. How long a read may take is the caller's affair."""

    __slots__ = (
        "_content",
        "_decoder",
        "_failure",
        "_first",
        "_left_bytes",
        "_provider",
        "_release",
        "_response",
        "_stepped",
        "_steps",
        "headers",
        "media_type",
        "status",
    )

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        provider: str,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self._response = response
        self._content = response.content
        self._provider = provider
        self._release: Callable[[], None] | None = release
        self._decoder: Decoder | None = None
        self._steps: Iterator[bytes] = iter(())
        """What is still to come of the coded bytes that were read."""
        self._stepped = False
        self._failure: BaseException | None = None
        self._first = True
        self._left_bytes = 0
        self.status = response.status
        self.headers = response.headers
        self.media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def line(self) -> str:
        """The status line as the record keeps it: "200 OK"."""
        return f"{self.status} {self._response.reason or ''}".rstrip()

    @property
    def coded(self) -> bool:
        """Whether the bytes were compressed, so that `Content-Encoding` no longer holds."""
        return self._decoder is not None

    @property
    def ended(self) -> bool:
        """Whether it is certain already that the next read finds the end of the reply."""
        return self._decoder is None and self._content.at_eof()

    def allow(self, budget_bytes: int) -> None:
        """How many bytes the whole reply may have, decoded."""
        self._left_bytes = budget_bytes

    async def read(self) -> bytes:
        """The next bytes, empty at the end; raises PatchbayError STREAM_CUT or BAD_REPLY."""
        stream = self._decoder
        data = await self._raw() if stream is None else await self._decoded(stream)
        if self._first:
            self._first = False
            stream = self._decoder = self._coding_of(data)
            if stream is not None:
                self._steps = stream.steps(data)
                data = await self._decoded(stream)
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise self._too_large()
        return data

    async def read_all(self) -> bytes:
        """The whole reply."""
        chunks: list[bytes] = []
        while chunk := await self.read():
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def close(self) -> None:
        """Give the connection back where the reply was read to its end, else close it: the provider stops working."""
        release, self._release = self._release, None
        if release is None:
            return
        if self._content.is_eof():
            self._response.release()
        else:
            self._response.close()
        release()

    async def _raw(self) -> bytes:
        try:
            return await self._content.readany()
        except upstream_errors.CAUGHT as error:
            return self._kept(error)

    def _kept(self, error: BaseException) -> bytes:
        """What arrived before the connection broke is delivered first; the break is raised by the next read."""
        if self._failure is None:
            self._failure = error
            # aiohttp keeps the bytes but raises before it hands them out.
            self._content.set_exception(None)  # type: ignore[arg-type]
            data = self._content.read_nowait()
            self._content.set_exception(error)
            if data:
                return data
        raise upstream_errors.in_stream(error, self._provider) from None

    def _coding_of(self, data: bytes) -> Decoder | None:
        named = self.headers.get("Content-Encoding", "").strip().lower()
        coding = named if named not in ("", "identity") else sniff(data)
        if not coding:
            return None
        found = decoder(coding, self._left_bytes)
        if found is None:
            raise PatchbayError(
                ErrorKind.BAD_REPLY, f"Provider {self._provider} answered in a content coding that nobody asked for."
            )
        return found

    async def _decoded(self, stream: Decoder) -> bytes:
        """The next plain bytes, reading on until there are any: empty must mean the end."""
        if self._stepped:
            await asyncio.sleep(0)  # little data can become much; whoever else has something to do comes first
        while not (plain := self._step()):
            data = await self._raw()
            if not data:
                return self._finished(stream)
            self._steps = stream.steps(data)
        self._stepped = True
        return plain

    def _step(self) -> bytes:
        try:
            return next(self._steps, b"")
        except OverBudgetError:
            raise self._too_large() from None
        except UndecodableError as error:
            raise PatchbayError(
                ErrorKind.BAD_REPLY, f"Provider {self._provider} sent a broken compressed answer: {error}."
            ) from None

    def _finished(self, stream: Decoder) -> bytes:
        try:
            stream.finish()
        except UndecodableError:
            raise PatchbayError(
                ErrorKind.STREAM_CUT, f"Provider {self._provider} closed the connection before its answer was complete."
            ) from None
        return b""

    def _too_large(self) -> PatchbayError:
        return PatchbayError(
            ErrorKind.BAD_REPLY, f"Provider {self._provider} sent a larger answer than Patchbay takes."
        )
