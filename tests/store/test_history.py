from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import stat
import subprocess
import sys
import time

import pytest

from app.domain.exchange import Filter, Side, Sides, State
from app.domain.usage import Usage
from app.store.history import History
from app.store.queries.reader import HistoryReader
from tests.fakes import exchanges
from tests.fakes.clock import HandClock
from tests.fakes.exchanges import end, exchange_id, rows_of, sides, start

MIB = 1024 * 1024


def make(path, **options):
    told = exchanges.injected()
    given = {"split": told.split, "texts": told.texts, "price": told.price, "redactor": told.redactor}
    limits = {"budget_bytes": 0, "keep_days": 0}
    return History(path, clock=HandClock(exchanges.NOW_US), **{**given, **limits, **options})


@pytest.fixture
async def history(tmp_path):
    made = make(tmp_path / "history.db")
    assert await asyncio.to_thread(made.open) == ()
    yield made
    await asyncio.to_thread(made.close, 10)


@pytest.fixture
def reader(tmp_path):
    return HistoryReader(tmp_path / "history.db")


async def until(condition):
    """The loop's own `timeout` of the test is the limit."""
    while not condition():
        await asyncio.sleep(0.005)


async def settled(history):
    assert await asyncio.to_thread(history.settle, 10)


async def test_a_start_is_in_the_file_when_it_is_acknowledged(history, reader):
    assert await history.start(start())
    assert [row.state for row in reader.page(Filter())] == [State.STARTED]


async def test_an_exchange_from_start_to_end(history, reader):
    await history.start(start())
    history.progress(exchange_id(1), Usage(input_tokens=5))
    history.finish(end(sides=sides(b"ask|me", b"reply"), answer="forty-two"))
    await settled(history)
    found = reader.detail(exchange_id(1))
    assert (found.row.state, found.answer, found.client_request.body) == (State.DONE, "forty-two", b"ask|me")
    assert reader.count(Filter(search="forty me")) == 1
    assert (history.degraded, history.rows_lost, history.bodies_lost) == ("", 0, 0)


async def test_many_at_once_all_have_their_rows(history, reader):
    async def exchange(number):
        assert await history.start(start(number))
        history.finish(end(number, sides=sides(b"%d" % number, b"reply")))

    await asyncio.gather(*(exchange(number) for number in range(300)))
    await settled(history)
    assert {row.state for row in rows_of(reader)} == {State.DONE}
    assert reader.count(Filter()) == 300


async def test_changes_are_announced_with_the_number_that_was_reached(history):
    heard: list[int] = []
    history.on_change(heard.append)
    for number in range(20):
        await history.start(start(number))
        history.finish(end(number))
    await settled(history)
    await until(lambda: heard and heard[-1] == history.revision)
    assert heard == sorted(set(heard))
    assert len(heard) < history.revision


async def test_nothing_of_the_contents_is_kept_where_that_is_not_wanted(history, reader):
    history.settings(budget_bytes=0, keep_days=0, record_bodies=False)
    await history.start(start())
    history.finish(end(sides=sides(b"private", b"reply"), answer="private"))
    await settled(history)
    found = reader.detail(exchange_id(1))
    assert (found.client_request.size_bytes, found.client_request.body, found.answer) == (7, b"", "")
    assert found.client_request.line == "POST /v1/messages"
    assert found.row.usage == exchanges.USAGE
    assert reader.count(Filter(search="private")) == 0


async def test_a_budget_that_is_set_later_is_kept(tmp_path, reader):
    history = make(tmp_path / "history.db", texts=lambda _dialect, _piece: ())
    await asyncio.to_thread(history.open)
    for number in range(1, 21):
        await history.start(start(number))
        history.finish(end(number, sides=sides(os.urandom(200_000).replace(b"|", b"!"), b"reply")))
        await settled(history)
    history.settings(budget_bytes=2 * MIB, keep_days=0, record_bodies=True)
    await settled(history)
    assert reader.detail(exchange_id(1)).client_request.dropped
    assert not reader.detail(exchange_id(20)).client_request.dropped
    assert reader.count(Filter()) == 20
    await asyncio.to_thread(history.close, 10)


async def test_files_are_for_the_user_alone(history, tmp_path):
    await history.start(start())
    assert {stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()} == {0o600}


async def test_an_end_that_makes_no_sense_does_not_reach_the_caller(history, caplog):
    await history.start(start())
    history.finish(end(sides=Sides(client_request=Side(body=(5,)))))
    assert "could not be taken" in caplog.text


async def test_before_it_is_open_and_after_it_is_closed_nothing_waits(tmp_path):
    history = make(tmp_path / "history.db")
    assert await history.start(start()) is False
    history.finish(end())
    assert history.degraded == "The history is not open."
    assert history.settle(1) is False
    history.close(1)


