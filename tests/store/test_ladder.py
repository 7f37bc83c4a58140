from __future__ import annotations

import sqlite3

import pytest

from app.domain.exchange import Side, Sides, State
from app.store import opening
from app.store.intake import Ended, Started
from app.store.ladder import Ladder, Step
from app.store.queries.reader import HistoryReader
from tests.fakes.exchanges import NOW_US, end, exchange_id, injected, rows_of, sides, start
from tests.store.conftest import NOBODY


class Rig:
    """A ladder over a file whose troubles the test makes."""

    def __init__(self, path):
        self.path = path
        self.now_s = 0.0
        self.done = [0, 0]
        self.opened = 0
        self.told = injected()
        opening.prepare(path, NOW_US, self.told)
        self.reader = HistoryReader(path)
        self.ladder = Ladder(self.reopen, done=self.count, clock_s=lambda: self.now_s)

    def reopen(self, damaged):
        self.opened += 1
        return opening.reopen(self.path, NOW_US, self.told, damaged=damaged)

    def count(self, events, body_bytes):
        self.done = [self.done[0] + events, self.done[1] + body_bytes]

    def write(self, *numbers, size=0):
        events = []
        for number in numbers:
            body = bytes(f"{number} ", "ascii") + b"%d" % number * size
            events += [Started(start(number), NOBODY), Ended(end(number, sides=sides(body, b"r")), len(body) + 1)]
        return self.ladder.write(events)

    def pages(self, more):
        connection = self.ladder.opened.recording.connection
        (now,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {now + more}")

    def states(self):
        return [row.state for row in rows_of(self.reader)]


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "history.db")
    made.ladder.open()
    made.ladder.opened.recording.connection.execute("PRAGMA busy_timeout = 50")
    yield made
    made.ladder.close()


def test_a_healthy_file_takes_everything(rig):
    assert rig.write(1, 2)
    assert rig.done == [4, 6]
    assert (rig.ladder.step, rig.ladder.degraded) == (Step.HEALTHY, "")


def test_on_a_full_disk_rows_go_on_without_their_bodies(rig):
    import os

    rig.write(1)
    rig.pages(8)
    noise = os.urandom(100_000)
    events = [Started(start(2), NOBODY), Ended(end(2, sides=sides(noise, b"r")), 100_001)]
    assert rig.ladder.write(events)
    assert rig.ladder.step is Step.BODIES
    assert rig.ladder.degraded.startswith("The disk is full: requests are recorded without their contents")
    assert rig.ladder.bodies_lost == 1
    found = rig.reader.detail(exchange_id(2)).client_request
    assert (found.size_bytes, found.dropped) == (100_000, True)
    assert rig.done == [4, 3 + 100_001]


def fill_up(rig):
    """Not even a row fits."""
    rig.pages(0)
    connection = rig.ladder.opened.recording.connection
    connection.execute("BEGIN")
    rows = ((number, 0) for number in range(10_000))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        connection.executemany("INSERT INTO link VALUES (?, ?)", rows)
    if connection.in_transaction:
        connection.execute("COMMIT")
    return connection


def test_when_nothing_fits_events_wait_and_come_in_once_there_is_room(rig):
    rig.write(1)
    connection = fill_up(rig)
    number = 2
    while rig.ladder.step is not Step.ROWS:
        rig.write(number, size=200)
        number += 1
    assert "nothing is recorded" in rig.ladder.degraded
    waiting = len(rig.ladder.backlog)
    assert waiting >= 2
    assert not rig.write(number, number + 1)
    assert len(rig.ladder.backlog) == waiting + 4
    rig.pages(1_000)
    rig.now_s += 0.5
    assert not rig.write()
    rig.now_s += 0.5
    assert rig.ladder.write([])
    assert rig.ladder.backlog == []
    rig.now_s += 1
    assert rig.write(number + 2)
    assert (rig.ladder.step, rig.ladder.degraded) == (Step.HEALTHY, "")
    assert rig.states() == [State.DONE] * (number + 2)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_bodies_are_tried_again_after_a_while(rig):
    import os

    rig.write(1)
    rig.pages(8)
    noise = os.urandom(100_000)
    rig.ladder.write([Started(start(2), NOBODY), Ended(end(2, sides=sides(noise, b"r")), 100_001)])
    rig.pages(1_000)
    assert rig.write(3)
    assert rig.reader.detail(exchange_id(3)).client_request.dropped
    rig.now_s += 1
    assert rig.write(4)
    assert not rig.reader.detail(exchange_id(4)).client_request.dropped
    assert rig.ladder.step is Step.HEALTHY
    assert rig.ladder.bodies_lost == 2


