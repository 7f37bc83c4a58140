from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.store import blocks
from app.store.packing import pack_ids
from app.store.sealing import Sealing


@given(st.binary(max_size=500))
def test_a_leaf_comes_back(content):
    assert blocks.decode(*blocks.encode(content)) == content


def test_what_does_not_shrink_is_kept_as_it_is():
    assert blocks.encode(b"short") == (blocks.PLAIN, b"short")
    assert blocks.encode(b"a" * 1_000)[0] == blocks.ZSTD


def test_a_node_never_has_the_address_of_a_leaf():
    assert blocks.node_hash(pack_ids([1, 2])) != blocks.leaf_hash(pack_ids([1, 2]))


def insert(store, block, codec, data, *, parts=()):
    store.connection.execute(
        "INSERT INTO block (id, hash, codec, size_bytes, dialect, data) VALUES (?, ?, ?, 0, '', ?)",
        (block, bytes([block]) * 16, codec, data),
    )
    store.connection.executemany("INSERT INTO link VALUES (?, ?)", [(part, block) for part in parts])


def tree(store):
    """4 = (3 = (1, 2), 1)"""
    insert(store, 1, blocks.PLAIN, b"one ")
    insert(store, 2, blocks.PLAIN, b"two ")
    insert(store, 3, blocks.NODE, pack_ids([1, 2]), parts=[1, 2])
    insert(store, 4, blocks.NODE, pack_ids([3, 1]), parts=[3, 1])


def test_a_tree_is_read_in_order(store):
    tree(store)
    assert blocks.read(store.connection, 4, Sealing()) == b"one two one "
    assert [block for block, *_ in blocks.leaves(store.connection, 4, Sealing())] == [1, 2, 1]


def test_releasing_deletes_what_nobody_else_needs(store):
    tree(store)
    insert(store, 5, blocks.NODE, pack_ids([1]), parts=[1])
    assert list(blocks.release(store.connection, [4])) == []
    assert store.connection.execute("SELECT id FROM block ORDER BY id").fetchall() == [(1,), (5,)]
    assert store.connection.execute("SELECT * FROM link").fetchall() == [(1, 5)]


def test_releasing_what_is_needed_does_nothing(store):
    tree(store)
    assert list(blocks.release(store.connection, [3, 1])) == []
    assert store.count("block") == 4


def test_an_indexed_leaf_is_handed_over_to_be_forgotten(store):
    tree(store)
    store.connection.execute("UPDATE block SET dialect = 'text', text_crc = 7 WHERE id = 2")
    assert list(blocks.release(store.connection, [4])) == [(2, "text", 7, b"two ")]