async def test_a_history_of_a_newer_version_is_shown_and_not_written(history, tmp_path, reader):
    await history.start(start())
    await asyncio.to_thread(history.close, 10)
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    newer = make(tmp_path / "history.db")
    (notice,) = await asyncio.to_thread(newer.open)
    assert "newer Patchbay" in notice
    assert newer.degraded == notice
    assert await newer.start(start(2)) is False
    newer.finish(end(2))
    assert [row.id for row in reader.page(Filter())] == [exchange_id(1)]


@pytest.mark.parametrize("spoil", ["garbage", "folder", "empty with log"])
async def test_whatever_the_file_is_the_program_starts_and_records(tmp_path, reader, spoil):
    path = tmp_path / "history.db"
    if spoil == "garbage":
        path.write_bytes(os.urandom(20_000))
    elif spoil == "folder":
        path.mkdir()
    else:
        path.touch()
        (tmp_path / "history.db-wal").write_bytes(os.urandom(5_000))
    history = make(path)
    (notice,) = await asyncio.to_thread(history.open)
    assert "history.corrupt-" in notice
    assert await history.start(start())
    assert reader.count(Filter()) == 1
    await asyncio.to_thread(history.close, 10)


async def test_a_folder_that_cannot_be_used_degrades_and_says_so(tmp_path):
    (tmp_path / "file").touch()
    history = make(tmp_path / "file" / "history.db")
    (notice,) = await asyncio.to_thread(history.open)
    assert "nothing is recorded" in notice
    assert await history.start(start()) is False


async def test_another_program_that_holds_the_lock_delays_nobody_and_loses_nothing(history, reader, tmp_path):
    await history.start(start(0))
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    history.start(start(1))
    await until(history._writer.stuck)
    waited_s = []
    for number in range(2, 60):
        began_s = time.perf_counter()
        assert await history.start(start(number)) is False
        waited_s.append(time.perf_counter() - began_s)
        history.finish(end(number, sides=sides(b"%d" % number, b"reply")))
    assert max(waited_s) < 0.1
    other.execute("ROLLBACK")
    other.close()
    await settled(history)
    states = [row.state for row in rows_of(reader)]
    assert states == [State.STARTED] * 2 + [State.DONE] * 58
    assert reader.detail(exchange_id(59)).client_request.body == b"59"
    assert history.degraded == ""


@contextlib.contextmanager
def small_files(limit_bytes):
    """Every file of this process may grow to so many bytes: as on a full disk, a write fails."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit for the size of a file")
async def test_a_full_disk_loses_bodies_first_and_heals_within_two_seconds(history, reader, tmp_path):
    await history.start(start(0))
    used = (tmp_path / "history.db-wal").stat().st_size
    with small_files(used + 40_000):
        for number in range(1, 30):
            history.start(start(number))
            history.finish(end(number, sides=sides(os.urandom(30_000).replace(b"|", b"!"), b"reply")))
        await until(lambda: history.degraded and history.bodies_lost)
    began_s = time.monotonic()
    await settled(history)
    number = 1_000
    while history.degraded:
        number += 1
        await history.start(start(number))
        await asyncio.sleep(0.02)
    assert time.monotonic() - began_s < 2.5
    rows = [row for row in rows_of(reader) if int(row.id, 16) < 30]
    assert [row.state for row in rows] == [State.STARTED] + [State.DONE] * 29
    dropped = sum(reader.detail(row.id).client_request.dropped for row in rows[1:])
    assert dropped == history.bodies_lost > 0
    assert history.rows_lost == 0


async def test_closing_writes_what_is_there(history, reader):
    futures = [history.start(start(number)) for number in range(50)]
    for number in range(50):
        history.finish(end(number))
    await asyncio.to_thread(history.close, 10)
    assert reader.count(Filter(states=(State.DONE,))) == 50
    assert [await future for future in futures] == [True] * 50
    assert not (reader._path.parent / "history.db-wal").exists()


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.store.test_history import make
from tests.fakes.exchanges import end, sides, start

async def main():
    history = make(Path(sys.argv[1]))
    history.open()
    first = int(sys.argv[2])

    async def client(lane):
        for number in range(first + lane, first + 100_000, 20):
            if await history.start(start(number)):
                print(number, flush=True)
            history.finish(end(number, sides=sides(b"hello|%d" % number, b"reply"), answer=f"answer {number}"))

    await asyncio.gather(*(client(lane) for lane in range(20)))

asyncio.Runner().run(main())
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_process_loses_no_acknowledged_row(tmp_path, root, seed):
    path = tmp_path / "history.db"
    chance = random.Random(seed)
    acknowledged: set[int] = set()
    for run in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path), str(run * 1_000_000)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout.readline()  # it has begun
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(chance.uniform(0.01, 0.4))
        child.kill()
        acknowledged |= {int(line) for line in child.stdout.read().split(b"\n")[:-1]}
        child.stdout.close()
        child.wait()
    history = make(path)
    assert history.open() == ()
    history.close(10)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    rows = rows_of(HistoryReader(path))
    assert len(acknowledged) > 20
    assert acknowledged <= {int(row.id, 16) for row in rows}
    assert {row.state for row in rows} <= {State.DONE, State.INTERRUPTED}
