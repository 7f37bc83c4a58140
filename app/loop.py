"""The event loops of the program: Qt's for the desktop, uvloop or plain asyncio when headless."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import qasync
from PySide6 import QtCore, QtWidgets


class _NoSelect:
    """Stands in for the selector inside `_run_once`: input and output are Qt's affair."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def select(self, timeout: float | None = None) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Pump(QtCore.QObject):
    woken = QtCore.Signal()

    def __init__(self, loop: Any) -> None:
        super().__init__()
        self._loop, self._timer_id, self._due, self._inside, self._stopped = loop, 0, None, False, False
        self.woken.connect(self.arm, QtCore.Qt.ConnectionType.QueuedConnection)

    def add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        self._loop._ready.append(handle)
        self.arm()
        return handle

    def set_debug(self, on: bool) -> None:
        pass

    def stop(self) -> None:
        self._stopped = True
        self._disarm()

    def _disarm(self) -> None:
        if self._timer_id:
            self.killTimer(self._timer_id)
        self._timer_id, self._due = 0, None

    @QtCore.Slot()
    def arm(self) -> None:
        if self._inside or self._stopped:
            return
        loop = self._loop
        if loop._ready:
            due = 0.0
        elif loop._scheduled:
            due = loop._scheduled[0]._when
        else:
            return self._disarm() if self._timer_id else None
        if due == self._due:
            return None
        if self._timer_id:
            self.killTimer(self._timer_id)
        self._due = due
        ms = 0 if due == 0.0 else max(0, int((due - time.monotonic()) * 1000) + 1)
        self._timer_id = self.startTimer(min(ms, 86_400_000), QtCore.Qt.TimerType.PreciseTimer)

    def timerEvent(self, event: QtCore.QTimerEvent) -> None:
        if self._inside:
            return
        if self._loop.is_closed():
            return self._disarm()
        self._inside = True
        try:
            asyncio.BaseEventLoop._run_once(self._loop)
        finally:
            self._inside = False
            if not (self._due == 0.0 and self._loop._ready):
                self.arm()


class DesktopLoop(qasync.QEventLoop):
    def __init__(self, app: QtWidgets.QApplication) -> None:
        super().__init__(app)
        self._timer = _Pump(self)
        self._selector = _NoSelect(self._selector)

    def call_soon(self, callback, *args, context=None):
        handle = asyncio.BaseEventLoop.call_soon(self, callback, *args, context=context)
        self._timer.arm()
        return handle

    def call_at(self, when, callback, *args, context=None):
        handle = asyncio.BaseEventLoop.call_at(self, when, callback, *args, context=context)
        if self._scheduled[0] is handle:
            self._timer.arm()
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None):
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        self._timer.woken.emit()
        return handle


def new_desktop_loop() -> asyncio.AbstractEventLoop:
    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["patchbay"])
    app.setQuitOnLastWindowClosed(False)
    return DesktopLoop(app)
