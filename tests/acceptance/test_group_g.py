"""Group G: the record of the running program, whatever happens to its process, its disk and its file."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import sqlite3
import sys
import time

import pytest

from app.domain.exchange import Filter, State
from app.store.queries.reader import HistoryReader
from tests.acceptance.program import QUICK, elapsed, providers, started, toml
from tests.e2e.program import base_environment, configure, launched
from tests.fakes import exchanges
from tests.fakes.scripted import Scripted, whole
from tests.fakes.wires import ANTHROPIC

HEADLESS = ("--headless", "--port", "0")
KILLS = 6
CLIENTS = 50


@pytest.fixture
async def upstream():
    made = await Scripted(whole(ANTHROPIC.whole())).start()
    yield made
    await made.hang_up()
    await made.stop()


@pytest.fixture
def data(tmp_path, upstream):
    folder = tmp_path / "data"
    configure(folder, toml(QUICK, providers(upstream.url)))
    return folder


def rows_of(folder):
    return tuple(exchanges.rows_of(HistoryReader(folder / "history.db")))


def whole_file(folder):
    connection = sqlite3.connect(folder / "history.db")
    found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return found == [("ok",)]


async def test_g01_a_request_is_in_the_file_before_the_upstream_sees_it():
    async with started() as p:
        states = []

        async def look(line, seen):
            states.append([row.state for row in await asyncio.to_thread(p.page)])
            await whole(ANTHROPIC.whole())(line, seen)

        p.upstream.script = whole(ANTHROPIC.whole())
        assert (await p.chat(ANTHROPIC)).status == 200
        assert (await p.row()).state is State.DONE
        p.upstream.script = look
        assert (await p.chat(ANTHROPIC)).status == 200
        assert states == [[State.STARTED]]
        assert (await p.row()).state is State.DONE
        await p.hang_up()


@pytest.mark.time_limit(110)
async def test_g02_g04_a_killed_program_has_a_row_for_every_request_that_went_out(data, upstream):
    chance = random.Random(20)

    async def slow(line, seen):
        await line.delay(chance.random() / 2)
        await whole(ANTHROPIC.whole())(line, seen)

    upstream.script = slow
    for _ in range(KILLS):
        async with launched(data, *HEADLESS, environment=base_environment()) as program:

            async def client(program=program):
                with contextlib.suppress(Exception):
                    while True:
                        await program.ask("model-a")

            loop = asyncio.get_running_loop()
            clients = [loop.create_task(client(), name=f"client {number}") for number in range(CLIENTS)]
            await asyncio.sleep(chance.uniform(0.1, 0.8))
            program.process.kill()
            await program.process.wait()
            await asyncio.gather(*clients, return_exceptions=True)
        await upstream.hang_up()
        assert len(rows_of(data)) >= len(upstream.seen)
        assert whole_file(data)
    assert upstream.seen
    began = time.monotonic()
    async with launched(data, *HEADLESS, environment=base_environment()) as program:
        assert elapsed(began) < 6
        rows = rows_of(data)
        assert not [row for row in rows if row.state is State.STARTED]
        assert [row for row in rows if row.state is State.INTERRUPTED]
        assert HistoryReader(data / "history.db").totals(Filter()).exchanges == len(rows)
        assert "interrupted" in (await program.command("export", "--out", "-")).out


def says_that_rows_are_missing(notice):
    return "not recorded" in notice["text"] or "without" in notice["text"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux changes another process's limits")
@pytest.mark.time_limit(60)
async def test_g05_a_full_disk_costs_no_answer_and_ends_by_itself():
    async with started() as p:
        p.upstream.script = whole(ANTHROPIC.whole())
        assert (await p.chat(ANTHROPIC)).status == 200
        await p.row()
        pid = p.running.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, before[1]))
        statuses = [(await p.chat(ANTHROPIC)).status for _ in range(30)]
        await p.running.status(
            lambda now: now["recorder_degraded"] and any(map(says_that_rows_are_missing, now["notices"]))
        )
        statuses += [(await p.chat(ANTHROPIC)).status for _ in range(30)]
        assert set(statuses) == {200}
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        await p.running.status(lambda now: not now["recorder_degraded"])
        assert (await p.chat(ANTHROPIC)).status == 200
        rows = await p.rows(61, 15)
        assert {row.state for row in rows} == {State.DONE}
        assert whole_file(p.data_dir)
        await p.hang_up()


@pytest.mark.time_limit(60)
async def test_g07_a_locked_history_slows_nothing_and_loses_nothing():
    async with started() as p:
        p.upstream.script = whole(ANTHROPIC.whole())
        assert (await p.chat(ANTHROPIC)).status == 200
        await p.row()
        other = sqlite3.connect(p.data_dir / "history.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        took = []
        held = time.monotonic()
        while elapsed(held) < 4:
            began = time.monotonic()
            assert (await p.chat(ANTHROPIC)).status == 200
            took.append(elapsed(began))
            await asyncio.sleep(0.02)  # the queue holds two thousand events; what is beyond has no row
        other.execute("ROLLBACK")
        other.close()
        assert sorted(took)[len(took) * 95 // 100] < 0.4
        rows = await p.rows(len(took), 10)
        assert len({row.id for row in rows}) == len(took)
        assert {row.state for row in rows} == {State.DONE}
        await p.hang_up()


def flipped(path):
    content = bytearray(path.read_bytes())
    for at in range(4096, len(content), 4096):
        content[at : at + 200] = bytes(byte ^ 0xFF for byte in content[at : at + 200])
    path.write_bytes(content)


DAMAGES = {
    "garbage": lambda path: path.write_bytes(b"garbage" * 5_000),
    "flipped pages": flipped,
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a foreign log": lambda path: (path.unlink(), path.with_name("history.db-wal").write_bytes(b"foreign" * 1_000)),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_g09_a_damaged_history_is_kept_aside_and_the_program_serves(data, damage):
    async with launched(data, *HEADLESS, environment=base_environment()) as program:
        for _ in range(5):
            assert (await program.ask("model-a"))[0] == 200
        await program.rows(5)
        program.process.terminate()
        await program.ended()
    DAMAGES[damage](data / "history.db")
    async with launched(data, *HEADLESS, environment=base_environment()) as program:
        assert (await program.ask("model-a"))[0] == 200
        assert len(await program.rows(1)) == 1
        told = await program.status()
        assert any("was kept as history.corrupt-" in notice["text"] for notice in told["notices"])
        assert [one["name"] for one in told["providers"]] == ["A", "C"]
    assert list(data.glob("history.corrupt-*"))


async def test_g11_a_newer_history_is_shown_and_left_alone(data):
    async with launched(data, *HEADLESS, environment=base_environment()) as program:
        assert (await program.ask("model-a"))[0] == 200
        await program.rows(1)
        program.process.terminate()
        await program.ended()
    connection = sqlite3.connect(data / "history.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (data / "history.db").read_bytes()
    async with launched(data, *HEADLESS, environment=base_environment()) as program:
        assert (await program.ask("model-a"))[0] == 200
        told = await program.status()
        assert told["recorder_degraded"]
        assert any("newer Patchbay" in notice["text"] for notice in told["notices"])
        assert len(rows_of(data)) == 1
    assert (data / "history.db").read_bytes() == before
