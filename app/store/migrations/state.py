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


_SECOND = (
    'DROP INDEX "client_key_digest"',
    'ALTER TABLE "client_key" RENAME TO "client_key_1"',
    """CREATE TABLE "client_key" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "tags" TEXT NOT NULL,
    "policy" TEXT NOT NULL, "expires_us" INTEGER NOT NULL, "expired" INTEGER NOT NULL, "created_us" INTEGER NOT NULL,
    "revoked_us" INTEGER, "used_us" INTEGER NOT NULL) STRICT""",
    """CREATE TABLE "client_key_digest" ("digest" BLOB NOT NULL PRIMARY KEY,
    "key" TEXT NOT NULL REFERENCES client_key (id) ON DELETE CASCADE, "created_us" INTEGER NOT NULL,
    "ends_us" INTEGER NOT NULL, "ended" INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "INSERT INTO client_key SELECT id, name, '[]', '{}', 0, 0, created_us, revoked_us, 0 FROM client_key_1",
    "INSERT INTO client_key_digest SELECT digest, id, created_us, 0, 0 FROM client_key_1",
    "DROP TABLE client_key_1",
)


def policies_and_digests(connection: sqlite3.Connection) -> None:
    """What a key may do, when it ends and when it was used; digests apart, so that several may lead to one key."""
    for statement in _SECOND:
        connection.execute(statement)


_THIRD = (
    """CREATE TABLE "budget" ("id" TEXT NOT NULL PRIMARY KEY, "scope" TEXT NOT NULL, "subject" TEXT NOT NULL,
    "unit" TEXT NOT NULL, "period" TEXT NOT NULL, "amount" INTEGER NOT NULL, "hard" INTEGER NOT NULL,
    "warn_percent" INTEGER NOT NULL, "created_us" INTEGER NOT NULL) STRICT""",
    """CREATE TABLE "balance" ("budget" TEXT NOT NULL, "begins_us" INTEGER NOT NULL, "ends_us" INTEGER NOT NULL,
    "used" INTEGER NOT NULL, "assumed" INTEGER NOT NULL, "seeded" INTEGER NOT NULL, "unpriced" INTEGER NOT NULL,
    "warned" INTEGER NOT NULL, PRIMARY KEY ("budget", "begins_us")) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "hold" ("id" INTEGER NOT NULL, "budget" TEXT NOT NULL, "begins_us" INTEGER NOT NULL,
    "amount" INTEGER NOT NULL, PRIMARY KEY ("id", "budget")) STRICT, WITHOUT ROWID""",
)


def budgets(connection: sqlite3.Connection) -> None:
    """Budgets, what their periods used, and what running requests hold."""
    for statement in _THIRD:
        connection.execute(statement)


MIGRATIONS = (first_tables, policies_and_digests, budgets)
