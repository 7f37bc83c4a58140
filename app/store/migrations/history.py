"""Migrations of `history.db`, oldest first."""

from __future__ import annotations

import sqlite3

_FIRST = (
    """CREATE TABLE "exchange" ("seq" INTEGER NOT NULL PRIMARY KEY, "id" TEXT NOT NULL, "boot" TEXT NOT NULL,
    "started_us" INTEGER NOT NULL, "state" TEXT NOT NULL, "client" TEXT NOT NULL, "client_key" TEXT NOT NULL,
    "session_id" TEXT NOT NULL, "provider" TEXT NOT NULL, "vendor" TEXT NOT NULL, "requested_model" TEXT NOT
    NULL, "sent_model" TEXT NOT NULL, "client_dialect" TEXT NOT NULL, "upstream_dialect" TEXT NOT NULL,
    "streaming" INTEGER NOT NULL, "operation" TEXT NOT NULL, "ended_us" INTEGER, "client_status" INTEGER NOT
    NULL DEFAULT 0, "upstream_status" INTEGER NOT NULL DEFAULT 0, "error_kind" TEXT NOT NULL DEFAULT '', "error"
    TEXT NOT NULL DEFAULT '', "stop_reason" TEXT NOT NULL DEFAULT '', "input_tokens" INTEGER,
    "cache_read_tokens" INTEGER, "cache_write_5m_tokens" INTEGER, "cache_write_1h_tokens" INTEGER,
    "output_tokens" INTEGER, "reasoning_tokens" INTEGER, "web_searches" INTEGER, "reported_cost_nusd" INTEGER,
    "usage_source" TEXT NOT NULL DEFAULT 'none', "input_nusd" INTEGER, "output_nusd" INTEGER, "cache_read_nusd"
    INTEGER, "cache_write_nusd" INTEGER, "web_search_nusd" INTEGER, "total_nusd" INTEGER, "price_source" TEXT
    NOT NULL DEFAULT '', "first_byte_ms" INTEGER, "first_token_ms" INTEGER, "duration_ms" INTEGER,
    "request_bytes" INTEGER NOT NULL DEFAULT 0, "reply_bytes" INTEGER NOT NULL DEFAULT 0, "attempts" INTEGER NOT
    NULL DEFAULT 0) STRICT""",
    'CREATE UNIQUE INDEX "exchange_id" ON "exchange" ("id")',
    """CREATE INDEX "exchange_started_us_id_provider_sent_model_requested_mod_05b8746" ON "exchange" ("started_us",
    "id", "provider", "sent_model", "requested_model", "client")""",
    """CREATE TABLE "exchange_detail" ("exchange" INTEGER NOT NULL PRIMARY KEY REFERENCES exchange (seq) ON DELETE
    CASCADE, "heads" BLOB NOT NULL, "attempts" TEXT NOT NULL, "dropped" TEXT NOT NULL, "timeline" BLOB NOT NULL)
    STRICT""",
    """CREATE TABLE "block" ("id" INTEGER NOT NULL PRIMARY KEY, "hash" BLOB NOT NULL, "codec" INTEGER NOT NULL,
    "size_bytes" INTEGER NOT NULL, "dialect" TEXT NOT NULL, "text_crc" INTEGER, "data" BLOB NOT NULL) STRICT""",
    'CREATE UNIQUE INDEX "block_hash" ON "block" ("hash")',
    """CREATE INDEX "block_unindexed" ON "block" ("id") WHERE (("dialect" != '') AND ("text_crc" IS NULL))""",
    """CREATE TABLE "link" ("child" INTEGER NOT NULL, "parent" INTEGER NOT NULL, PRIMARY KEY ("child", "parent"))
    STRICT, WITHOUT ROWID""",
    """CREATE TABLE "side" ("exchange" INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, "kind" INTEGER
    NOT NULL, "size_bytes" INTEGER NOT NULL, "sha256" BLOB, "block" INTEGER, PRIMARY KEY ("exchange", "kind"))
    STRICT, WITHOUT ROWID""",
    'CREATE INDEX "side_block" ON "side" ("block") WHERE ("block" IS NOT NULL)',
    """CREATE TABLE "indexed_text" ("id" INTEGER NOT NULL PRIMARY KEY, "live_characters" INTEGER NOT NULL,
    "dead_characters" INTEGER NOT NULL) STRICT""",
    """CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0,
    tokenize='unicode61 remove_diacritics 2')""",
    "INSERT INTO indexed_text (id, live_characters, dead_characters) VALUES (1, 0, 0)",
)


def first_tables(connection: sqlite3.Connection) -> None:
    """Exchanges, their details and sides, blocks and their links, the search index."""
    for statement in _FIRST:
        connection.execute(statement)


_SUMS = """"exchanges" INTEGER NOT NULL, "failed" INTEGER NOT NULL, "input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL, "cache_read_tokens" INTEGER NOT NULL, "cache_write_tokens" INTEGER NOT NULL,
    "cost_nusd" INTEGER NOT NULL, "unpriced" INTEGER NOT NULL"""
_SECOND = (
    'ALTER TABLE "block" ADD COLUMN "key" INTEGER NOT NULL DEFAULT 0',
    'DROP INDEX "exchange_started_us_id_provider_sent_model_requested_mod_05b8746"',
    'CREATE INDEX "exchange_started_us_id" ON "exchange" ("started_us", "id")',
    """CREATE INDEX "exchange_session" ON "exchange" ("session_id", "started_us", "id")
    WHERE ("session_id" != '')""",
    f"""CREATE TABLE "hour_sum" ("hour_us" INTEGER NOT NULL, "provider" TEXT NOT NULL, {_SUMS},
    PRIMARY KEY ("hour_us", "provider")) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "hour_name" ("kind" TEXT NOT NULL, "name" TEXT NOT NULL, "hour_us" INTEGER NOT NULL,
    "exchanges" INTEGER NOT NULL, PRIMARY KEY ("kind", "name", "hour_us")) STRICT, WITHOUT ROWID""",
    'CREATE TABLE "summed" ("id" INTEGER NOT NULL PRIMARY KEY, "upto_us" INTEGER NOT NULL) STRICT',
    f"""CREATE TABLE "counted" ("quarter_us" INTEGER NOT NULL, "provider" TEXT NOT NULL, {_SUMS},
    PRIMARY KEY ("quarter_us", "provider")) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "body_key" ("id" INTEGER NOT NULL PRIMARY KEY, "wrapped" BLOB NOT NULL,
    "created_us" INTEGER NOT NULL) STRICT""",
    "INSERT INTO summed (id, upto_us) VALUES (1, 0)",
)


def sums_and_keys(connection: sqlite3.Connection) -> None:
    """Sums by the hour, an index for sessions, counters without rows, keys of encrypted bodies."""
    for statement in _SECOND:
        connection.execute(statement)


def routing_trace(connection: sqlite3.Connection) -> None:
    """Which account answered, and which targets were considered."""
    connection.execute('ALTER TABLE "exchange_detail" ADD COLUMN "account" TEXT NOT NULL DEFAULT \'\'')
    connection.execute('ALTER TABLE "exchange_detail" ADD COLUMN "trace" TEXT NOT NULL DEFAULT \'\'')


MIGRATIONS = (first_tables, sums_and_keys, routing_trace)
