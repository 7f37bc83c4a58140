"""What the data plane expects of whoever keeps the record; the store implements it, tests use a list."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from app.domain.exchange import ExchangeEnd, ExchangeStart, Move
from app.domain.usage import Usage


class Recorder(Protocol):
    """Keeps exchanges. No method raises, blocks or waits for a disk on the caller's thread (the loop's)."""

    def start(self, start: ExchangeStart) -> Awaitable[bool]:
        """Commit the `started` row; resolves True once it is committed, False where the record is degraded.

        The caller awaits it before anything goes upstream and gives up, cancelling it, after 250 ms: serving goes
        before recording.
        """

    def moved(self, move: Move) -> Awaitable[bool]:
        """Commit that the exchange is asked elsewhere now; awaited and given up as a start is."""

    def progress(self, exchange_id: str, usage: Usage) -> None:
        """Counts so far of a running stream, at most every 5 s, so that a killed process leaves an estimate."""

    def finish(self, end: ExchangeEnd) -> None:
        """How the exchange ended; the first one for an id stays."""
