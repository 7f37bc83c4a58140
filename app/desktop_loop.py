"""The event loop of the desktop program: asyncio schedules, Qt waits.

qasync lends the frame (Qt's `exec` as `run_forever`, and Windows' completion ports). Its scheduler is not used, because
qasync 0.28 makes one coarse Qt timer for every callback: a cancelled one stays with its Handle and Context until it is
due (aiohttp's 300 s client timeout leaves one per request), sleeps end early or 30 ms late, and `dialog.exec()` inside
a task kills the other tasks. Here asyncio keeps its own ready queue and heap, and Qt only wakes it: one precise timer
for the nearest deadline, and on Linux one notifier on the descriptor of asyncio's own epoll. What asyncio promises
about order, cancellation, contexts, threads, signals and subprocesses then holds, because it is asyncio that runs.

A dialog that opens a nested Qt loop inside a callback makes asyncio stand still (it cannot be re-entered) until it
closes; nothing dies, but the proxy waits too. So dialogs open with `open()`.

This can go when qasync schedules by asyncio's heap itself.
"""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import Any

import qasync
from PySide6 import QtCore, QtWidgets

TURN_S = 0.002
"""How long asyncio may go on with ready callbacks before Qt gets its turn."""
NOW = -math.inf
_LONGEST_WAIT_MS = 86_400_000
_TRIAL_CALLS = 200

# Any, because the typed surface of asyncio and qasync ends before what a scheduler has to call.
_Asyncio: Any = asyncio.BaseEventLoop
_Selecting: Any = asyncio.SelectorEventLoop
_QtFrame: Any = qasync._QEventLoop


def new_desktop_loop() -> asyncio.AbstractEventLoop:
    """A fresh loop on the process's QApplication, which is made if there is none.

    Raises RuntimeError where the Qt binding loses references to None and would end the process in mid-work.
    """
    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication(sys.argv[:1])
    # Closing the last dialog while the main window is hidden in the tray must not end the program.
    QtWidgets.QApplication.setQuitOnLastWindowClosed(False)
    refuse_broken_binding()
    return EpollLoop(app) if sys.platform == "linux" else NotifierLoop(app)


def refuse_broken_binding() -> None:
    """Raise RuntimeError if calls into Qt that return nothing lose a reference to None.

    PySide6-Essentials 6.12.0 does so below Python 3.12: its wheels were built with headers that take None for immortal.
    """
    probe = QtCore.QObject()
    before = sys.getrefcount(None)
    for _ in range(_TRIAL_CALLS):
        probe.setObjectName("probe")
    if sys.version_info < (3, 12) and sys.getrefcount(None) < before - _TRIAL_CALLS // 2:
        raise RuntimeError(
            f"PySide6 for Qt {QtCore.qVersion()} is broken on Python {sys.version_info[0]}.{sys.version_info[1]}: "
            "it would end Patchbay after some thousand requests. "
            "Install PySide6-Essentials below 6.12, or use Python 3.12 or newer."
        )


class _Waker(QtCore.QObject):
    """Calls `turn` no later than asked: one Qt timer, and one notifier if a descriptor is to be watched."""

    woken = QtCore.Signal()
    """Emitted by other threads to have `wake_at(NOW)` called in this one."""

    def __init__(self, turn: Callable[[], None], fd: int | None) -> None:
        super().__init__()
        self._turn = turn
        self._timer_id = 0
        self._due_s = math.inf
        self._notifier: QtCore.QSocketNotifier | None = None
        self.woken.connect(self._on_woken, QtCore.Qt.ConnectionType.QueuedConnection)
        if fd is not None:
            self._notifier = QtCore.QSocketNotifier(fd, QtCore.QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._on_readable)

    def wake_at(self, due_s: float) -> None:
        """Wake at `due_s` on the loop's clock; NOW after Qt has had its turn; math.inf not by time at all."""
        if self._due_s == due_s or time.monotonic() < self._due_s <= due_s:
            return  # an earlier wake-up stands; at it the loop asks again, which is cheaper than a new timer each time
        self._stop_timer()
        if due_s < math.inf:
            wait_ms = 0 if due_s == NOW else max(0, int((due_s - time.monotonic()) * 1000) + 1)
            self._timer_id = self.startTimer(min(wait_ms, _LONGEST_WAIT_MS), QtCore.Qt.TimerType.PreciseTimer)
            self._due_s = due_s

    def rest(self) -> None:
        """Do not wake the loop until `resume`: a nested Qt loop would spin on what it may not handle."""
        self._stop_timer()
        if self._notifier is not None:
            self._notifier.setEnabled(False)

    def resume(self) -> None:
        """Watch the descriptor again."""
        if self._notifier is not None and not self._notifier.isEnabled():
            self._notifier.setEnabled(True)

    def _stop_timer(self) -> None:
        if self._timer_id:
            self.killTimer(self._timer_id)
        self._timer_id, self._due_s = 0, math.inf

    def timerEvent(self, event: QtCore.QTimerEvent) -> None:
        """Qt's word for: the timer is due."""
        if self._due_s != NOW:  # Qt's timers repeat; the one for NOW is wanted again more often than not
            self._stop_timer()
        self._turn()

    @QtCore.Slot()
    def _on_readable(self) -> None:
        self._turn()

    @QtCore.Slot()
    def _on_woken(self) -> None:
        self.wake_at(NOW)


