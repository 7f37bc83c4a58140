"""A file made today and one that came through every migration have the same schema."""

from __future__ import annotations

import re
import sqlite3

import pytest

from app.store import tables
from app.store.database import connection_of, history_database
from app.store.migrations import history, state


def schema_of(connection):
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return sorted((kind, name, re.sub(r"\s+", " ", sql or "")) for kind, name, sql in rows)


@pytest.mark.parametrize(
    ("create", "migrations"),
    [(tables.create_history, history.MIGRATIONS), (tables.create_state, state.MIGRATIONS)],
    ids=["history", "state"],
)
def test_the_tables_are_what_the_migrations_lead_to(tmp_path, create, migrations):
    database = history_database(tmp_path / "fresh.db")
    migrated = sqlite3.connect(":memory:")
    with database.connection_context():
        create(database)
        for migrate in migrations:
            migrate(migrated)
        assert schema_of(connection_of(database)) == schema_of(migrated)
    migrated.close()


def test_every_table_checks_its_types(tmp_path):
    database = history_database(tmp_path / "fresh.db")
    with database.connection_context():
        tables.create_history(database)
        tables.create_state(database)
        rows = connection_of(database).execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")
        loose = [name for name, strict in rows if not strict and not name.startswith(("sqlite_", "search"))]
    assert loose == []
