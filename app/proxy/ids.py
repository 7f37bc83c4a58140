"""Ids of exchanges: sortable by time, unique in a process and very nearly so anywhere."""

from __future__ import annotations

import random


class Ids:
    """Makes ids like UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, a counter, 62 random bits.

    The counter keeps ids of one millisecond in their order. Randomness need not be secret, so no system call is spent.
    """

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 (an id is no secret)
        self._last_ms = 0
        self._count = 0

    def next(self, now_us: int) -> str:
        """A new id, 32 hex digits; greater than every earlier one even if the wall clock went back."""
        now_ms = now_us // 1000
        if now_ms > self._last_ms:
            self._last_ms, self._count = now_ms, 0
        elif self._count < 0xFFF:
            self._count += 1
        else:
            self._last_ms, self._count = self._last_ms + 1, 0
        return f"{self._last_ms:012x}7{self._count:03x}{0x8 << 60 | self._random.getrandbits(62):016x}"
