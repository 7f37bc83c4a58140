"""Content codings with a budget: a decoder never makes more bytes than it may, and no more at once than asked for.

aiohttp would decode by itself, without a bound and before any handler runs: 1.6 kB of brotli hold the loop for seconds
(aiohttp's `auto_decompress` is therefore off on both sides).
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator

import brotli
import zstandard

_PIECE_BYTES = 64 * 1024
_STEP_BYTES = 64 * 1024
"""Little enough to be read as events in one turn of the loop."""
_ZSTD_PIECE_BYTES = 256
"""zstandard has no output bound: one input piece makes at most some 8 MB (128 kB for each 4-byte block)."""


class UndecodableError(Exception):
    """The bytes are not in the coding they claim, end too early, or go on after their end."""


class OverBudgetError(Exception):
    """More bytes came out than allowed."""


class Decoder(ABC):
    """Decodes one body piece by piece; makes at most `budget` bytes."""

    def __init__(self, budget: int) -> None:
        self._left = budget

    def feed(self, data: bytes) -> bytes:
        """What these bytes decode to. Raises UndecodableError or OverBudgetError."""
        return b"".join(self.steps(data))

    def steps(self, data: bytes) -> Iterator[bytes]:
        """The same bit by bit, made when it is asked for, so that others get their turn."""
        for start in range(0, len(data), _PIECE_BYTES):
            for step in self._steps(data[start : start + _PIECE_BYTES]):
                self._left -= len(step)
                if self._left < 0:
                    raise OverBudgetError
                for at in range(0, len(step), _STEP_BYTES):
                    yield step[at : at + _STEP_BYTES]

    @abstractmethod
    def finish(self) -> None:
        """The body is over; raises UndecodableError where the coding is not."""

    @abstractmethod
    def _steps(self, data: bytes) -> Iterator[bytes]:
        """What these bytes decode to, in bounded steps; raises UndecodableError."""

    def _bound(self) -> int:
        """How long the next step may be. One byte more than allowed tells a body that just fits from one too long."""
        return min(self._left + 1, _STEP_BYTES)


class _Zlib(Decoder):
    def __init__(self, wbits: int, budget: int) -> None:
        super().__init__(budget)
        self._stream = zlib.decompressobj(wbits)

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableError("the compressed data ends too early")

    def _steps(self, data: bytes) -> Iterator[bytes]:
        full = True
        while data or full:
            bound = self._bound()
            try:
                step = self._stream.decompress(data, bound)
            except zlib.error as error:
                raise UndecodableError(str(error)) from None
            # A step that is full may have left some of its output inside, with no input to show for it.
            full = len(step) == bound and not self._stream.eof
            data = self._stream.unconsumed_tail
            yield step
        if self._stream.unused_data:
            raise UndecodableError("bytes follow the end of the compressed data")


class _Deflate(Decoder):
    """HTTP's "deflate" is zlib's format, but some senders leave its frame out (RFC 9110 section 8.4.1.2)."""

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self._stream: _Zlib | None = None

    def finish(self) -> None:
        if self._stream is None:
            raise UndecodableError("the compressed data is empty")
        self._stream.finish()

    def _steps(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None and data:
            framed = data[0] & 0x0F == zlib.DEFLATED
            self._stream = _Zlib(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS, self._left)
        return self._stream.steps(data) if self._stream is not None else iter(())


class _Brotli(Decoder):
    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self._stream = brotli.Decompressor()

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise UndecodableError("the compressed data ends too early")

    def _steps(self, data: bytes) -> Iterator[bytes]:
        finished = self._stream.is_finished()
        while not finished:
            try:
                step = self._stream.process(data, output_buffer_limit=self._bound())
            except brotli.error as error:
                raise UndecodableError(str(error)) from None
            data = b""
            yield step
            finished = self._stream.is_finished()
            if not step and self._stream.can_accept_more_data():
                break  # only an empty step tells that nothing is left inside
        if finished and (data or not self._stream.can_accept_more_data()):
            raise UndecodableError("bytes follow the end of the compressed data")


class _Zstd(Decoder):
    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self._stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableError("the compressed data ends too early")

    def _steps(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_PIECE_BYTES):
            if self._stream.eof:
                raise UndecodableError("bytes follow the end of the compressed data")
            try:
                step = self._stream.decompress(data[start : start + _ZSTD_PIECE_BYTES])
            except zstandard.ZstdError as error:
                raise UndecodableError(str(error)) from None
            yield step
        if self._stream.unused_data:
            raise UndecodableError("bytes follow the end of the compressed data")


def decoder(coding: str, budget: int) -> Decoder | None:
    """A decoder for one content coding that makes at most `budget` bytes; None for a coding we do not know."""
    match coding:
        case "gzip" | "x-gzip":
            return _Zlib(16 + zlib.MAX_WBITS, budget)
        case "deflate":
            return _Deflate(budget)
        case "br":
            return _Brotli(budget)
        case "zstd":
            return _Zstd(budget)
    return None


def sniff(data: bytes) -> str:
    """The coding that a body's first bytes give away, or empty: some upstreams compress without saying so."""
    if data.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zstd" if data.startswith(b"\x28\xb5\x2f\xfd") else ""
