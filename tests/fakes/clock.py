"""A clock that tests move by hand."""

from __future__ import annotations

NOON_US = 1_795_262_400_000_000
"""2026-11-21 12:00 UTC."""


class HandClock:
    def __init__(self, now_us: int = NOON_US) -> None:
        self.us = now_us
        self.ns = 1_000_000_000_000

    def now_us(self) -> int:
        return self.us

    def monotonic_ns(self) -> int:
        return self.ns

    def forward(self, seconds: float) -> None:
        self.us += int(seconds * 1e6)
        self.ns += int(seconds * 1e9)
