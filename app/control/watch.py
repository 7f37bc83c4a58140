"""Once a second: did someone else change a file of ours? Cheap looks on the loop, everything else where it belongs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

_log = logging.getLogger(__name__)

EVERY_S = 1.0

Stamp = tuple[int, int] | None


class Watch:
    """Calls what is registered for a file when its time or size changed, and what is registered for every turn."""

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._files: list[tuple[tuple[Path, ...], Callable[[], Awaitable[None]]]] = []
        self._turns: list[tuple[int, Callable[[], object]]] = []
        self._stamps: dict[Path, Stamp] = {}
        self._looking = asyncio.Lock()

    def file(self, changed: Callable[[], Awaitable[None]], *paths: Path) -> None:
        """Await `changed()` when any of these files changed, came or went."""
        self._files.append((paths, changed))
        self._stamps.update({path: _stamp(path) for path in paths})

    def every(self, turns: int, call: Callable[[], object]) -> None:
        """Call `call()` each so many turns."""
        self._turns.append((turns, call))

    async def run(self) -> None:
        """Watch until cancelled; an error in what is called is logged and the watch goes on."""
        turn = 0
        while True:
            await asyncio.sleep(self._every_s)
            turn += 1
            try:
                await self.look()
                for turns, call in self._turns:
                    if turn % turns == 0:
                        call()
            except Exception:  # noqa: BLE001 (a watch that ended silently would be worse than any one error)
                _log.exception("a look at our files failed")

    async def look(self) -> None:
        """One look at the files; what had changed is taken over when it ends."""
        async with self._looking:
            for paths, changed in self._files:
                stamps = {path: _stamp(path) for path in paths}
                if any(self._stamps[path] != stamp for path, stamp in stamps.items()):
                    self._stamps.update(stamps)
                    await changed()


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
