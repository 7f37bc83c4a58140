from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
import time

import pytest
from PySide6 import QtCore

from app import loop as loops
from app.loop import LagWatch, LoopErrors, run, run_headless

RUNNERS = [run, run_headless]


@pytest.fixture(autouse=True)
def short_graces(monkeypatch):
    monkeypatch.setattr(loops, "CANCEL_GRACE_S", 0.2)
    monkeypatch.setattr(loops, "THREAD_GRACE_S", 0.2)


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_result_comes_back_and_what_still_runs_is_ended(runner, qapp):
    ended = []

    async def background():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("background")

    async def main():
        main.task = asyncio.get_running_loop().create_task(background(), name="background")
        await asyncio.sleep(0)
        return await asyncio.to_thread(pow, 2, 8)

    assert runner(main()) == 256
    assert ended == ["background"]


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_error_comes_back(runner, qapp):
    async def main():
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        runner(main())


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_task_that_will_not_go_and_a_stuck_thread_do_not_hold_the_exit(runner, qapp, caplog):
    async def stubborn():
        while True:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                if stubborn.cancelled_often:
                    raise
                stubborn.cancelled_often = True

    async def main():
        stubborn.cancelled_often = False
        main.task = asyncio.get_running_loop().create_task(stubborn(), name="stubborn")
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 1.5)
        await asyncio.sleep(0.05)

    start_s = time.monotonic()
    runner(main())
    assert time.monotonic() - start_s < 1.2
    assert "stubborn" in caplog.text
    assert "abandoned" in caplog.text
    main.task._log_destroy_pending = False


def test_qt_quitting_cancels_the_main_coroutine_and_lets_it_close(qapp):
    closed = []

    async def main():
        QtCore.QTimer.singleShot(10, qapp.quit)
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            closed.append("main")

    with pytest.raises(asyncio.CancelledError):
        run(main())
    assert closed == ["main"]


def test_a_broken_binding_is_told_before_anything_runs(qapp, monkeypatch):
    from app import desktop_loop

    def refuse():
        raise RuntimeError("broken binding")

    monkeypatch.setattr(desktop_loop, "refuse_broken_binding", refuse)
    with pytest.raises(RuntimeError, match="broken binding"):
        run(asyncio.sleep(0))


def test_headless_runs_on_uvloop_without_loading_qt():
    pytest.importorskip("uvloop", reason="uvloop does not exist for Windows")
    code = (
        "import asyncio, sys\nfrom app.loop import run_headless\n"
        "async def main(): print(type(asyncio.get_running_loop()).__module__)\n"
        "run_headless(main())\nprint([name for name in sys.modules if name.startswith(('PySide6', 'qasync'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30)
    assert done.stdout == "uvloop\n[]\n"


def test_an_error_that_storms_is_counted_and_not_written_ten_thousand_times(caplog):
    now_s = 0.0
    errors = LoopErrors(clock_s=lambda: now_s)
    caplog.set_level(logging.ERROR)

    def storm():
        for _ in range(10_000):
            try:
                raise ValueError("broken")
            except ValueError as error:
                errors(None, {"message": "callback failed", "exception": error})

    storm()
    assert len(caplog.records) == 5
    assert "ValueError: broken" in caplog.text
    now_s = 61.0
    storm()
    assert "9995 more like it" in caplog.text
    assert len(caplog.records) == 11


def test_errors_at_different_places_are_told_apart(caplog):
    errors = LoopErrors()
    for number in range(20):
        errors(None, {"message": f"task {number} failed"})
    assert len(caplog.records) == 20


async def test_a_blocked_loop_is_measured():
    samples = []
    watch = LagWatch(samples.append, every_s=0.02)
    with watch:
        await asyncio.sleep(0.07)
        assert samples
        with watch:
            time.sleep(0.15)  # what a careless slot does
            await asyncio.sleep(0.03)
        assert 100 < watch.worst_ms < 1000
        watch.forget()
        await asyncio.sleep(0.05)
        assert watch.worst_ms < 100
    assert watch._timer is None
    count = len(samples)
    await asyncio.sleep(0.05)
    assert len(samples) == count


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_garbage_collector_lets_a_request_pass(runner, qapp):
    async def threshold() -> int:
        return gc.get_threshold()[0]

    assert runner(threshold()) == loops.GARBAGE_OBJECTS


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.timed
def test_a_busy_thread_does_not_keep_the_interpreter_from_the_loop(runner, qapp):
    """A call of the operating system gives the interpreter up; 100 of them took half a second beside a busy thread."""
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            sum(range(1_000))

    async def calls() -> float:
        thread = threading.Thread(target=busy, name="busy", daemon=True)
        thread.start()
        began_s = time.monotonic()
        for _ in range(100):
            time.sleep(0.0001)
        spent_s = time.monotonic() - began_s
        over.set()
        thread.join()
        return spent_s

    assert runner(calls()) < 0.3
