"""The recorder that the proxy sees: puts events into a queue on the loop's thread and never waits, raises or blocks."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from app.domain.clock import Clock
from app.domain.exchange import ExchangeEnd, ExchangeStart, Move
from app.domain.redact import Redactor
from app.domain.usage import Usage
from app.store import opening
from app.store.intake import Intake
from app.store.masking import Masking
from app.store.opening import Injected, OpenedHistory
from app.store.pricing import PriceOf
from app.store.schema import TooNewError
from app.store.sealing import Sealing
from app.store.writer import Limits, Writer

log = logging.getLogger(__name__)


class History:
    """Implements `domain.recorder.Recorder` over `history.db`."""

    def __init__(  # noqa: PLR0913 (what the other rooms know and this one may not import)
        self,
        path: Path,
        *,
        clock: Clock,
        split: Callable[[str, bytes], Sequence[bytes]],
        texts: Callable[[str, bytes], Sequence[str]],
        price: PriceOf,
        redactor: Callable[[], Redactor],
        budget_bytes: int,
        keep_days: int,
        record_bodies: bool = True,
        sealing: Sealing | None = None,
    ) -> None:
        """`split` and `texts` take a dialect's name; `budget_bytes` and `keep_days` of 0 are no limit.

        `price` is asked in the writer's thread: (vendor, sent model, started_us, prompt tokens, provider).
        """
        self._path = path
        self._clock = clock
        self.sealing = sealing or Sealing()
        self._masking = Masking(redactor)
        self._injected = Injected(
            split, texts, price, self._masking, boot=secrets.token_hex(8), now_us=clock.now_us, sealing=self.sealing
        )
        self._record_bodies = record_bodies
        self._record_rows = True
        self._unlisted: dict[str, ExchangeStart] = {}
        """What runs and shall have no row."""
        self._intake = Intake()
        self._refused = "The history is not open."
        """Why nothing can be recorded at all; empty once it is open."""
        self._writer = Writer(
            self._intake,
            self._reopen,
            texts=texts,
            limits=Limits(budget_bytes, keep_days),
            now_us=clock.now_us,
        )

    def price_by(self, price: PriceOf) -> None:
        """Ask this for prices instead; before `open`."""
        self._injected = dataclasses.replace(self._injected, price=price)

    def open(self) -> tuple[str, ...]:
        """Open or make the file and start the writer; what the user should know, in words. Never raises. Blocks."""
        try:
            notices = opening.prepare(self._path, self._clock.now_us(), self._injected)
        except TooNewError as error:
            self._refused = (
                f"{self._path.name} was written by a newer Patchbay ({error}). It is shown, and nothing is recorded."
            )
        except (sqlite3.Error, OSError) as error:
            log.exception("the history could not be opened")
            self._refused = f"{self._path.name} cannot be opened ({error}). Requests are served, nothing is recorded."
        else:
            self._refused = ""
            self._writer.start()
            return notices
        return (self._refused,)

    def start(self, start: ExchangeStart) -> asyncio.Future[bool]:
        """Commit the `started` row; resolves True once it is, False at once where that cannot be soon."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if not self._record_rows:
            self._unlisted[start.id] = start
            future.set_result(True)
            return future
        if self._refused or not self._intake.start(start, future) or self._writer.stuck():
            future.set_result(False)
        return future

    def moved(self, move: Move) -> asyncio.Future[bool]:
        """Commit where a running exchange is asked now; resolves as `start` does."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self._refused or not self._intake.moved(move, future) or self._writer.stuck():
            future.set_result(False)
        return future

    def progress(self, exchange_id: str, usage: Usage) -> None:
        """Counts so far, kept as an estimate in case no end ever comes."""
        if not self._refused:
            self._intake.progress(exchange_id, usage)

    def finish(self, end: ExchangeEnd) -> None:
        """How the exchange ended; the first one stays."""
        if self._refused:
            self._unlisted.pop(end.id, None)
            return
        unlisted = self._unlisted.pop(end.id, None)
        try:
            if unlisted is not None:
                self._intake.count(unlisted, end)
            else:
                self._intake.finish(end, record_bodies=self._record_bodies)
        except Exception:  # whatever the caller handed over, an answer must not fail for the sake of its record
            log.exception("the end of an exchange could not be taken")

    def on_change(self, callback: Callable[[int], None]) -> None:
        """Call back on the running loop with a new revision number, at most four times a second."""
        self._writer.announcer.subscribe(callback)

    @property
    def revision(self) -> int:
        """Grows with every change of the history."""
        return self._writer.announcer.revision

    @property
    def degraded(self) -> str:
        """Why the record is degraded, in words; empty when it is not."""
        return self._refused or self._writer.ladder.degraded

    @property
    def rows_lost(self) -> int:
        """Exchanges of this run that have no row."""
        return self._intake.rows_shed + self._writer.ladder.rows_lost

    @property
    def bodies_lost(self) -> int:
        """Exchanges of this run whose bodies were not kept for want of room."""
        return self._intake.bodies_shed + self._writer.ladder.bodies_lost

    def settings(
        self,
        *,
        budget_bytes: int,
        keep_days: int,
        record_bodies: bool,
        record_rows: bool = True,
        redaction: Sequence[str] = (),
    ) -> None:
        """Apply what the user set; what runs keeps its row, or goes on without one."""
        self._masking.use(redaction)
        self._record_bodies, self._record_rows = record_bodies, record_rows
        self._writer.limits = Limits(budget_bytes, keep_days)
        self._intake.wake()

    def settle(self, timeout_s: float) -> bool:
        """Wait until everything given so far is written and searchable. Blocks; False when the time is over."""
        return self._writer.settle(timeout_s) if self._writer.is_alive() else False

    def close(self, timeout_s: float) -> None:
        """Write what is there and close the file. Blocks."""
        if self._writer.is_alive() and not self._writer.close(timeout_s):
            log.warning("the history did not close in %s s", timeout_s)

    def _reopen(self, damaged: bool) -> OpenedHistory:  # noqa: FBT001
        return opening.reopen(self._path, self._clock.now_us(), self._injected, damaged=damaged)
