from __future__ import annotations

import asyncio
import time

import pytest

from app.domain.exchange import Filter, State
from app.store import opening, writer
from app.store.intake import Intake
from app.store.ladder import Step
from app.store.queries.reader import HistoryReader
from app.store.writer import Limits, Writer
from tests.fakes.exchanges import NOW_US, end, injected, sides, start, texts


class Rig:
    def __init__(self, path):
        self.intake = Intake()
        self.told = injected()
        self.reader = HistoryReader(path)
        opening.prepare(path, NOW_US, self.told)
        self.batches: list[int] = []
        self.writer = Writer(
            self.intake,
            lambda damaged: self.open(path, damaged),
            texts=texts,
            limits=Limits(0, 0),
            now_us=lambda: NOW_US,
        )

    def open(self, path, damaged):
        opened = opening.reopen(path, NOW_US, self.told, damaged=damaged)
        apply = opened.recording.apply

        def counted(batch):
            apply(batch)
            self.batches.append(len(batch))

        opened.recording.apply = counted
        return opened

    def put(self, number, **values):
        future = asyncio.get_running_loop().create_future()
        self.intake.start(start(number), future)
        self.intake.finish(end(number, **values), record_bodies=True)
        return future


@pytest.fixture
async def rig(tmp_path):
    made = Rig(tmp_path / "history.db")
    yield made
    if made.writer.is_alive():
        assert await asyncio.to_thread(made.writer.close, 10)


async def settle(rig):
    assert await asyncio.to_thread(rig.writer.settle, 10)


async def test_what_waits_goes_into_few_transactions(rig):
    futures = [rig.put(number) for number in range(100)]
    rig.writer.start()
    assert await asyncio.gather(*futures) == [True] * 100
    await settle(rig)
    sizes = [size for size in rig.batches if size]
    assert sum(sizes) == 200
    assert len(sizes) <= 8
    assert rig.reader.count(Filter(states=(State.DONE,))) == 100
    assert rig.intake.depth == 0


async def test_ends_wait_for_company_and_starts_do_not(rig, monkeypatch):
    monkeypatch.setattr(writer, "_LINGER_S", 60.0)
    rig.writer.start()
    for number in range(5):
        assert await rig.put(number)
    assert [size for size in rig.batches if size] == [1] * 5
    await settle(rig)
    assert [size for size in rig.batches if size] == [1] * 5 + [5]


async def test_ends_alone_are_written_when_they_have_waited(rig):
    rig.writer.start()
    await rig.put(1)
    async with asyncio.timeout(10):
        while rig.intake.depth:
            await asyncio.sleep(0.002)
    assert rig.reader.count(Filter(states=(State.DONE,))) == 1


async def test_large_bodies_are_split_over_batches(rig):
    for number in range(8):
        rig.put(number, sides=sides(b"%d" % number * 600_000, b"r"))
    rig.writer.start()
    await settle(rig)
    assert [size for size in rig.batches if size] == [8] + [1] * 8
    assert rig.reader.count(Filter(states=(State.DONE,))) == 8


async def test_an_idle_file_acknowledges_within_a_few_milliseconds(rig):
    rig.writer.start()
    await rig.put(0)
    waited_s = []
    for number in range(1, 100):
        began_s = time.perf_counter()
        await rig.put(number)
        waited_s.append(time.perf_counter() - began_s)
    assert sorted(waited_s)[50] < 0.01


async def test_text_is_indexed_under_a_load_that_never_pauses(rig, monkeypatch):
    monkeypatch.setattr(writer, "_INDEX_IDLE_S", 60.0)
    monkeypatch.setattr(writer, "_INDEX_BUSY_S", 0.05)
    rig.writer.start()
    async with asyncio.timeout(10):
        number = 0
        while rig.reader.count(Filter(search="answer")) == 0:
            number += 1
            await rig.put(number, answer=f"answer {number}")


async def test_a_fault_of_ours_ends_recording_and_not_the_program(rig, monkeypatch, caplog):
    rig.writer.start()
    await rig.put(1)
    await settle(rig)

    def broken(**_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(rig.writer, "_chores", broken)
    rig.put(2)
    await asyncio.to_thread(rig.writer.join, 10)
    assert not rig.writer.is_alive()
    assert rig.writer.stuck()
    assert rig.writer.ladder.step is Step.ROWS
    assert "fault in Patchbay" in rig.writer.ladder.degraded


async def test_tidying_up_that_fails_is_left_for_later(rig, monkeypatch, caplog):
    import sqlite3

    rig.writer.start()
    await rig.put(1)
    await settle(rig)

    def broken(_now_us):
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(rig.writer.ladder.opened.retention, "step", broken)
    rig.writer.limits = Limits(1, 1)
    rig.intake.wake()
    assert await rig.put(2)
    assert rig.writer.is_alive()


async def test_the_price_list_is_loaded_while_nothing_happens(rig, monkeypatch):
    monkeypatch.setattr(writer, "_WARM_AFTER_S", 0.01)
    warmed = []
    rig.told = injected(price=lambda *what: warmed.append(what))
    rig.writer.start()
    async with asyncio.timeout(10):
        while not warmed:
            await asyncio.sleep(0.005)
    assert warmed == [("", "", NOW_US, 0, "")]
