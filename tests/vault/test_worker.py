from __future__ import annotations

import asyncio
import threading

import pytest

from app.vault.worker import Stuck, Worker


async def test_calls_run_in_one_daemon_thread_in_order():
    worker, seen = Worker("test-worker"), []

    def note(value):
        seen.append((value, threading.current_thread().name, threading.current_thread().daemon))
        return value

    assert await asyncio.gather(*(worker.call(lambda value=value: note(value), 1.0) for value in range(3))) == [0, 1, 2]
    assert seen == [(0, "test-worker", True), (1, "test-worker", True), (2, "test-worker", True)]
    worker.close()


async def test_what_a_call_raises_arrives():
    worker = Worker("test-worker")
    with pytest.raises(KeyError):
        await worker.call(lambda: {}["absent"], 1.0)
    worker.close()


async def test_jobs_behind_a_stuck_one_are_served_by_a_new_thread():
    worker, release = Worker("test-worker"), threading.Event()
    stuck = asyncio.get_running_loop().create_task(worker.call(release.wait, 0.1), name="stuck")
    behind = asyncio.get_running_loop().create_task(worker.call(lambda: "served", 5.0), name="behind")
    with pytest.raises(Stuck):
        await stuck
    assert await behind == "served"
    release.set()
    worker.close()


async def test_a_cancelled_caller_does_not_hide_that_the_thread_is_stuck():
    worker, started, release = Worker("test-worker"), threading.Event(), threading.Event()
    call = worker.call(lambda: started.set() or release.wait(), 60.0)
    first = asyncio.get_running_loop().create_task(call, name="first")
    await asyncio.to_thread(started.wait)
    first.cancel()
    with pytest.raises(Stuck):
        await worker.call(lambda: None, 0.1)
    assert await worker.call(lambda: "served", 5.0) == "served"
    release.set()
    worker.close()


async def test_stuck_threads_are_bounded():
    worker, release = Worker("test-bounded"), threading.Event()
    for _ in range(6):
        with pytest.raises(Stuck):
            await worker.call(release.wait, 0.01)
    assert sum(thread.name == "test-bounded" for thread in threading.enumerate()) <= 5
    release.set()
    worker.close()


async def test_a_closed_worker_begins_anew():
    worker = Worker("test-worker")
    worker.close()
    assert await worker.call(lambda: "a new thread", 1.0) == "a new thread"
    worker.close()
