from __future__ import annotations

import sqlite3
import stat

import pytest

from app.domain.exchange import Filter, State
from app.domain.usage import Usage, UsageSource
from app.store import recovery
from app.store.intake import Progressed
from tests.fakes.exchanges import NOW_US, end, exchange_id, rows_of, start

ASIDE = "history.corrupt-20260503T140000Z"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.db"


def write_garbage(path):
    path.write_bytes(b"this is no database" * 1_000)


def write_truncated(path):
    database(path)
    path.write_bytes(path.read_bytes()[: 4096 + 100])


def flip_pages(path):
    database(path)
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 4] = b"\xa5" * 8192
    path.write_bytes(data)


def empty_with_log(path):
    path.touch()
    path.with_name("history.db-wal").write_bytes(b"frames of another life")


def folder(path):
    path.mkdir()
    (path / "kept").write_text("kept")


def database(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _ in range(100)])
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (write_garbage, "is damaged"),
        (write_truncated, "is damaged"),
        (flip_pages, "is damaged"),
        (empty_with_log, "is empty, but not its write-ahead log"),
        (folder, "is not a file"),
    ],
)
def test_what_cannot_be_used_is_moved_aside_and_never_deleted(path, spoil, words):
    spoil(path)
    before = None if path.is_dir() else path.read_bytes()
    notice = recovery.rescue(path, NOW_US)
    assert words in notice
    assert f"{ASIDE}.db" in notice
    aside = path.with_name(f"{ASIDE}.db")
    assert (aside / "kept").read_text() == "kept" if before is None else aside.read_bytes() == before
    assert not path.exists()


def test_a_log_goes_with_its_file(path):
    empty_with_log(path)
    recovery.rescue(path, NOW_US)
    assert names(path.parent) == [f"{ASIDE}.db", f"{ASIDE}.db-wal"]


def test_a_log_without_its_file_is_moved_aside(path):
    path.with_name("history.db-wal").write_bytes(b"frames")
    assert "missing" in recovery.rescue(path, NOW_US)
    assert names(path.parent) == [f"{ASIDE}.db", f"{ASIDE}.db-wal"]


def test_nothing_is_overwritten_by_a_second_rescue(path):
    for _ in range(3):
        write_garbage(path)
        recovery.rescue(path, NOW_US)
    assert names(path.parent) == [f"{ASIDE}-2.db", f"{ASIDE}-3.db", f"{ASIDE}.db"]


def test_a_sound_missing_or_empty_file_is_left_alone(path):
    assert recovery.rescue(path, NOW_US) == ""
    path.touch()
    assert recovery.rescue(path, NOW_US) == ""
    path.unlink()
    database(path)
    assert recovery.rescue(path, NOW_US) == ""
    assert names(path.parent) == ["history.db"]


def test_a_file_that_was_made_read_only_is_made_writable_rather_than_lost(path):
    database(path)
    path.chmod(0o444)
    assert recovery.rescue(path, NOW_US) == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_stays_read_only_is_moved_aside(path, monkeypatch):
    database(path)

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(type(path), "chmod", refuse)
    assert "cannot be written to" in recovery.rescue(path, NOW_US)
    assert names(path.parent) == [f"{ASIDE}.db"]


def test_a_file_that_another_program_holds_is_not_taken_for_damaged(path):
    database(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert recovery.rescue(path, NOW_US) == ""
    other.close()


def test_looking_ends_with_its_budget(path, monkeypatch):
    flip_pages(path)
    monkeypatch.setattr(recovery, "_CHECK_CLEAN_S", -1.0)
    sqlite3.connect(path).close()
    assert recovery._damage(path, -1.0) in {"", recovery._damage(path, 5.0)}


def test_exchanges_of_an_earlier_run_were_interrupted(store, make_store):
    store.record(
        start(1), start(2), Progressed(exchange_id(2), Usage(input_tokens=7, output_tokens=3)), start(3), end(3)
    )
    store.close()
    again = make_store(boot="the next run")
    rows = {row.id: row for row in rows_of(again.reader)}
    assert [row.state for row in rows.values()] == [State.INTERRUPTED, State.INTERRUPTED, State.DONE]
    assert rows[exchange_id(1)].usage.source is UsageSource.NONE
    assert rows[exchange_id(1)].cost is None
    assert rows[exchange_id(2)].usage == Usage(input_tokens=7, output_tokens=3, source=UsageSource.ESTIMATED)
    assert rows[exchange_id(2)].cost.total_nusd == 7 * 1_000 + 3 * 5_000
    totals = again.reader.totals(Filter())
    assert (totals.exchanges, totals.failed, totals.input_tokens) == (3, 2, 1_007)


def test_exchanges_of_this_run_go_on(store, make_store):
    store.record(start(1))
    make_store()
    assert store.reader.detail(exchange_id(1)).row.state is State.STARTED


@pytest.mark.parametrize(
    ("name", "elsewhere"),
    [
        ("SQLITE_IOERR_SHMSIZE", True),
        ("SQLITE_FULL", True),
        ("SQLITE_CANTOPEN", True),
        ("SQLITE_CORRUPT", False),
        ("SQLITE_NOTADB", False),
        ("SQLITE_IOERR_READ", False),
    ],
)
def test_a_disk_without_room_is_no_damage_of_the_file(name, elsewhere):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    assert recovery.is_elsewhere(error) is elsewhere
