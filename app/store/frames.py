"""zstd frames; each thread keeps its own compressor, because making one costs more than compressing a small text."""

from __future__ import annotations

import threading
from typing import cast

import zstandard

_LEVEL = 3
_mine = threading.local()


def compress(data: bytes) -> bytes:
    """A frame that knows the size of its content."""
    try:
        compressor = cast("zstandard.ZstdCompressor", _mine.compressor)
    except AttributeError:
        compressor = _mine.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return compressor.compress(data)


def decompress(data: bytes) -> bytes:
    """The content of a frame that `compress` made; raises zstandard.ZstdError for anything else."""
    try:
        decompressor = cast("zstandard.ZstdDecompressor", _mine.decompressor)
    except AttributeError:
        decompressor = _mine.decompressor = zstandard.ZstdDecompressor()
    return decompressor.decompress(data)
