"""Traces of what should not have happened: crashes of the interpreter, errors no one caught.

They go to `crash.log` (frames only, never the values of variables) and to the log. The file and not the standard error,
which does not exist in a windowed program (`sys.stderr is None`, pyinstaller#4481).
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

LARGEST_BYTES = 1_000_000
REPORTS_PER_MINUTE = 20

_log = logging.getLogger(__name__)


class CrashLog:
    """Catches what reaches the top of any thread. One a process, from `install` to `close`."""

    def __init__(self, path: Path, redact: Callable[[str], str] | None = None) -> None:
        self.path = path
        self.redact = redact or (lambda text: text)
        """Masks secrets; replaced whenever the set of loaded secrets changes."""
        self.grew = _size_bytes(path) > _seen_bytes(path)
        """Whether an earlier run left traces that no run has reported yet."""
        if _size_bytes(path) > LARGEST_BYTES:
            path.replace(path.with_suffix(".old.log"))
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8")
        self._minute = 0
        self._reports = 0
        self._guard = threading.Lock()

    def install(self) -> None:
        """Route the interpreter's last words here; `KeyboardInterrupt` keeps its usual way.

        What earlier runs left counts as reported from now on.
        """
        _remember_size(self.path)
        faulthandler.enable(self._file, all_threads=True)
        sys.excepthook = self._on_error
        threading.excepthook = lambda told: self._on_error(
            told.exc_type, told.exc_value, told.exc_traceback, f"thread {told.thread.name if told.thread else '?'}"
        )
        sys.unraisablehook = lambda told: self._on_error(
            told.exc_type, told.exc_value, told.exc_traceback, told.err_msg or "an error that could not be raised"
        )

    def report(self, error: BaseException, where: str) -> None:
        """Write an error that a caller does not want to lose."""
        self._on_error(type(error), error, error.__traceback__, where)

    def close(self) -> None:
        """Give the interpreter its own hooks back."""
        faulthandler.disable()
        sys.excepthook, sys.unraisablehook = sys.__excepthook__, sys.__unraisablehook__
        threading.excepthook = threading.__excepthook__
        self._file.close()

    def _on_error(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
        where: str = "the main thread",
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        if not self._may_report():
            return
        text = self.redact("".join(traceback.format_exception(kind, error, trace)))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError, ValueError):  # a full disk, or a thread that ends after the file was closed
            self._file.write(f"{now} uncaught in {where}\n{text}\n")
            self._file.flush()
        _log.error("uncaught in %s: %s", where, text.rstrip())

    def _may_report(self) -> bool:
        with self._guard:
            minute = int(time.monotonic() // 60)
            if minute != self._minute:
                self._minute, self._reports = minute, 0
            self._reports += 1
            return self._reports <= REPORTS_PER_MINUTE


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.name}.seen")


def _seen_bytes(path: Path) -> int:
    try:
        return int(_mark(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _remember_size(path: Path) -> None:
    with contextlib.suppress(OSError):
        _mark(path).write_text(str(_size_bytes(path)), encoding="ascii")
