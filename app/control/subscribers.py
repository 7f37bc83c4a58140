"""Who wants to know: plain callbacks, called on the loop, one of which cannot spoil it for the others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

_log = logging.getLogger(__name__)

Told = TypeVar("Told")


class Subscribers(Generic[Told]):
    """A list of callbacks that are told a value."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[Told], None]] = []

    def add(self, callback: Callable[[Told], None]) -> Callable[[], None]:
        """Have `callback` told from now on; the result ends that, and does no harm when called again."""
        self._callbacks.append(callback)

        def remove() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return remove

    def tell(self, value: Told) -> None:
        """Call everyone; an error in one is logged."""
        for callback in tuple(self._callbacks):
            try:
                callback(value)
            except Exception:  # noqa: BLE001 (a view's bug is not the next view's)
                _log.exception("a subscriber failed")
