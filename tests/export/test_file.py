from __future__ import annotations

import os
import stat

import pytest

from app.export import Cancelled, export_file
from tests.fakes.rows import ROW


def export(path, rows, **options):
    return export_file(path, rows, "csv", **{"progress": lambda _: None, "cancelled": lambda: False, **options})


def test_the_file_is_whole_and_for_the_user_alone(tmp_path):
    path = tmp_path / "history.csv"
    assert export(path, [ROW, ROW]) == 2
    assert path.read_bytes().count(b"\r\n") == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def failing_rows():
    yield ROW
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("rows", "cancelled", "error"), [(failing_rows, False, OSError), (lambda: [ROW], True, Cancelled)]
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
        export(path, [ROW])
    assert caught.value.filename == str(path)


def test_a_folder_in_the_place_of_the_file_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "history.csv"
    path.mkdir()
    with pytest.raises(OSError) as caught:
        export(path, [ROW])
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
    export(path, [ROW])
    assert sorted(tmp_path.iterdir()) == sorted([path, fresh, other])
