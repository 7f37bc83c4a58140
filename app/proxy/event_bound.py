"""How long one event of a stream may be, measured without reading any: half of one is all that must ever be held."""

from __future__ import annotations

_BLANK = (b"\n\n", b"\r\n\r\n", b"\r\r")
_SEAM_BYTES = 3


class EventBound:
    """Measures the events of one stream of server-sent events as it goes by."""

    __slots__ = ("_most", "_open", "_seam")

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._open = 0
        """How much of an event came whose end has not."""
        self._seam = b""
        """The last bytes before: a blank line may be cut apart."""

    def keeps(self, data: bytes) -> bool:
        """Whether no event is too long after these bytes; its line ends and blank line count with it."""
        joined = self._seam + data
        self._seam = joined[-_SEAM_BYTES:]
        first, last = _blank_lines(joined)
        if first < 0:
            self._open += len(data)
            return self._open <= self._most
        if self._open + first > self._most:
            return False
        self._open = len(joined) - last
        return self._open <= self._most and (len(data) <= self._most or _longest(data) <= self._most)


def _blank_lines(data: bytes) -> tuple[int, int]:
    """Where the first of them is, and where the last; -1 where there is none."""
    if b"\r" not in data:  # nearly every stream: one search from each end instead of three
        return data.find(b"\n\n"), data.rfind(b"\n\n")
    return min((at for at in map(data.find, _BLANK) if at >= 0), default=-1), max(map(data.rfind, _BLANK))


def _longest(data: bytes) -> int:
    return max(map(len, data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n")))
