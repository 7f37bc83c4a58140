"""Content codings with a budget: a decoder that never makes more bytes than it was allowed.

aiohttp would decode by itself, without a bound and before any handler runs: 1.6 kB of brotli hold the loop for seconds
(aiohttp's `auto_decompress` is therefore off on both sides).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

_PIECE_BYTES = 64 * 1024
_ZSTD_PIECE_BYTES = 256
"""zstandard has no output bound: one input piece makes at most some 8 MB (128 kB for each 4-byte block)."""


class UndecodableError(Exception):
    """The bytes are not in the coding they claim, end too early, or go on after their end."""


class OverBudgetError(Exception):
    """More bytes came out than allowed."""


class Decoder(Protocol):
    """Decodes one body piece by piece."""

    def feed(self, data: bytes) -> bytes:
        """What these bytes decode to. Raises UndecodableError or OverBudgetError."""

    def finish(self) -> None:
        """The body is over; raises UndecodableError where the coding is not."""


class _Zlib:
    def __init__(self, wbits: int, budget: int) -> None:
        self._stream = zlib.decompressobj(wbits)
        self._left = budget

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        try:
            while data:
                # One byte more than allowed tells a body that just fits from one that goes on.
                piece = self._stream.decompress(data, self._left + 1)
                self._left -= len(piece)
                pieces.append(piece)
                if self._left < 0:
                    raise OverBudgetError
                data = self._stream.unconsumed_tail
        except zlib.error as error:
            raise UndecodableError(str(error)) from None
        if self._stream.unused_data:
            raise UndecodableError("bytes follow the end of the compressed data")
        return b"".join(pieces)

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableError("the compressed data ends too early")


class _Deflate:
    """HTTP's "deflate" is zlib's format, but some senders leave its frame out (RFC 9110 section 8.4.1.2)."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._stream: _Zlib | None = None

    def feed(self, data: bytes) -> bytes:
        if self._stream is None and data:
            framed = data[0] & 0x0F == zlib.DEFLATED
            self._stream = _Zlib(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS, self._budget)
        return self._stream.feed(data) if self._stream is not None else b""

    def finish(self) -> None:
        if self._stream is None:
            raise UndecodableError("the compressed data is empty")
        self._stream.finish()


class _Brotli:
    def __init__(self, budget: int) -> None:
        self._stream = brotli.Decompressor()
        self._left = budget

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        try:
            while data or not self._stream.can_accept_more_data():
                if self._stream.is_finished():
                    raise UndecodableError("bytes follow the end of the compressed data")
                piece = self._stream.process(data, output_buffer_limit=self._left + 1)
                data = b""
                self._left -= len(piece)
                pieces.append(piece)
                if self._left < 0:
                    raise OverBudgetError
        except brotli.error as error:
            raise UndecodableError(str(error)) from None
        return b"".join(pieces)

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise UndecodableError("the compressed data ends too early")


class _Zstd:
    def __init__(self, budget: int) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
        self._left = budget

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        try:
            for start in range(0, len(data), _ZSTD_PIECE_BYTES):
                if self._stream.eof:
                    raise UndecodableError("bytes follow the end of the compressed data")
                piece = self._stream.decompress(data[start : start + _ZSTD_PIECE_BYTES])
                self._left -= len(piece)
                pieces.append(piece)
                if self._left < 0:
                    raise OverBudgetError
        except zstandard.ZstdError as error:
            raise UndecodableError(str(error)) from None
        if self._stream.unused_data:
            raise UndecodableError("bytes follow the end of the compressed data")
        return b"".join(pieces)

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableError("the compressed data ends too early")


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


def pieces(data: bytes) -> Iterator[bytes]:
    """A whole body cut so that no piece holds the loop for long."""
    return (data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES))
