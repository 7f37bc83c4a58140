from __future__ import annotations

import asyncio
import threading

import pytest

from app.control.background import Background, in_thread


async def test_blocking_calls_run_in_another_thread():
    assert await in_thread(threading.get_ident) != threading.get_ident()
    assert await in_thread(int, "ff", base=16) == 255
    with pytest.raises(ValueError, match="invalid"):
        await in_thread(int, "x")


async def test_closing_cancels_what_runs_and_waits_for_it():
    background, ended = Background(), []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    task = background.spawn("work", work())
    await asyncio.sleep(0)
    assert task.get_name() == "work"
    await background.close()
    assert ended == ["work"]
    assert not background.tasks


async def test_a_failed_task_is_logged_and_the_others_go_on(caplog):
    background = Background()

    async def fail():
        raise ValueError("broken")

    async def work():
        await asyncio.sleep(0.01)
        return 1

    failed, working = background.spawn("fail", fail()), background.spawn("work", work())
    assert await working == 1
    assert failed.exception()
    assert "fail failed" in caplog.text
