from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store import blocks, search
from tests.fakes.exchanges import texts


def put(store, *contents):
    writer = store.opened.recording.bodies
    found = [writer.text(content).block for content in contents]
    writer.flush()
    store.index()
    return found


def find(store, words):
    hits = None
    for term in search.terms(words):
        rows = store.connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (term,)).fetchall()
        found = {block for (block,) in rows}
        hits = found if hits is None else hits & found
    return hits or set()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("brown", True),
        ("BROWN", True),
        ("brow", True),
        ("row", False),
        ("quick fox", True),
        ('"quick fox"', False),
        ('"quick brown"', True),
        ('"quick bro"', False),
        ("qu", False),
        ("uber", True),
        ("get_user_name", True),
        ("user_name(42)", True),
        ("quick AND nonsense", False),
        ("日本", True),
        ("本語", True),
        ("日語", False),
        ("한국", True),
        ('"日本語 fox"', False),
    ],
)
def test_words_find_their_block(store, words, found):
    (block,) = put(store, "The quick, brown fox; über get_user_name(42) 日本語のテスト 한국어")
    assert find(store, words) == ({block} if found else set())


HOSTILE = ["%", "_", "'", '"', '""', '" "', "NEAR(", "NEAR(a b, 5)", "*", "a*", "AND", "OR NOT", "text:fox", "^fox"]
HOSTILE += [
    "-fox",
    "{fox}",
    "(",
    "x" * 10_000,
    "\0",
    "fox\0brown",
    "\ud800",
    "a" + '"' * 50,
    "/* fox */",
    "fox\u2028brown",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_that_can_be_typed_is_an_error(store, words):
    put(store, "the quick brown fox")
    find(store, words)


@given(st.text(max_size=50))
def test_no_text_at_all_makes_an_invalid_question(words):
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE search USING fts5(text, content='', columnsize=0)")
    for term in search.terms(words):
        connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (term,)).fetchall()
    connection.close()


def test_signs_alone_ask_for_nothing():
    assert search.terms("% _ - '") == ()


def test_a_question_has_bounds():
    assert len(search.terms(" ".join(map(str, range(1_000))))) == 12


def test_a_block_that_is_deleted_is_found_no_more(store):
    first, second = put(store, "alpha beta", "beta gamma")
    for deleted in blocks.release(store.connection, [first]):
        search.forget(store.connection, texts, deleted)
    assert find(store, "alpha") == set()
    assert find(store, "beta") == {second}
    store.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_a_text_that_reads_otherwise_today_does_not_damage_the_index(store):
    (block,) = put(store, "alpha beta")
    (deleted,) = blocks.release(store.connection, [block])
    search.forget(store.connection, texts, (*deleted[:3], b"something else"))
    store.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_a_dialect_that_cannot_read_a_piece_only_leaves_it_out(store):
    def broken(_dialect, _piece):
        raise ValueError("odd piece")

    assert search.text_of(broken, "d", b"x") == ""


def test_texts_that_fts_cannot_hold_are_made_fit():
    assert search.text_of(lambda _d, _p: ["a\0b", "c\ud800"], "d", b"") == "a b\nc?"


def test_large_waiting_texts_are_indexed_a_few_at_a_time(store):
    writer = store.opened.recording.bodies
    for number in range(5):
        writer.text(f"word{number} " * 100)
    writer.flush()
    assert search.index(store.connection, texts, max_bytes=1_500) == 2
    assert search.index(store.connection, texts, max_bytes=1) == 1
    assert search.index(store.connection, texts) == 2
    assert search.index(store.connection, texts) == 0
