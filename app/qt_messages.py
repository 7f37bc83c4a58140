"""What Qt has to say goes into the log; and the one thing after which nothing else can be done.

When the display server ends, Qt says so and calls `exit` from the middle of its work, with our threads still running:
the process then crashed, or hung for ever with the lock and the port in its hands. Ending at once is safe: what was
recorded is on the disk, and the next start marks what was cut (`store.recovery`).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_LAST_WORDS = ("The X11 connection broke", "The Wayland connection broke", "The Wayland connection experienced a fatal")
"""How Qt's X11 and Wayland platforms begin their last message (qxcbeventqueue.cpp, qwaylanddisplay.cpp)."""


@contextlib.contextmanager
def qt_messages(display_lost: Callable[[], None]) -> Iterator[None]:
    """Log what Qt says meanwhile; `display_lost` is called when its display is gone, and should not return."""

    def said(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        _log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)
        if text.startswith(_LAST_WORDS):
            display_lost()

    before = qInstallMessageHandler(said)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
