from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from app.system.crash import REPORTS_PER_MINUTE, CrashLog


@pytest.fixture
def crash(tmp_path):
    log = CrashLog(tmp_path / "crash.log")
    log.install()
    yield log
    log.close()


def raise_with_a_secret():
    password = "hunter2"  # noqa: F841 (it must not be written)
    raise LookupError("lost")


def test_an_uncaught_error_of_a_thread_is_written_without_values(crash):
    thread = threading.Thread(target=raise_with_a_secret, name="writer")
    thread.start()
    thread.join()
    text = crash.path.read_text()
    assert "uncaught in thread writer" in text
    assert "LookupError: lost" in text
    assert "raise_with_a_secret" in text
    assert "hunter2" not in text


def test_an_error_that_cannot_be_raised_is_written(crash):
    class Bad:
        def __del__(self):
            raise LookupError("in del")

    Bad()
    assert "LookupError: in del" in crash.path.read_text()


def test_secrets_in_the_error_are_masked(crash):
    crash.redact = lambda text: text.replace("hunter2", "[secret]")
    crash.report(ValueError("key hunter2"), "the tray")
    assert "key [secret]" in crash.path.read_text()
    assert "uncaught in the tray" in crash.path.read_text()


def test_a_storm_is_cut(crash):
    for _ in range(1000):
        crash.report(ValueError("again"), "a loop")
    assert crash.path.read_text().count("uncaught") <= 2 * REPORTS_PER_MINUTE  # the storm may cross a minute


def test_a_crash_of_the_interpreter_leaves_frames_and_the_next_start_knows(tmp_path):
    path = tmp_path / "crash.log"
    code = (
        "import sys, faulthandler\nfrom pathlib import Path\nfrom app.system.crash import CrashLog\n"
        "sys.stderr = None\nlog = CrashLog(Path(sys.argv[1]))\nlog.install()\n"
        "def inner(): faulthandler._sigsegv()\ninner()"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=False, timeout=20)
    assert done.returncode != 0
    assert "in inner" in path.read_text()
    first = CrashLog(path)
    assert first.grew
    first.install()
    first.close()
    second = CrashLog(path)
    assert not second.grew
    second.close()


def test_a_large_file_is_put_aside(tmp_path):
    path = tmp_path / "crash.log"
    path.write_bytes(b"x" * 2_000_000)
    log = CrashLog(path)
    log.close()
    assert path.stat().st_size == 0
    assert (tmp_path / "crash.old.log").stat().st_size == 2_000_000
