"""An upstream's reply while it arrives: decoded, bounded, and its faults already ours."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy import upstream_errors
from app.proxy.decode import Decoder, OverBudgetError, UndecodableError, decoder, pieces, sniff


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
        "headers",
        "media_type",
        "stale",
        "status",
    )

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        provider: str,
        release: Callable[[], None] = lambda: None,
        *,
        stale: bool = False,
    ) -> None:
        self._response = response
        self._content = response.content
        self._provider = provider
        self._release: Callable[[], None] | None = release
        self._decoder: Decoder | None = None
        self._failure: BaseException | None = None
        self._first = True
        self._left_bytes = 0
        self.stale = stale
        """A dead connection out of the pool was tried before."""
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
        try:
            data = await self._content.readany()
        except upstream_errors.CAUGHT as error:
            data = self._kept(error)
        if self._first:
            self._first = False
            self._choose_decoder(data)
        if self._decoder is not None:
            data = await self._decode(data, self._decoder)
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

    def _choose_decoder(self, data: bytes) -> None:
        named = self.headers.get("Content-Encoding", "").strip().lower()
        coding = named if named not in ("", "identity") else sniff(data)
        if not coding:
            return
        self._decoder = decoder(coding, self._left_bytes)
        if self._decoder is None:
            raise PatchbayError(
                ErrorKind.BAD_REPLY, f"Provider {self._provider} answered in a content coding that nobody asked for."
            )

    async def _decode(self, data: bytes, stream: Decoder) -> bytes:
        """The plain bytes of the next coded ones, reading on until there are any: empty must mean the end."""
        while data:
            try:
                plain = b"".join(map(stream.feed, pieces(data)))
            except OverBudgetError:
                raise self._too_large() from None
            except UndecodableError as error:
                raise PatchbayError(
                    ErrorKind.BAD_REPLY, f"Provider {self._provider} sent a broken compressed answer: {error}."
                ) from None
            if plain:
                return plain
            try:
                data = await self._content.readany()
            except upstream_errors.CAUGHT as error:
                data = self._kept(error)
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
