"""The promises of asyncio, kept on Qt's loop: both the Linux one and the one that macOS and Windows use."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import queue
import signal
import sys
import threading
import time
import weakref

import pytest
from aiohttp import ClientSession, web
from PySide6 import QtCore, QtWidgets

from app import desktop_loop
from app.desktop_loop import EpollLoop, NotifierLoop, new_desktop_loop, refuse_broken_binding

KINDS = [NotifierLoop, EpollLoop] if sys.platform == "linux" else [NotifierLoop]
REQUESTS = 10_000
word = contextvars.ContextVar("word", default="none")


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def loop(request, qapp):
    qapp.setQuitOnLastWindowClosed(False)
    loop = request.param(qapp)
    yield loop
    loop.close()


def run(loop, main, limit_s=20.0):
    async def limited():
        async with asyncio.timeout(limit_s):
            return await main

    return loop.run_until_complete(limited())


def test_callbacks_run_in_the_order_asyncio_promises(loop):
    seen = []

    async def main():
        loop.call_later(0, seen.append, "later 0")
        loop.call_soon(seen.append, "soon 1")
        loop.call_soon(seen.append, "soon 2")
        loop.call_later(0.02, seen.append, "20 ms")
        loop.call_later(0.01, seen.append, "10 ms")
        loop.call_at(loop.time() + 0.03, seen.append, "30 ms")
        await asyncio.sleep(0.05)

    run(loop, main())
    assert seen == ["soon 1", "soon 2", "later 0", "10 ms", "20 ms", "30 ms"]


@pytest.mark.parametrize("delay_s", [0.0009, 0.005, 0.0173, 0.1])
def test_sleeps_are_never_early_and_hardly_late(loop, delay_s):
    late_ms = []

    async def main():
        for _ in range(10):
            start_s = time.monotonic()
            await asyncio.sleep(delay_s)
            late_ms.append((time.monotonic() - start_s - delay_s) * 1000)

    run(loop, main())
    assert min(late_ms) >= -0.001  # the loop's own clock resolution
    assert sorted(late_ms)[5] < 5.0


def test_a_nearer_deadline_is_not_kept_waiting_by_a_farther_one(loop):
    async def main():
        far = loop.call_later(60, lambda: None)
        await asyncio.sleep(0.02)  # the loop sleeps towards the far one, then is given a near one from Qt's side
        came = loop.create_future()
        QtCore.QTimer.singleShot(0, lambda: loop.call_later(0.01, came.set_result, loop.time()))
        await asyncio.wait_for(came, 5)
        far.cancel()

    start_s = time.monotonic()
    run(loop, main())
    assert time.monotonic() - start_s < 2


def test_timers_can_be_asked_when_they_are_due(loop):
    timer = loop.call_later(10, print)
    assert isinstance(timer, asyncio.TimerHandle)
    assert 9 < timer.when() - loop.time() <= 10
    timer.cancel()


def test_cancelled_timers_leave_nothing_behind(loop):
    class Mark:
        def __call__(self):
            raise AssertionError("a cancelled timer ran")

    marks = weakref.WeakSet()

    async def main():
        for _ in range(10_000):
            mark = Mark()
            marks.add(mark)
            loop.call_later(300, mark).cancel()
            await asyncio.sleep(0)

    run(loop, main())
    del main
    gc.collect()
    assert len(marks) < 200  # asyncio sweeps its heap once a hundred timers are cancelled
    assert len(loop._scheduled) < 200


def test_cancellation_arrives_where_the_task_waits(loop):
    seen = []

    async def victim():
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("closed")

    async def main():
        task = loop.create_task(victim(), name="victim")
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.sleep(60)

    run(loop, main())
    assert seen == ["closed"]


def test_other_threads_wake_the_loop_and_keep_their_context(loop):
    async def main():
        came = loop.create_future()
        context = contextvars.copy_context()
        context.run(word.set, "from the thread")
        start_s = time.monotonic()
        sleeper = threading.Timer(
            0.05, loop.call_soon_threadsafe, [lambda: came.set_result(word.get())], {"context": context}
        )
        sleeper.start()
        assert await came == "from the thread"
        assert time.monotonic() - start_s < 1
        assert await asyncio.to_thread(threading.get_ident) != threading.get_ident()

    run(loop, main())


def test_no_wake_up_from_a_thread_is_lost(loop):
    jobs, wait_s = queue.SimpleQueue(), []

    def serve():
        while (future := jobs.get()) is not None:
            loop.call_soon_threadsafe(future.set_result, None)

    async def main():
        for _ in range(500):
            future, asked_s = loop.create_future(), time.monotonic()
            jobs.put(future)
            async with asyncio.timeout(5.0):
                await future
            wait_s.append(time.monotonic() - asked_s)

    thread = threading.Thread(target=serve, name="server", daemon=True)
    thread.start()
    run(loop, main())
    jobs.put(None)
    thread.join(5.0)
    assert max(wait_s) < 1.0


def test_callbacks_keep_their_context(loop):
    async def main():
        word.set("mine")
        came = loop.create_future()
        loop.call_later(0.001, lambda: came.set_result(word.get()))
        assert await came == "mine"

    run(loop, main())
    assert word.get() == "none"


def test_a_nested_qt_loop_inside_a_task_pauses_the_others_and_kills_none(loop):
    seen = []

    async def ticking():
        while True:
            seen.append("tick")
            await asyncio.sleep(0.005)

    async def main():
        ticker = loop.create_task(ticking(), name="ticking")
        await asyncio.sleep(0.02)
        nested = QtCore.QEventLoop()
        QtCore.QTimer.singleShot(50, nested.quit)
        seen.clear()
        start_cpu_s = time.process_time()
        nested.exec()
        busy_s = time.process_time() - start_cpu_s
        assert seen == []
        await asyncio.sleep(0.03)
        assert seen
        assert not ticker.done()
        ticker.cancel()
        return busy_s

    assert run(loop, main()) < 0.04  # it slept, it did not spin on what it may not handle


def test_a_nested_qt_loop_in_a_slot_lets_the_tasks_run_on(loop):
    seen = []

    async def ticking():
        for _ in range(200):
            seen.append("tick")
            await asyncio.sleep(0.001)

    async def main():
        closed = loop.create_future()

        def slot():
            nested = QtCore.QEventLoop()
            QtCore.QTimer.singleShot(30, nested.quit)
            seen.clear()
            nested.exec()
            closed.set_result(len(seen))

        task = loop.create_task(ticking(), name="ticking")
        QtCore.QTimer.singleShot(0, slot)
        assert await closed > 3
        task.cancel()

    run(loop, main())


def test_a_flood_of_callbacks_leaves_qt_its_turn(loop):
    fired = []
    timer = QtCore.QTimer()
    timer.timeout.connect(lambda: fired.append(time.monotonic()))

    async def main():
        timer.start(5)
        end_s = time.monotonic() + 0.3
        while time.monotonic() < end_s:
            await asyncio.sleep(0)
        timer.stop()

    run(loop, main())
    assert len(fired) > 20


def test_sockets_carry_a_conversation(loop):
    async def answer(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()
        await writer.wait_closed()

    async def main():
        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=4_000_000)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for number in range(200):
            writer.write(b"line %d\n" % number)
            assert await reader.readline() == b"LINE %d\n" % number
        writer.write(b"x" * 3_000_000 + b"\n")
        writer.write_eof()
        assert await reader.read() == b"X" * 3_000_000 + b"\n"
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    run(loop, main())


def test_ten_thousand_requests_leave_nothing_behind(loop):
    """aiohttp's 300 s timeout is one cancelled timer a request: what a loop that keeps them would drown in."""

    async def main():
        async def hello(request):
            return web.Response(text="hello")

        application = web.Application()
        application.router.add_get("/", hello)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with ClientSession() as client:

            async def ask(times):
                for _ in range(times):
                    async with client.get(url) as reply:
                        assert await reply.text() == "hello"

            await asyncio.gather(*(ask(50) for _ in range(4)))
            gc.collect()
            before = len(gc.get_objects())
            await asyncio.gather(*(ask(REQUESTS // 4) for _ in range(4)))
            gc.collect()
            grown = len(gc.get_objects()) - before
            timers = len(loop._scheduled)
        await runner.cleanup()
        return grown, timers

    grown, timers = run(loop, main(), 60)
    assert grown < REQUESTS // 10
    assert timers < 300


@pytest.mark.skipif(sys.platform == "win32", reason="asyncio has no signal handlers on Windows")
def test_signals_are_heard_while_the_loop_sleeps(loop):
    async def main():
        came = loop.create_future()
        loop.add_signal_handler(signal.SIGUSR1, came.set_result, "heard")
        threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGUSR1]).start()
        assert await asyncio.wait_for(came, 5) == "heard"
        loop.remove_signal_handler(signal.SIGUSR1)

    run(loop, main())


def test_subprocesses_are_read_and_waited_for(loop):
    async def main():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print(input()[::-1])", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate(b"stressed\n")
        assert out.strip() == b"desserts"
        assert process.returncode == 0

    run(loop, main())


def test_an_unfinished_async_generator_is_closed(loop):
    seen = []

    async def lines():
        try:
            while True:
                yield "line"
        finally:
            await asyncio.sleep(0)
            seen.append("closed")

    async def main():
        async for _ in lines():
            break
        gc.collect()
        await asyncio.sleep(0.01)

    run(loop, main())
    assert seen == ["closed"]


def test_a_callback_that_ends_the_program_ends_the_run(loop):
    def leave():
        raise SystemExit(7)

    async def main():
        loop.call_soon(leave)
        await asyncio.sleep(60)

    task = loop.create_task(main(), name="main")
    with pytest.raises(SystemExit) as caught:
        loop.run_until_complete(task)
    assert caught.value.code == 7
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)


