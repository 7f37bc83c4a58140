from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from app.export import Cancelled, export_file, file
from tests.fakes.rows import ENTRY


def export(path, rows, **options):
    return export_file(path, rows, "csv", **{"progress": lambda _: None, "cancelled": lambda: False, **options})


def test_the_file_is_whole_and_for_the_user_alone(tmp_path):
    path = tmp_path / "history.csv"
    assert export(path, [ENTRY, ENTRY]) == 2
    assert path.read_bytes().count(b"\r\n") == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def failing_rows():
    yield ENTRY
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("rows", "cancelled", "error"), [(failing_rows, False, OSError), (lambda: [ENTRY], True, Cancelled)]
)
def test_a_failed_or_cancelled_export_leaves_the_previous_file(tmp_path, rows, cancelled, error):
    path = tmp_path / "history.csv"
    path.write_text("before")
    with pytest.raises(error):
        export(path, rows(), cancelled=lambda: cancelled)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "nowhere" / "history.csv"
    with pytest.raises(FileNotFoundError) as caught:
        export(path, [ENTRY])
    assert caught.value.filename == str(path)


def test_a_folder_in_the_place_of_the_file_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "history.csv"
    path.mkdir()
    with pytest.raises(OSError) as caught:
        export(path, [ENTRY])
    assert caught.value.filename == str(path)
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_export_left_is_removed_by_the_next_one_but_no_other_file(tmp_path):
    path = tmp_path / "history[1].csv"
    old = tmp_path / ".history[1].csv.abcd1234.part"
    fresh = tmp_path / ".history[1].csv.efgh5678.part"
    other = tmp_path / ".history1.csv.abcd1234.part"
    for part in (old, fresh, other):
        part.write_text("x")
    for part in (old, other):
        os.utime(part, (0, 0))
    export(path, [ENTRY])
    assert sorted(tmp_path.iterdir()) == sorted([path, fresh, other])


KILLED = """
import os, sys
from pathlib import Path
from app.export import export_file
from tests.fakes.rows import ENTRY
def rows():
    for number in range(100_000):
        if number == 50_000:
            print("now", flush=True)
            sys.stdin.readline()
        yield ENTRY
export_file(Path(sys.argv[1]), rows(), sys.argv[2], progress=lambda _: None, cancelled=lambda: False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of Unix")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("before", [None, "before"])
def test_a_killed_export_leaves_what_was_there(tmp_path, root, form, before):
    path = tmp_path / f"history.{form}"
    if before is not None:
        path.write_text(before)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), form], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        process.kill()
    assert (path.read_text() if path.exists() else None) == before
    if hasattr(os, "O_TMPFILE"):  # other systems keep a part, which the next export to that name removes
        assert list(tmp_path.iterdir()) == ([] if before is None else [path])


@pytest.mark.skipif(sys.platform == "win32", reason="limits are of Unix")
def test_a_full_disk_leaves_what_was_there(tmp_path, root):
    path = tmp_path / "history.csv"
    path.write_text("before")
    limited = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    code = limited + KILLED.replace("sys.stdin.readline()", "pass")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), "csv"], check=False, cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"File too large: '{path}'" in done.stderr
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_where_files_must_have_names_the_part_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(file, "_OWN_FILES", "/nowhere")
    path = tmp_path / "history.csv"
    assert export(path, [ENTRY]) == 1
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="No space"):
        export(path, failing_rows())
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