def test_a_lock_keeps_events_waiting_with_their_bodies(rig):
    rig.write(1)
    other = sqlite3.connect(rig.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not rig.write(2)
    assert rig.ladder.step is Step.ROWS
    assert rig.ladder.degraded.startswith("Another program holds the history locked")
    other.execute("ROLLBACK")
    other.close()
    rig.now_s += 1
    assert rig.write(3)
    assert rig.states() == [State.DONE] * 3
    assert rig.reader.detail(exchange_id(2)).client_request.body == b"2 "
    assert (rig.ladder.bodies_lost, rig.ladder.rows_lost) == (0, 0)


def test_an_event_that_no_database_takes_costs_only_itself(rig, caplog):
    rig.write(1)
    again = Started(start(1), NOBODY)
    assert rig.ladder.write([Started(start(2), NOBODY), again, Ended(end(2), 0), Started(start(3), NOBODY)])
    assert rig.states() == [State.DONE, State.DONE, State.STARTED]
    assert rig.ladder.rows_lost == 1
    assert rig.ladder.step is Step.HEALTHY
    assert "could not be stored" in caplog.text


def test_an_end_that_cannot_be_stored_whole_still_ends_its_row(rig, caplog):
    odd = Sides(client_request=Side(headers=(("x", 5),), body=(b"ask",)))
    assert rig.ladder.write([Started(start(1), NOBODY), Ended(end(1, sides=odd), 3), Started(start(2), NOBODY)])
    assert rig.states() == [State.DONE, State.STARTED]
    assert rig.reader.detail(exchange_id(1)).row.usage.input_tokens == 1_000
    assert (rig.ladder.bodies_lost, rig.ladder.rows_lost) == (1, 0)
    assert rig.done == [3, 3]


def test_a_damaged_file_is_moved_aside_and_what_runs_goes_on_in_a_new_one(rig):
    rig.write(1)
    rig.ladder.write([Started(start(2), NOBODY)])
    connection = rig.ladder.opened.recording.connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(rig.path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    rig.path.write_bytes(data)
    connection.execute("PRAGMA shrink_memory")
    assert rig.ladder.write([Ended(end(2), 0), Started(start(3), NOBODY)])
    assert rig.states() == [State.DONE, State.STARTED]
    assert "kept beside a new one" in rig.ladder.degraded
    assert len(list(rig.path.parent.glob("history.corrupt-*.db"))) == 1


def test_a_file_that_cannot_be_written_is_opened_anew(rig, monkeypatch):
    rig.write(1)
    rig.ladder.write([Started(start(2), NOBODY)])

    def broken(_events):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(rig.ladder.opened.recording, "apply", broken)
    assert not rig.write(3)
    assert rig.ladder.degraded.startswith("The history cannot be written: nothing is recorded")
    rig.now_s += 1
    assert rig.ladder.write([Ended(end(2), 0)])
    assert rig.states() == [State.DONE] * 3
    assert rig.opened == 2


def test_a_file_that_cannot_be_opened_is_tried_again(tmp_path):
    rig = Rig(tmp_path / "history.db")
    rig.path.unlink()
    rig.path.mkdir()
    rig.ladder.open()
    assert rig.ladder.step is Step.ROWS
    assert not rig.write(1)
    rig.path.rmdir()
    rig.now_s += 1
    assert rig.ladder.write([])
    assert rig.states() == [State.DONE]
    rig.ladder.close()
