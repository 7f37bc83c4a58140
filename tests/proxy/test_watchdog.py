from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from app.domain.settings import Limits
from app.proxy.watchdog import Watchdog
from tests.fakes.rig import QUICK, SystemClock


@pytest.fixture
async def dog():
    made = Watchdog(SystemClock(), asyncio.get_running_loop())
    made.tick_s = 0.01
    yield made
    made.close()


def start(coroutine):
    return asyncio.get_running_loop().create_task(coroutine, name="watched")


async def test_a_wait_over_its_limit_is_broken_and_the_task_goes_on(dog):
    async def work():
        watch = dog.watch()
        try:
            watch.wait(0.05)
            with pytest.raises(asyncio.CancelledError):
                await asyncio.Event().wait()
            assert watch.overdue()
            assert not watch.overdue()
            await asyncio.sleep(0.02)  # a rest without a limit
            return "went on"
        finally:
            dog.forget(watch)

    began = time.monotonic()
    assert await start(work()) == "went on"
    assert 0.04 < time.monotonic() - began < 1


async def test_a_cancellation_from_outside_is_not_ours(dog):
    seen = []

    async def work():
        watch = dog.watch()
        watch.wait(10)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append(watch.overdue())
            raise
        finally:
            dog.forget(watch)

    task = start(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [False]


async def test_both_at_once_is_an_end(dog):
    seen = []

    async def work():
        watch = dog.watch()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append(watch.overdue())
            raise
        finally:
            dog.forget(watch)

    task = start(work())
    await asyncio.sleep(0)
    (watch,) = dog._watches
    watch.fire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [False]


async def test_idle_waits_for_the_last(dog):
    assert await dog.idle(0)

    async def work(seconds):
        watch = dog.watch()
        try:
            await asyncio.sleep(seconds)
        finally:
            dog.forget(watch)

    tasks = [start(work(0.02)), start(work(0.05))]
    await asyncio.sleep(0)
    assert not await dog.idle(0.001)
    assert await dog.idle(2)
    await asyncio.wait(tasks)


async def test_cancel_ends_everything_for_good(dog):
    async def work():
        watch = dog.watch()
        watch.wait(10)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            assert not watch.overdue()
            raise
        finally:
            dog.forget(watch)

    task = start(work())
    await asyncio.sleep(0)
    dog.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nothing_ticks_while_nothing_runs(dog):
    async def work():
        dog.forget(dog.watch())

    await start(work())
    await asyncio.sleep(0.05)
    assert dog._timer is None


@pytest.mark.parametrize(
    ("limits", "tick"), [(Limits(), 0.05), (replace(QUICK, idle_s=0.4), 0.04), (replace(QUICK, idle_s=0.001), 0.01)]
)
async def test_it_sweeps_often_enough_for_the_shortest_limit(dog, limits, tick):
    dog.pace(limits)
    assert dog.tick_s == pytest.approx(tick)


def test_only_a_task_can_be_watched(event_loop_of_session):
    with pytest.raises(RuntimeError):
        Watchdog(SystemClock(), event_loop_of_session).watch()
