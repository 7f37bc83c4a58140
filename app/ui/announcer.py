"""Decides what is told beside the tray icon while nobody looks at the window: little, and never the same twice soon."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from app.domain.status import Notice, Severity

AGAIN_S = 600.0
COMPLAINTS_S = 60.0
MOST_MESSAGES = 5
MESSAGES_S = 10.0
"""At most so many messages in so long; the last of them says how many more there were."""
REST = "more-errors"


class Announcer:
    """Remembers what was told when; pure but for the clock."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._told_s: dict[str, float] = {}
        self._messages_s: deque[float] = deque(maxlen=MOST_MESSAGES)
        self._untold = 0

    def news(self, notices: tuple[Notice, ...], *, seen: bool) -> list[Notice]:
        """The errors among the notices that are to be told now; `seen`: the window shows them already.

        One that is seen, or told, is not told again within ten minutes, whatever its text. A flood is a few messages
        and a count.
        """
        errors = [notice for notice in notices if notice.severity is Severity.ERROR and not notice.quiet]
        due = [notice for notice in errors if self._due(notice.id, AGAIN_S) and not seen]
        if seen:
            self._untold = 0
        room = self._room()
        told = due if len(due) + bool(self._untold) <= room else due[: max(0, room - 1)]
        self._untold += len(due) - len(told)
        if self._untold and room:
            told = [*told, _rest(self._untold)]
            self._untold = 0
        self._messages_s.extend(self._clock_s() for _ in told)
        return told

    def may_complain(self) -> bool:
        """Whether one more failed command may be told: one a minute, and none in a flood."""
        if not self._room() or not self._due("\0complaint", COMPLAINTS_S):
            return False
        self._messages_s.append(self._clock_s())
        return True

    def _room(self) -> int:
        """How many messages may be told now."""
        now_s = self._clock_s()
        return MOST_MESSAGES - sum(now_s - told_s < MESSAGES_S for told_s in self._messages_s)

    def _due(self, key: str, again_s: float) -> bool:
        now_s = self._clock_s()
        due = now_s - self._told_s.get(key, -again_s) >= again_s
        if due:
            self._told_s[key] = now_s
        return due


def _rest(count: int) -> Notice:
    text = "1 more error" if count == 1 else f"{count:,} more errors"
    return Notice(REST, Severity.ERROR, f"{text}; open the window to see what is wrong")
