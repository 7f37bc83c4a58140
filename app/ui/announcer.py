"""Decides what is told beside the tray icon while nobody looks at the window: little, and never the same twice soon."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.domain.status import Notice, Severity

AGAIN_S = 600.0
COMPLAINTS_S = 60.0


class Announcer:
    """Remembers what was told when; pure but for the clock."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._told_s: dict[str, float] = {}

    def news(self, notices: tuple[Notice, ...], *, seen: bool) -> list[Notice]:
        """The errors among the notices that are to be told now; `seen`: the window shows them already.

        One that is seen, or told, is not told again within ten minutes, whatever its text.
        """
        errors = [notice for notice in notices if notice.severity is Severity.ERROR]
        return [notice for notice in errors if self._due(notice.id, AGAIN_S) and not seen]

    def may_complain(self) -> bool:
        """Whether one more failed command may be told: one a minute."""
        return self._due("\0complaint", COMPLAINTS_S)

    def _due(self, key: str, again_s: float) -> bool:
        now_s = self._clock_s()
        due = now_s - self._told_s.get(key, -again_s) >= again_s
        if due:
            self._told_s[key] = now_s
        return due
