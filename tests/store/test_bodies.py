from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.redact import Redactor
from app.store import blocks
from app.store.bodies import TEXT, BodyWriter
from app.store.sealing import Sealing
from tests.fakes.exchanges import NOW_US, split

SECRET = "hunter2-hunter2"


def conversation(turns):
    return b"".join(b"turn %d of the talk|" % number for number in range(turns))


@pytest.fixture
def bodies(store):
    return BodyWriter(store.connection, split, Sealing(), lambda: NOW_US)


def size(store):
    return store.connection.execute("SELECT coalesce(sum(length(data)), 0) FROM block").fetchone()[0]


@settings(max_examples=50)
@given(st.lists(st.lists(st.binary(max_size=20), min_size=1, max_size=6), max_size=6))
def test_any_body_comes_back(bodies_given):
    import sqlite3

    from app.store.migrations.history import MIGRATIONS

    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migrate in MIGRATIONS:
        migrate(connection)
    writer = BodyWriter(connection, split, Sealing(), lambda: NOW_US)
    for chunks in bodies_given:
        whole = b"".join(chunks)
        stored = writer.body(chunks, "some dialect")
        writer.flush()
        assert blocks.read(connection, stored.block, Sealing()) == whole
        assert (stored.size_bytes, stored.sha256) == (len(whole), hashlib.sha256(whole).digest())
    connection.close()


def test_equal_bodies_are_stored_once(store, bodies):
    first = bodies.body((b"a|b|c",), "d")
    bodies.flush()
    count = store.count("block")
    bodies.forget()
    assert bodies.body((b"a|", b"b|c"), "d") == first
    bodies.flush()
    assert store.count("block") == count


def test_a_growing_conversation_costs_what_is_new_and_not_its_square(store, bodies):
    for turns in range(1, 401):
        bodies.body((conversation(turns),), "d")
    bodies.flush()
    leaves = store.connection.execute("SELECT count(*) FROM block WHERE codec <> 2").fetchone()[0]
    assert leaves == 400
    assert store.count("link") < 400 * 50
    assert size(store) < 400 * 600
    assert blocks.read(store.connection, bodies.body((conversation(400),), "d").block, Sealing()) == conversation(400)


def test_a_conversation_that_goes_on_after_a_restart_finds_its_pieces(store, bodies):
    bodies.body((conversation(100),), "d")
    bodies.flush()
    count = store.count("block")
    again = BodyWriter(store.connection, split, Sealing(), lambda: NOW_US)
    again.body((conversation(101),), "d")
    again.flush()
    assert store.count("block") - count <= 3


def test_the_stored_bytes_are_masked_and_the_hash_is_that_of_the_wire(store, bodies):
    body = f"before|my key is {SECRET}|after".encode()
    bodies.use(Redactor([SECRET]))
    stored = bodies.body((body,), "d")
    bodies.flush()
    assert blocks.read(store.connection, stored.block, Sealing()) == b"before|my key is [secret]|after"
    assert stored.sha256 == hashlib.sha256(body).digest()


def test_two_secrets_that_look_the_same_when_masked_do_not_collide(store, bodies):
    bodies.use(Redactor([SECRET, SECRET[::-1]]))
    first = bodies.body((SECRET.encode(),), "d")
    second = bodies.body((SECRET[::-1].encode(),), "d")
    bodies.flush()
    assert first.block == second.block
    assert first.sha256 != second.sha256


def test_a_body_is_masked_again_once_another_secret_is_known(store, bodies):
    bodies.body((SECRET.encode(),), "d")
    bodies.flush()
    bodies.use(Redactor([SECRET]))
    stored = bodies.body((SECRET.encode(),), "d")
    bodies.flush()
    assert blocks.read(store.connection, stored.block, Sealing()) == b"[secret]"


@pytest.mark.parametrize("pieces", [lambda _d, _b: [b"wrong"], lambda _d, _b: 1 / 0])
def test_a_dialect_that_cuts_wrongly_loses_nothing(store, pieces):
    writer = BodyWriter(store.connection, pieces, Sealing(), lambda: NOW_US)
    stored = writer.body((b"a|b",), "d")
    writer.flush()
    assert blocks.read(store.connection, stored.block, Sealing()) == b"a|b"


def test_only_what_is_searched_waits_for_the_index(store, bodies):
    bodies.body((b"reply",))
    assert not bodies.flush()
    bodies.body((b"a|b",), "d", searched=True)
    assert bodies.flush()
    assert store.connection.execute("SELECT data FROM block WHERE dialect = 'd' ORDER BY id").fetchall() == [
        (b"a|",),
        (b"b",),
    ]


@pytest.mark.parametrize("flush_between", [True, False])
def test_a_piece_that_was_not_searched_can_become_so(store, bodies, flush_between):
    bodies.body((b"same",))
    if flush_between:
        bodies.flush()
    bodies.text("same")
    assert bodies.flush()
    assert store.connection.execute("SELECT dialect FROM block").fetchall() == [(TEXT,)]


def test_after_a_rollback_everything_is_stored_again(store, bodies):
    store.connection.execute("BEGIN")
    bodies.body((b"a|b",), "d")
    bodies.flush()
    store.connection.execute("ROLLBACK")
    bodies.forget()
    stored = bodies.body((b"a|b",), "d")
    bodies.flush()
    assert blocks.read(store.connection, stored.block, Sealing()) == b"a|b"
