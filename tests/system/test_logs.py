from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time

import pytest

from app.system import logs
from app.system.logs import Log


@pytest.fixture
def root_logger():
    """The root logger as pytest wants it back."""
    root, app = logging.getLogger(), logging.getLogger("app")
    handlers, levels = root.handlers[:], (root.level, app.level)
    yield root
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    app.setLevel(levels[1])
    logging.captureWarnings(capture=False)


@pytest.fixture
def start(tmp_path, root_logger):
    started = []

    def start(**wanted):
        log = Log(tmp_path, **wanted)
        started.append(log)
        log.start()
        return log

    yield start
    for log in started:
        log.close()


def lines(log):
    log.close()
    return [json.loads(line) for line in log.path.read_text(encoding="utf-8").split("\n") if line]


def test_a_record_is_one_line_of_json_with_its_error(start):
    log = start()
    try:
        raise ValueError("bad\nvalue")
    except ValueError:
        logging.getLogger("app.proxy").exception("request %d failed", 7)
    (line,) = lines(log)
    assert line["message"] == "request 7 failed"
    assert line["level"] == "ERROR"
    assert line["from"] == "app.proxy"
    assert line["at"].endswith("+00:00")
    assert "ValueError: bad\nvalue" in line["error"]


def test_secrets_are_masked_in_message_and_error(start):
    log = start()
    log.redact = lambda text: text.replace("hunter2", "[secret]")
    try:
        raise ValueError("key hunter2 refused")
    except ValueError:
        logging.getLogger("app").exception("with %s", "hunter2")
    text = json.dumps(lines(log))
    assert "hunter2" not in text
    assert text.count("[secret]") >= 2


def test_debug_is_ours_alone_and_only_when_asked_for(start):
    log = start()
    logging.getLogger("app.x").debug("quiet")
    logging.getLogger("app.x").info("said")
    logging.getLogger("peewee").info("SELECT secrets")
    assert [line["message"] for line in lines(log)] == ["said"]
    log = start(debug=True)
    logging.getLogger("app.x").debug("loud")
    logging.getLogger("peewee").debug("SELECT secrets")
    assert [line["message"] for line in lines(log)] == ["said", "loud"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_the_file_follows_the_umask(start):
    before = os.umask(0o077)
    try:
        log = start()
        logging.getLogger("app").warning("x")
        lines(log)
        assert log.path.stat().st_mode & 0o077 == 0
    finally:
        os.umask(before)


def test_files_rotate_within_their_budget(start, monkeypatch, tmp_path):
    monkeypatch.setattr(logs, "FILE_BYTES", 2000)
    monkeypatch.setattr(logs, "SAME_PER_WINDOW", 10_000)
    log = start()
    for number in range(300):
        logging.getLogger("app").warning("line %d of some length", number)
    log.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 5
    assert all(file.stat().st_size <= 2000 for file in files)


def test_a_line_that_repeats_too_fast_is_counted(start, monkeypatch):
    monkeypatch.setattr(logs, "WINDOW_S", 0.2)
    log = start()

    def storm(times):
        for number in range(times):
            logging.getLogger("app").warning("again %d", number)

    storm(1000)
    time.sleep(0.25)
    storm(1)
    messages = [line["message"] for line in lines(log)]
    assert len(messages) == 52
    assert messages[-2] == "950 more like this were left out: again %d"


def test_a_stuck_disk_holds_no_one_and_the_lost_are_told(start, monkeypatch):
    monkeypatch.setattr(logs, "SAME_PER_WINDOW", 100_000)
    log, go_on = start(), threading.Event()
    log.redact = lambda text: go_on.wait(10) and text
    start_s = time.monotonic()
    for number in range(logs.QUEUE_RECORDS + 500):
        logging.getLogger("app").warning("line %d", number)
    assert time.monotonic() - start_s < 2
    assert log.dropped >= 499
    go_on.set()
    while not log._queue.empty():
        time.sleep(0.001)
    logging.getLogger("app").warning("at last")
    messages = [line["message"] for line in lines(log)]
    assert messages[-1] == "at last"
    assert messages[-2] == f"{log.dropped} log records were lost: the disk was too slow"


def test_a_disk_that_refuses_is_no_storm_of_errors(start, tmp_path, capfd):
    log = start()
    log.path.mkdir()
    for _ in range(5):
        logging.getLogger("app").warning("lost")
    log.close()
    assert log._outputs[0].lost == 5
    assert capfd.readouterr().err == ""


def test_a_record_whose_text_cannot_be_made_hurts_no_one(start, capfd):
    log = start()
    logging.getLogger("app").warning("%d", "not a number")
    logging.getLogger("app").warning("next")
    assert [line["message"] for line in lines(log)] == ["%d (with arguments that do not fit)", "next"]
    assert capfd.readouterr().err == ""


def test_neither_a_closed_nor_a_missing_nor_a_full_stderr_is_waited_for(tmp_path):
    code = (
        "import logging, os, sys\nfrom pathlib import Path\nfrom app.system.logs import Log\n"
        "if sys.argv[2] == 'none': sys.stderr = None\n"
        "elif sys.argv[2] == 'closed': sys.stderr.close()\n"
        "log = Log(Path(sys.argv[1]), debug=True)\nlog.start()\n"
        "for number in range(3000): logging.getLogger('app').warning('x' * 100)\n"
        "log.close()\nprint('done')"
    )
    for kind in ("none", "closed", "full"):
        read, write = os.pipe()
        try:
            done = subprocess.run(
                [sys.executable, "-c", code, tmp_path, kind],
                check=False,
                stdout=subprocess.PIPE,
                stderr=write,
                timeout=20,
            )
        finally:
            os.close(read)
            os.close(write)
        assert done.stdout.strip() == b"done", kind


def test_the_numbers_of_lines_tell_their_order_whatever_the_computers_clock_says(start, monkeypatch):
    log = start()
    for created_s in (5000.0, 100.0, 9000.0):
        record = logging.LogRecord("app", logging.WARNING, "x.py", int(created_s), "said", None, None)
        record.created = created_s
        logging.getLogger("app").handle(record)
    log.close()
    lines = [json.loads(line) for line in log.path.read_text("utf-8").split("\n") if line]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert [line["at"] for line in lines] != sorted(line["at"] for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_holds_neither_the_writing_nor_the_end(start, tmp_path):
    (tmp_path / logs.FILE_NAME).symlink_to("/dev/full")
    log = start()
    for _ in range(3):
        logging.getLogger("app").warning("said")
    log.close()
    assert log.dropped == 0
