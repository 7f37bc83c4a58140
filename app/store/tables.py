"""The tables of `history.db` and `state.db`, as peewee models; bound to a database at each query, never globally.

    exchange --1:1-- exchange_detail     light columns for lists, heavy ones apart so that no list reads them
        |
        +--< side >-- block --< link >-- block      what was said: a side refers to a root block, nodes to their parts
                        |
                      search (FTS5)                 each readable block once
    hour_sum, hour_name      what the rows of past hours add up to; `summed` says up to when (`hourly.py`)
    counted                  exchanges of which nothing but their number was kept
    body_key                 wrapped keys of encrypted blocks (`sealing.py`)

Money is integer nano-dollars, time integer UTC microseconds. STRICT tables refuse anything else.
"""
# ruff: noqa: D106 (peewee's Meta says nothing to a reader)

from __future__ import annotations

from typing import ClassVar

from peewee import SQL, BlobField, CompositeKey, IntegerField, Model, SchemaManager, SqliteDatabase, TextField

from app.store.ledger.tables import LEDGER

_OF_EXCHANGE = "REFERENCES exchange (seq) ON DELETE CASCADE"


class _Table(Model):
    class Meta:
        strict_tables = True


class Exchange(_Table):
    """A line of the history; see `domain.exchange.Row`."""

    seq = IntegerField(primary_key=True)
    id = TextField(unique=True)
    boot = TextField()
    """Which run of the program wrote it: a row still started under another one was interrupted."""
    started_us = IntegerField()
    state = TextField()
    client = TextField()
    client_key = TextField()
    session_id = TextField()
    provider = TextField()
    vendor = TextField()
    requested_model = TextField()
    sent_model = TextField()
    client_dialect = TextField()
    upstream_dialect = TextField()
    streaming = IntegerField()
    operation = TextField()
    ended_us = IntegerField(null=True)
    client_status = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    upstream_status = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    error_kind = TextField(default="", constraints=[SQL("DEFAULT ''")])
    error = TextField(default="", constraints=[SQL("DEFAULT ''")])
    stop_reason = TextField(default="", constraints=[SQL("DEFAULT ''")])
    input_tokens = IntegerField(null=True)
    """NULL with the other counts while nothing is known."""
    cache_read_tokens = IntegerField(null=True)
    cache_write_5m_tokens = IntegerField(null=True)
    cache_write_1h_tokens = IntegerField(null=True)
    output_tokens = IntegerField(null=True)
    reasoning_tokens = IntegerField(null=True)
    web_searches = IntegerField(null=True)
    reported_cost_nusd = IntegerField(null=True)
    usage_source = TextField(default="none", constraints=[SQL("DEFAULT 'none'")])
    input_nusd = IntegerField(null=True)
    output_nusd = IntegerField(null=True)
    cache_read_nusd = IntegerField(null=True)
    cache_write_nusd = IntegerField(null=True)
    web_search_nusd = IntegerField(null=True)
    total_nusd = IntegerField(null=True)
    """NULL is unpriced; never zero for an unknown price."""
    price_source = TextField(default="", constraints=[SQL("DEFAULT ''")])
    first_byte_ms = IntegerField(null=True)
    first_token_ms = IntegerField(null=True)
    duration_ms = IntegerField(null=True)
    request_bytes = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    reply_bytes = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    attempts = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "exchange"
        # Ordered for pages; `hour_name` says in which hours a narrowed list has rows. More indexes would dirty more
        # pages with every start, and somebody waits for its commit.
        indexes: ClassVar = ((("started_us", "id"), False),)


Exchange.add_index(
    Exchange.index(
        Exchange.session_id,
        Exchange.started_us,
        Exchange.id,
        where=Exchange.session_id != "",
        name="exchange_session",
    )
)


class ExchangeDetail(_Table):
    """What only the detail view needs, packed (`packing.py`)."""

    exchange = IntegerField(primary_key=True, constraints=[SQL(_OF_EXCHANGE)])
    heads = BlobField()
    """Request lines, status lines and headers of the four sides."""
    attempts = TextField()
    dropped = TextField()
    timeline = BlobField()
    account = TextField(default="", constraints=[SQL("DEFAULT ''")])
    """Which credential of the provider; empty is its own key."""
    trace = TextField(default="", constraints=[SQL("DEFAULT ''")])
    """Which targets were considered, and what became of each."""

    class Meta:
        table_name = "exchange_detail"


class Block(_Table):
    """Bytes stored once, or the order of other blocks."""

    id = IntegerField(primary_key=True)
    hash = BlobField(unique=True)
    """BLAKE2b-128 of the (masked) content."""
    codec = IntegerField()
    """`bodies.PLAIN`, `bodies.ZSTD` or `bodies.NODE`."""
    size_bytes = IntegerField()
    dialect = TextField()
    """Whose readable texts are in it, for the search; empty where it is not searched."""
    text_crc = IntegerField(null=True)
    """CRC-32 of the text in the index: taking a block out of the index needs exactly that text. NULL: not in yet."""
    data = BlobField()
    key = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    """Which `body_key` it is encrypted under; 0 where it is not."""

    class Meta:
        table_name = "block"


Block.add_index(Block.index(Block.id, where=(Block.dialect != "") & (Block.text_crc.is_null()), name="block_unindexed"))


class Link(_Table):
    """A node and one of its parts; read upwards by the search, and to know whether a block is still needed."""

    child = IntegerField()
    parent = IntegerField()

    class Meta:
        table_name = "link"
        primary_key = CompositeKey("child", "parent")
        without_rowid = True


