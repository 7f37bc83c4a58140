from __future__ import annotations

import sqlite3
import stat

import pytest

from app.store import schema
from app.store.database import connection_of, state_database


def first(connection):
    connection.execute("CREATE TABLE t (a)")


def second(connection):
    connection.execute("ALTER TABLE t ADD COLUMN b")


def create(database):
    database.execute_sql("CREATE TABLE t (a, b)")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def prepare(path, migrations, create=create):
    database = state_database(path)
    with database.connection_context():
        return schema.prepare(database, path, create, migrations)


def version(path):
    connection = sqlite3.connect(path)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    columns = [row[1] for row in connection.execute("PRAGMA table_info(t)")]
    connection.close()
    return found, columns


def test_an_empty_file_gets_the_newest_schema(path):
    assert prepare(path, [first, second]) == ""
    assert version(path) == (2, ["a", "b"])


def test_an_older_file_is_migrated_and_kept_as_it_was(path):
    prepare(path, [first], create=lambda database: first(connection_of(database)))
    notice = prepare(path, [first, second])
    copy = path.with_name("state.before-2.db")
    assert copy.name in notice
    assert version(path) == (2, ["a", "b"])
    assert version(copy) == (1, ["a"])
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert prepare(path, [first, second]) == ""


def test_a_migration_that_fails_leaves_the_file_as_it_was(path):
    prepare(path, [first], create=lambda database: first(connection_of(database)))

    def broken(connection):
        second(connection)
        connection.execute("no sql")

    with pytest.raises(sqlite3.OperationalError):
        prepare(path, [first, broken])
    assert version(path) == (1, ["a"])


def test_a_newer_file_is_refused_and_not_touched(path):
    prepare(path, [first, second])
    before = path.read_bytes()
    with pytest.raises(schema.TooNewError, match="schema 2, this version knows 1"):
        prepare(path, [first])
    assert path.read_bytes() == before


def test_a_database_of_somebody_else_is_refused(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(schema.ForeignFileError):
        prepare(path, [first])
