"""Whole events only: the part of a stream that a client may have before the next chunk comes.

An upstream that dies in the middle of an event leaves half a line. Were it sent on, the error that has to follow would
become a part of it, and clients would report broken JSON instead of a cut answer. So the last, incomplete event waits
for its end. No byte is changed, and none is late: a client could not have used it.
"""

from __future__ import annotations

_BLANK = (b"\n\n", b"\n\r\n", b"\r\r")
"""Ends of a blank line; the second one is that of CRLF as well."""
_LIMIT_BYTES = 256 * 1024


class Held:
    """Splits what came into whole events to send and the rest to hold."""

    __slots__ = ("_pieces", "_seam", "_size", "overflowed")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._seam = b""
        """The last two bytes that are held: a blank line may begin in them."""
        self.overflowed = False
        """An event grew so large that half of it had to go: nothing can be told inside the stream any more."""

    def take(self, chunk: bytes) -> bytes:
        """The bytes that complete events make up, possibly none."""
        if chunk.endswith(b"\n\n") and not self._pieces:
            self.overflowed = False
            return chunk
        if self._pieces:
            self._pieces.append(chunk)
            # A blank line may have been cut apart by the reads.
            seam = self._seam + chunk
            self._seam = seam[-2:]
            if self._cut(seam) == 0:
                return self._keep(len(chunk))
            chunk = b"".join(self._pieces)
        cut = self._cut(chunk)
        if cut == len(chunk):
            self._pieces.clear()
            self._size = 0
            self.overflowed = False
            return chunk
        if cut:
            self.overflowed = False
        self._pieces = [chunk[cut:]]
        self._seam = chunk[cut:][-2:]
        self._size = 0
        return chunk[:cut] + self._keep(len(chunk) - cut)

    def rest(self) -> bytes:
        """What is still held."""
        rest = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return rest

    def _keep(self, size: int) -> bytes:
        self._size += size
        if self._size <= _LIMIT_BYTES:
            return b""
        self.overflowed = True
        return self.rest()

    @staticmethod
    def _cut(data: bytes) -> int:
        """Where the last complete event ends; 0 where there is none."""
        return max(data.rfind(blank) + len(blank) if blank in data else 0 for blank in _BLANK)
