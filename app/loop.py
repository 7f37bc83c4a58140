"""How the program's coroutines are run: on Qt's loop with a desktop, on uvloop or plain asyncio without one.

`run` and `run_headless` are the only places where a loop is made and closed. The Qt half is `app/desktop_loop.py`,
imported only by `run`, so the headless program loads no Qt.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from app.system.threads import DaemonThreadPool

T = TypeVar("T")
Main = Coroutine[Any, Any, T]

THREADS = 8
CANCEL_GRACE_S = 5.0
THREAD_GRACE_S = 2.0
LAG_SAMPLE_S = 0.25
REPORTS_PER_WINDOW = 5
REPORT_WINDOW_S = 60.0

GARBAGE_OBJECTS = 10_000
"""So many new objects before the garbage collector looks at them. Python's 700 are not even one streamed request, and
nearly all of them are gone by themselves by then."""

THREAD_TURN_S = 0.0005
"""So long a busy thread keeps the interpreter from the loop. With Python's 5 ms every socket call of the loop waits as
long, as it gives the interpreter up: 20 small streams stood still for 600 ms beside a thread that parses JSON, 100 ms
with this; shorter turns cost more than they gain."""

_log = logging.getLogger(__name__)


def run(main: Main[T]) -> T:
    """Run the desktop program's main coroutine on Qt's loop; returns what it returns, raises what it raises.

    When Qt itself wants to quit (a session that logs out), the coroutine is cancelled and has time to close.
    """
    from app.desktop_loop import new_desktop_loop

    try:
        loop = new_desktop_loop()
    except BaseException:
        main.close()
        raise
    return _run_and_close(loop, main)


def run_headless(main: Main[T]) -> T:
    """Run the main coroutine without Qt: on uvloop where it is installed, else on asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
    else:
        loop = uvloop.new_event_loop()
    return _run_and_close(loop, main)


def _run_and_close(loop: asyncio.AbstractEventLoop, main: Main[T]) -> T:
    sys.setswitchinterval(THREAD_TURN_S)
    gc.set_threshold(GARBAGE_OBJECTS, *gc.get_threshold()[1:])
    threads = DaemonThreadPool(THREADS, "patchbay")
    loop.set_default_executor(threads)
    loop.set_exception_handler(LoopErrors())
    task = loop.create_task(main, name="patchbay")
    try:
        return _run_to_its_end(loop, task)
    finally:
        _close(loop, threads)


def _run_to_its_end(loop: asyncio.AbstractEventLoop, task: asyncio.Task[T]) -> T:
    try:
        return loop.run_until_complete(task)
    except RuntimeError:
        if task.done():
            raise
    task.cancel("Qt was told to quit")
    return loop.run_until_complete(task)


def _close(loop: asyncio.AbstractEventLoop, threads: DaemonThreadPool) -> None:
    """End what still runs, each step within a limit: a program that was told to quit must go."""
    try:
        loop.run_until_complete(_cancel_all())
        loop.run_until_complete(asyncio.wait_for(loop.shutdown_asyncgens(), CANCEL_GRACE_S))
    except (TimeoutError, RuntimeError):
        _log.warning("the event loop did not close in time", exc_info=True)
    threads.shutdown(wait=False, cancel_futures=True)
    if not threads.join(THREAD_GRACE_S):
        _log.warning("a thread was still at work after %.0f s and is abandoned", THREAD_GRACE_S)
    loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    _, pending = await asyncio.wait(tasks, timeout=CANCEL_GRACE_S)
    if pending:
        names = ", ".join(sorted(task.get_name() for task in pending))
        _log.warning("tasks still running %.0f s after they were cancelled: %s", CANCEL_GRACE_S, names)


class LoopErrors:
    """The loop's exception handler: each kind of error a few times a minute, then counted only.

    One failing callback of a busy proxy can come ten thousand times a second, and writing that down would be the worse
    fault.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._kinds: dict[tuple[str, str, str], tuple[float, int]] = {}

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log an error that reached the loop, with its traceback."""
        error = context.get("exception")
        message = str(context.get("message") or "unhandled error in the event loop")
        kind = (message, type(error).__qualname__, _place(error))
        since_s, count = self._kinds.get(kind, (self._clock_s(), 0))
        if self._clock_s() - since_s >= REPORT_WINDOW_S:
            if count > REPORTS_PER_WINDOW:
                _log.error("%s: %d more like it in the last minute", message, count - REPORTS_PER_WINDOW)
            since_s, count = self._clock_s(), 0
        if len(self._kinds) >= 1000:
            self._kinds.clear()
        self._kinds[kind] = (since_s, count + 1)
        if count < REPORTS_PER_WINDOW:
            owner = context.get("task") or context.get("future") or context.get("handle")
            _log.error("%s (%s)", message, _name(owner), exc_info=error)


def _place(error: BaseException | None) -> str:
    """File and line where the error was raised; empty if unknown."""
    trace = error.__traceback__ if error else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def _name(owner: Any) -> str:
    """A task's name; for anything else its type, because a repr may hold arguments and those a secret."""
    return owner.get_name() if isinstance(owner, asyncio.Task) else type(owner).__name__


class LagWatch:
    """Measures how late the running loop is, in milliseconds, while someone asks for it.

    `with watch:` asks; asking may be nested. Without an asker there is no timer, so an idle program sleeps.
    """

    def __init__(self, on_sample: Callable[[float], None] | None = None, *, every_s: float = LAG_SAMPLE_S) -> None:
        self.last_ms = 0.0
        self.worst_ms = 0.0
        self._on_sample = on_sample
        self._every_s = every_s
        self._askers = 0
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Start measuring on the running loop, if no one had asked yet."""
        self._askers += 1
        if self._timer is None:
            self._schedule(asyncio.get_running_loop())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop measuring when the last asker leaves."""
        self._askers -= 1
        if self._askers == 0 and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def forget(self) -> None:
        """Start a new worst."""
        self.worst_ms = 0.0

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        due_s = loop.time() + self._every_s
        self._timer = loop.call_at(due_s, self._sample, loop, due_s)

    def _sample(self, loop: asyncio.AbstractEventLoop, due_s: float) -> None:
        self.last_ms = max(0.0, (loop.time() - due_s) * 1000)
        self.worst_ms = max(self.worst_ms, self.last_ms)
        if self._on_sample is not None:
            self._on_sample(self.last_ms)
        self._schedule(loop)
