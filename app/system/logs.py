"""The program's log: JSON lines in a rotating file, written by a thread of its own, with secrets masked.

A caller only puts a record into a bounded queue: a slow disk or a full pipe never holds the loop. What does not fit is
counted, and so is what repeats itself too fast; the counts are written when there is room again. Third-party loggers
speak from WARNING up only: at DEBUG some of them print SQL parameters and headers, which hold prompts and keys.
"""

from __future__ import annotations

import contextlib
import copy
import json
import logging
import logging.handlers
import queue
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

FILE_NAME = "patchbay.log"
FILE_BYTES = 10_000_000
OLD_FILES = 4
QUEUE_RECORDS = 2000
SAME_PER_WINDOW = 50
WINDOW_S = 10.0
_STOP = None

Redact = Callable[[str], str]


class Log:
    """The running log. `dropped` counts records that found the queue full."""

    def __init__(self, directory: Path, *, debug: bool = False, redact: Redact | None = None) -> None:
        self.path = directory / FILE_NAME
        self.redact: Redact = redact or (lambda text: text)
        """Masks secrets; replaced whenever the set of loaded secrets changes."""
        self._level = logging.DEBUG if debug else logging.INFO
        self._queue: queue.Queue[logging.LogRecord | None] = queue.Queue(QUEUE_RECORDS)
        self._entry = _Entry(self._queue)
        self._outputs: list[logging.Handler] = [_File(self.path)]
        if debug and _is_terminal(sys.stderr):
            self._outputs.append(logging.StreamHandler(sys.stderr))
        for output in self._outputs:
            output.setFormatter(_JsonLine(self))
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)

    @property
    def dropped(self) -> int:
        """How many records were lost because the queue was full."""
        return self._entry.dropped

    def start(self) -> None:
        """Take over the root logger: what is logged anywhere in the process goes to the file."""
        root = logging.getLogger()
        for handler in root.handlers[:]:
            root.removeHandler(handler)
        root.addHandler(self._entry)
        root.setLevel(logging.WARNING)
        logging.getLogger("app").setLevel(self._level)
        logging.captureWarnings(capture=True)
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what is queued and stop; gives up after `timeout_s`, a full disk must not hold the exit."""
        logging.getLogger().removeHandler(self._entry)
        logging.captureWarnings(capture=False)
        with contextlib.suppress(queue.Full):
            self._queue.put(_STOP, timeout=timeout_s)
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            for output in self._outputs:
                with contextlib.suppress(OSError):  # a full disk refuses the last lines once more
                    output.close()

    def _write_all(self) -> None:
        number = 0
        while (record := self._queue.get()) is not _STOP:
            number += 1
            record.__dict__["number"] = number
            for handler in self._outputs:
                handler.handle(record)


class _Entry(logging.handlers.QueueHandler):
    """Puts records into the queue without ever waiting; counts the lost and the too often repeated."""

    def __init__(self, records: queue.Queue[logging.LogRecord | None]) -> None:
        super().__init__(records)
        self.dropped = 0
        self._told_dropped = 0
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record, unless its line of code logged too often of late."""
        place = (record.pathname, record.lineno)
        since_s, count = self._seen.get(place, (record.created, 0))
        if not 0 <= record.created - since_s < WINDOW_S:
            if count > SAME_PER_WINDOW:
                self._queue_note(record, f"{count - SAME_PER_WINDOW} more like this were left out: {record.msg}")
            since_s, count = record.created, 0
        if len(self._seen) > 1000:
            self._seen.clear()
        self._seen[place] = (since_s, count + 1)
        if count < SAME_PER_WINDOW:
            super().emit(record)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """A copy with its text made now, so that no argument or frame is kept alive in the queue."""
        record = copy.copy(record)
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.msg, record.args, record.exc_info = _text(record), None, None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put without waiting; when there is room again, say first how many were lost."""
        try:
            if self.dropped > self._told_dropped:
                note = self._note(
                    record, f"{self.dropped - self._told_dropped} log records were lost: the disk was too slow"
                )
                self.queue.put_nowait(note)
                self._told_dropped = self.dropped
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    def _queue_note(self, like: logging.LogRecord, text: str) -> None:
        self.enqueue(self._note(like, text))

    @staticmethod
    def _note(like: logging.LogRecord, text: str) -> logging.LogRecord:
        return logging.LogRecord(like.name, logging.WARNING, like.pathname, like.lineno, text, None, None)


def _text(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit the text: our mistake, and no reason to fail the caller
        return f"{record.msg} (with arguments that do not fit)"


class _File(logging.handlers.RotatingFileHandler):
    """A rotating file that a full disk cannot turn into a storm of tracebacks; its mode is the process's umask."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="replace", delay=True
        )
        self.lost = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """The disk refused a line."""
        self.lost += 1


class _JsonLine(logging.Formatter):
    """A record as one line of JSON, masked."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def format(self, record: logging.LogRecord) -> str:
        """The line; its time is UTC, and its number tells the order where the computer's clock was set back."""
        entry = {
            "number": getattr(record, "number", 0),
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "message": self._log.redact(record.getMessage()),
        }
        if record.exc_text:
            entry["error"] = self._log.redact(record.exc_text)
        return json.dumps(entry, ensure_ascii=False)


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads it: a pipe may be full, and a windowed program has no stream at all."""
    return stream is not None and not stream.closed and stream.isatty()