class _NeverWaits:
    """A selector whose `select` returns at once: the waiting is Qt's."""

    def __init__(self, selector: Any, select: Callable[[], Any]) -> None:
        self._selector = selector
        self._select = select

    def select(self, timeout: float | None = None) -> Any:
        return self._select()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)


class _Scheduling:
    """What both loops share: asyncio's scheduler, turned by the waker. Mixed in before qasync's class."""

    _waker: _Waker
    _selector: Any
    _in_turn = False
    _turns_again = False
    _fatal: BaseException | None = None
    _outer_hooks: Any = None

    # Where qasync has a version of its own, asyncio's is wanted: it keeps contexts, limits and tracebacks.
    run_until_complete = _Asyncio.run_until_complete
    run_in_executor = _Asyncio.run_in_executor
    set_default_executor = _Asyncio.set_default_executor
    set_exception_handler = _Asyncio.set_exception_handler
    default_exception_handler = _Asyncio.default_exception_handler
    call_exception_handler = _Asyncio.call_exception_handler
    get_debug = _Asyncio.get_debug
    set_debug = _Asyncio.set_debug
    time = _Asyncio.time

    def call_soon(
        self: Any, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """asyncio's, and Qt is told."""
        handle: asyncio.Handle = _Asyncio.call_soon(self, callback, *args, context=context)
        if not self._in_turn:
            self._waker.wake_at(NOW)
        return handle

    def call_at(
        self: Any, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """asyncio's, and Qt is told."""
        timer: asyncio.TimerHandle = _Asyncio.call_at(self, when, callback, *args, context=context)
        if not self._in_turn:
            self._ask_to_be_woken()
        return timer

    def call_later(
        self: Any, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """asyncio's, by way of our `call_at`."""
        timer: asyncio.TimerHandle = _Asyncio.call_later(self, delay, callback, *args, context=context)
        return timer

    def _ask_to_be_woken(self: Any) -> None:
        if self._ready:
            self._waker.wake_at(NOW)
        elif self._scheduled:
            self._waker.wake_at(self._scheduled[0]._when)
        else:
            self._waker.wake_at(math.inf)

    def _turn(self: Any) -> None:
        """Let asyncio run what is ready: until nothing is, or Qt's turn has come."""
        if self._in_turn or not self.is_running():
            self._waker.rest()
            return
        self._in_turn = True
        try:
            end_s = time.monotonic() + TURN_S
            _Asyncio._run_once(self)
            while self._ready and self.is_running() and time.monotonic() < end_s:
                _Asyncio._run_once(self)
        except BaseException as error:  # noqa: BLE001 (only KeyboardInterrupt and SystemExit come here; see run_forever)
            self._fatal = error
            self.stop()
        finally:
            self._in_turn = False
            self._waker.resume()
            self._ask_to_be_woken()

    def run_forever(self: Any) -> None:
        """Run Qt's event loop until `stop`. Raises what a callback meant to end the program with (SystemExit)."""
        self._check_closed()
        super().run_forever()  # type: ignore[misc]
        fatal, self._fatal = self._fatal, None
        if fatal is not None:  # an exception in an override that Qt called would only be printed there
            raise fatal

    def _before_run_forever(self: Any) -> None:
        super()._before_run_forever()  # type: ignore[misc]
        self._thread_id = threading.get_ident()
        self._outer_hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook)
        self._waker.resume()
        self._ask_to_be_woken()

    def _after_run_forever(self: Any) -> None:
        super()._after_run_forever()  # type: ignore[misc]
        sys.set_asyncgen_hooks(*self._outer_hooks)
        self._thread_id = None
        self._waker.rest()

    def close(self: Any) -> None:
        """Close for good; asyncio's rules."""
        if not self.is_running():
            self._waker.rest()  # before its descriptor goes
        super().close()  # type: ignore[misc]


class _NothingAround:
    """The two steps round `run_forever` that qasync expects of a loop's platform half; epoll needs none."""

    def _before_run_forever(self) -> None:
        pass

    def _after_run_forever(self) -> None:
        pass


class EpollLoop(_Scheduling, _QtFrame, _NothingAround, _Selecting):
    """Linux: asyncio's own epoll, whose descriptor is the only one that Qt watches."""

    def __init__(self, app: QtCore.QCoreApplication) -> None:
        super().__init__(app)
        selector = self._selector
        self._waker = _Waker(self._turn, selector.fileno())
        self._selector = _NeverWaits(selector, lambda: selector.select(0))

    # qasync's would empty asyncio's own pipe outside a turn, and with it swallow the next wake-up from a thread.
    _add_callback = _Asyncio._add_callback
    _add_reader = _Selecting._add_reader
    _remove_reader = _Selecting._remove_reader
    _add_writer = _Selecting._add_writer
    _remove_writer = _Selecting._remove_writer
    call_soon_threadsafe = _Asyncio.call_soon_threadsafe


class NotifierLoop(_Scheduling, qasync.QEventLoop):
    """macOS and Windows: qasync's own input and output (a Qt notifier a descriptor; a completion-port thread)."""

    def __init__(self, app: QtCore.QCoreApplication) -> None:
        super().__init__(app)
        self._waker = _Waker(self._turn, None)
        self._selector = _NeverWaits(self._selector, lambda: ())

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """asyncio's, with a Qt signal to wake the loop: qasync does not read asyncio's own pipe on Windows."""
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)  # a deque's append is atomic
        self._waker.woken.emit()
        return handle

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        self._ready.append(handle)
        self._waker.wake_at(NOW)
        return handle
