"""The revision number of the history, told to the loop at most four times a second."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress

EVERY_S = 0.25

Callback = Callable[[int], None]


class Announcer:
    """Counts changes; the loop subscribes, the writer's thread counts and announces."""

    def __init__(self) -> None:
        self.revision = 0
        self._told = 0
        self._told_at_s = -math.inf
        self._listeners: list[tuple[asyncio.AbstractEventLoop, Callback]] = []

    def subscribe(self, callback: Callback) -> None:
        """Call back on the running loop with each new revision number. Loop's thread."""
        self._listeners.append((asyncio.get_running_loop(), callback))

    def changed(self) -> None:
        """The history is not what it was."""
        self.revision += 1

    def due_in_s(self, now_s: float) -> float:
        """When there is something to tell; infinite where there is nothing."""
        return math.inf if self.revision == self._told else max(self._told_at_s + EVERY_S - now_s, 0.0)

    def announce(self) -> None:
        """Tell the number where one is due."""
        now_s = time.monotonic()
        if self.due_in_s(now_s) > 0:
            return
        self._told, self._told_at_s = self.revision, now_s
        for loop, callback in self._listeners:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(callback, self._told)
