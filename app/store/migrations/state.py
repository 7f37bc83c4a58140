"""Migrations of `state.db`, oldest first."""

from __future__ import annotations

import sqlite3


def first_tables(connection: sqlite3.Connection) -> None:
    """Client keys."""
    connection.execute(
        'CREATE TABLE "client_key" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "digest" BLOB NOT NULL, '
        '"created_us" INTEGER NOT NULL, "revoked_us" INTEGER) STRICT'
    )
    connection.execute('CREATE UNIQUE INDEX "client_key_digest" ON "client_key" ("digest")')


MIGRATIONS = (first_tables,)
