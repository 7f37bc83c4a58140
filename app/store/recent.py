"""A mapping that remembers the latest and forgets the oldest."""

from __future__ import annotations

from itertools import islice
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Recent(dict[_K, _V]):
    """A dict that drops its older half when it holds more than `size`; reading costs what a dict's does."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def __setitem__(self, key: _K, value: _V) -> None:
        super().__setitem__(key, value)
        if len(self) > self._size:
            for old in list(islice(self, self._size // 2)):
                del self[old]