def test_nothing_runs_between_two_runs(loop, qapp):
    seen = []
    loop.call_soon(seen.append, "early")
    for _ in range(20):
        qapp.processEvents()
    assert seen == []
    run(loop, asyncio.sleep(0.001))
    assert seen == ["early"]


def test_a_closed_loop_refuses_work(qapp):
    loop = new_desktop_loop()
    run(loop, asyncio.sleep(0))
    loop.close()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon(print)
    with pytest.raises(RuntimeError, match="closed"):
        loop.run_forever()


def test_an_idle_loop_sleeps(loop):
    async def main():
        await asyncio.sleep(0.05)
        start_s = time.process_time()
        await asyncio.sleep(0.5)
        return time.process_time() - start_s

    assert run(loop, main()) < 0.05


def test_closing_the_last_dialog_does_not_end_the_program(qapp):
    loop = new_desktop_loop()

    async def main():
        dialog = QtWidgets.QDialog()
        dialog.open()
        await asyncio.sleep(0.01)
        dialog.close()
        await asyncio.sleep(0.05)
        return "still here"

    assert run(loop, main()) == "still here"
    loop.close()


def test_a_binding_that_loses_references_is_refused(monkeypatch):
    refuse_broken_binding()
    counts = iter([5000, 4800])
    monkeypatch.setattr(desktop_loop.sys, "version_info", (3, 11, 0))
    monkeypatch.setattr(desktop_loop.sys, "getrefcount", lambda _: next(counts))
    with pytest.raises(RuntimeError, match="below 6.12"):
        refuse_broken_binding()