class Side(_Table):
    """One of the four messages of an exchange, or its answer."""

    exchange = IntegerField(constraints=[SQL(_OF_EXCHANGE)])
    kind = IntegerField()
    """Index into `packing.SIDES`; `packing.ANSWER` for the answer's text."""
    size_bytes = IntegerField()
    sha256 = BlobField(null=True)
    """Of the bytes on the wire; NULL where they never reached the writer."""
    block = IntegerField(null=True)
    """NULL where the body was dropped, or not recorded."""

    class Meta:
        table_name = "side"
        primary_key = CompositeKey("exchange", "kind")
        without_rowid = True


Side.add_index(Side.index(Side.block, where=Side.block.is_null(is_null=False), name="side_block"))

SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2')"
)


class IndexedText(_Table):
    """One row: how much text is in the index, and how much was taken out but keeps its room until a merge."""

    id = IntegerField(primary_key=True)
    live_characters = IntegerField()
    dead_characters = IntegerField()

    class Meta:
        table_name = "indexed_text"


NO_TEXT = "INSERT INTO indexed_text (id, live_characters, dead_characters) VALUES (1, 0, 0)"


class HourSum(_Table):
    """What the rows of an hour and a provider add up to, as in `domain.exchange.Totals`."""

    # The key's columns first: SQLite 3.40 finds faults in a table without row numbers where they are not.
    hour_us = IntegerField()
    """The beginning of the hour in UTC."""
    provider = TextField()
    exchanges = IntegerField()
    failed = IntegerField()
    input_tokens = IntegerField()
    output_tokens = IntegerField()
    cache_read_tokens = IntegerField()
    cache_write_tokens = IntegerField()
    cost_nusd = IntegerField()
    unpriced = IntegerField()

    class Meta:
        table_name = "hour_sum"
        primary_key = CompositeKey("hour_us", "provider")
        without_rowid = True


class HourName(_Table):
    """How many rows of an hour bear a name: where to look for the rows of a narrowed list."""

    kind = TextField()
    """The column of `exchange`."""
    name = TextField()
    hour_us = IntegerField()
    exchanges = IntegerField()

    class Meta:
        table_name = "hour_name"
        primary_key = CompositeKey("kind", "name", "hour_us")
        without_rowid = True


class Summed(_Table):
    """One row: every hour before `upto_us` is in `hour_sum` and `hour_name`."""

    id = IntegerField(primary_key=True)
    upto_us = IntegerField()

    class Meta:
        table_name = "summed"


NOTHING_SUMMED = "INSERT INTO summed (id, upto_us) VALUES (1, 0)"


class Counted(_Table):
    """Exchanges without rows, while the record is paused; by quarters, so that a day begins right in every zone."""

    quarter_us = IntegerField()
    provider = TextField()
    exchanges = IntegerField()
    failed = IntegerField()
    input_tokens = IntegerField()
    output_tokens = IntegerField()
    cache_read_tokens = IntegerField()
    cache_write_tokens = IntegerField()
    cost_nusd = IntegerField()
    unpriced = IntegerField()

    class Meta:
        table_name = "counted"
        primary_key = CompositeKey("quarter_us", "provider")
        without_rowid = True


class BodyKey(_Table):
    """A key that blocks are encrypted with, itself encrypted with the one in the keyring."""

    id = IntegerField(primary_key=True)
    wrapped = BlobField()
    created_us = IntegerField()

    class Meta:
        table_name = "body_key"


class ClientKeyRow(_Table):
    """A client key of `state.db`: never the key itself."""

    id = TextField(primary_key=True)
    name = TextField()
    tags = TextField()
    """JSON: a list of strings."""
    policy = TextField()
    """JSON: what `key_columns.py` writes of a `KeyPolicy`; nothing asks for a part of it."""
    expires_us = IntegerField()
    """0 is never; apart from the policy, because it is compared with the clock."""
    expired = IntegerField()
    """1 once the key was seen expired."""
    created_us = IntegerField()
    revoked_us = IntegerField(null=True)
    used_us = IntegerField()
    """When it last opened something; 0 is never."""

    class Meta:
        table_name = "client_key"


class KeyDigest(_Table):
    """A text that leads to a client key, as HMAC-SHA256; a key that is rotated has two of them for a while."""

    digest = BlobField(primary_key=True)
    key = TextField(constraints=[SQL("REFERENCES client_key (id) ON DELETE CASCADE")])
    created_us = IntegerField()
    ends_us = IntegerField()
    """0 is never."""
    ended = IntegerField()
    """1 once that moment was seen to be past."""

    class Meta:
        table_name = "client_key_digest"
        without_rowid = True


HISTORY = (Exchange, ExchangeDetail, Block, Link, Side, IndexedText, HourSum, HourName, Summed, Counted, BodyKey)
STATE = (ClientKeyRow, KeyDigest, *LEDGER)


def create_history(database: SqliteDatabase) -> None:
    """Make the newest schema of the history in an empty file."""
    _create(database, HISTORY)
    database.execute_sql(SEARCH)
    database.execute_sql(NO_TEXT)
    database.execute_sql(NOTHING_SUMMED)


def create_state(database: SqliteDatabase) -> None:
    """Make the newest schema of the state in an empty file."""
    _create(database, STATE)


def _create(database: SqliteDatabase, tables: tuple[type[Model], ...]) -> None:
    for table in tables:
        SchemaManager(table, database=database).create_all(safe=False)
