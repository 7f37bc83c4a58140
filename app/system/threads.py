"""A thread pool whose threads never keep the program from ending."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NoReturn, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def end_process(code: int) -> NoReturn:
    """End the process with this exit code, at once where a thread was abandoned in the middle of its work.

    Python ends such a thread when it next wants the interpreter's lock, by force: below 3.14 that aborts the process
    ("exception not rethrown") if C++ is on its stack, or hangs it (https://github.com/python/cpython/issues/87135).
    """
    if not any(thread.daemon for thread in threading.enumerate() if thread is not threading.current_thread()):
        sys.exit(code)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, a broken pipe, none at all
            stream.flush()
    os._exit(code)


class DaemonThreadPool(ThreadPoolExecutor):
    """An executor on daemon threads: one stuck call (a disk, a name server) does not hang the exit for ever.

    The standard pool's threads are joined at interpreter exit without a limit. It is still the base class, because
    asyncio accepts nothing else as default executor; everything that runs is here.
    """

    def __init__(self, max_workers: int, name: str) -> None:
        super().__init__(max_workers, name)
        self._limit = max_workers
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._workers: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._guard = threading.Lock()
        self._ended = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call; raises RuntimeError after `shutdown`."""
        with self._guard:
            if self._ended:
                raise RuntimeError(f"the thread pool {self._name} has been shut down")
            future: Future[T] = Future()
            self._jobs.put((future, fn, args, kwargs))
            if not self._idle.acquire(blocking=False) and len(self._workers) < self._limit:
                worker = threading.Thread(target=self._work, name=f"{self._name}-{len(self._workers)}", daemon=True)
                self._workers.append(worker)
                worker.start()
            return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (the base's)
        """Take no more calls; `wait` for those that run without a limit, as the base class does."""
        with self._guard:
            self._ended = True
            if cancel_futures:
                self._cancel_queued()
            for _ in self._workers:
                self._jobs.put(None)
        if wait:
            for worker in self._workers:
                worker.join()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads after `shutdown`; False if one is still at work when the time is over."""
        end_s = time.monotonic() + timeout_s
        for worker in self._workers:
            worker.join(max(0.0, end_s - time.monotonic()))
        return not any(worker.is_alive() for worker in self._workers)

    def _cancel_queued(self) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job[0].cancel()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _run(*job)
            del job  # an idle thread must not keep the last result's arguments alive
            self._idle.release()


def _run(future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = fn(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 (it belongs to whoever waits for the future)
        future.set_exception(error)
    else:
        future.set_result(result)
