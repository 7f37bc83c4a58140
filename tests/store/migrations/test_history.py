from __future__ import annotations

import sqlite3

from app.store.migrations.history import MIGRATIONS, routing_trace


def test_the_migrations_run_one_after_the_other():
    connection = sqlite3.connect(":memory:")
    for migrate in MIGRATIONS:
        migrate(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    connection.close()


def test_each_has_a_name_that_says_what_it_does():
    assert [migrate.__name__ for migrate in MIGRATIONS][:1] == ["first_tables"]
    assert all(migrate.__doc__ for migrate in MIGRATIONS)


def test_details_of_an_older_version_stay_and_have_no_trace():
    connection = sqlite3.connect(":memory:")
    for migrate in MIGRATIONS[:2]:
        migrate(connection)
    connection.execute("INSERT INTO exchange_detail VALUES (1, x'', '[]', 'top_k', x'')")
    routing_trace(connection)
    assert connection.execute("SELECT * FROM exchange_detail").fetchall() == [(1, b"", "[]", "top_k", b"", "", "")]
    connection.close()
