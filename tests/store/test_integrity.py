from __future__ import annotations

import sqlite3
from contextlib import closing

from app.store.integrity import problem


def test_a_whole_file_and_none_at_all_are_fine(tmp_path):
    path = tmp_path / "some.db"
    assert problem(path) == ""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert problem(path) == ""


def test_damage_is_said(tmp_path):
    path = tmp_path / "some.db"
    path.write_bytes(b"not a database at all" * 100)
    assert problem(path).startswith("some.db cannot be read")
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 500)
        connection.commit()
    data = bytearray(path.read_bytes())
    data[8192:20000] = b"\xff" * (20000 - 8192)
    path.write_bytes(data)
    assert problem(path)
