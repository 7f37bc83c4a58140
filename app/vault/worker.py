"""One daemon thread for blocking calls that may never come back, and that can then be left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

_MOST_STUCK = 4

Result = TypeVar("Result")


class Stuck(Exception):  # noqa: N818 (says what happened, not that it is an error of ours)
    """A call did not come back in time, or too many before it never did."""


@dataclass(slots=True)
class _Job:
    call: Callable[[], Any]
    answer: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread | None = None
    """The one that runs it; None while it waits."""


_Jobs = SimpleQueue[_Job | None]


class Worker:
    """Runs calls one after another in a thread that the exit of the process never waits for.

    A call that exceeds its deadline leaves the thread behind: the jobs that waited behind it go to a new one. An
    abandoned thread that comes back after all finds its old queue closed and ends.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: _Jobs = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stuck: list[threading.Thread] = []

    async def call(self, call: Callable[[], Result], timeout_s: float) -> Result:
        """The result of `call()`, run in the thread; raises what it raises, or `Stuck` after `timeout_s` seconds."""
        self._stuck = [thread for thread in self._stuck if thread.is_alive()]
        if len(self._stuck) >= _MOST_STUCK:
            raise Stuck
        if self._thread is None:
            self._begin()
        loop = asyncio.get_running_loop()
        job = _Job(call, loop.create_future(), loop)
        self._jobs.put(job)
        try:
            async with asyncio.timeout(timeout_s):
                return await job.answer  # type: ignore[no-any-return]  # a future of whatever `call` returns
        except TimeoutError:
            if job.thread in {None, self._thread}:
                self._abandon()
            raise Stuck from None

    def close(self) -> None:
        """Let the thread end when it is idle; never waits for it."""
        self._jobs.put(None)
        self._thread = None
        self._jobs = SimpleQueue()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=_serve, args=(self._jobs,), name=self._name, daemon=True)
        self._thread.start()

    def _abandon(self) -> None:
        if self._thread is None:  # closed meanwhile
            return
        self._stuck.append(self._thread)
        old, self._jobs = self._jobs, SimpleQueue()
        while True:
            try:
                job = old.get_nowait()
            except Empty:
                break
            self._jobs.put(job)
        old.put(None)
        self._begin()


def _serve(jobs: _Jobs) -> None:
    while (job := jobs.get()) is not None:
        if job.answer.cancelled():
            continue
        job.thread = threading.current_thread()
        result: Any = None
        error: BaseException | None = None
        try:
            result = job.call()
        except BaseException as raised:  # noqa: BLE001 (a backend may raise anything; it is the caller's to judge)
            error = raised
        try:
            job.loop.call_soon_threadsafe(_answer, job.answer, result, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _answer(answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    elif isinstance(error, StopIteration):  # a future refuses it
        answer.set_exception(RuntimeError("StopIteration"))
    else:
        answer.set_exception(error)
