from __future__ import annotations

import pytest

from tests.fakes.exchanges import exchange_id, sides

PROMPT = (
    b"You are a helpful tool.|"
    + b"padding " * 40
    + b"find the GIL in function get_user_name and say why"
    + b" more" * 60
)


@pytest.fixture
def told(store):
    store.exchange(1, sides=sides(PROMPT, b"r"), answer="Die Größe ist 42; 日本語のテキスト. The lock is taken twice.")
    store.exchange(2, sides=sides(b"other|words", b"r"))
    store.index()
    return store


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("gil", "padding find the GIL in function"),
        ('"user name"', "function get_user_name and say"),
        ("grösse nothing", ""),
        ("größe", "Die Größe ist 42"),
        ("本語", "42; 日本語のテキスト"),
        ("lock gil", "The lock is taken twice."),
        ("GROSSE", ""),
        ("grobe", ""),
    ],
)
def test_the_text_around_the_first_hit(told, words, part):
    assert part in told.reader.snippet(exchange_id(1), words)


def test_it_is_one_short_line_with_its_cuts_marked(told):
    found = told.reader.snippet(exchange_id(1), "gil")
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) < 220
    assert "\n" not in found


def test_what_is_not_there_has_no_snippet(told):
    assert told.reader.snippet(exchange_id(2), "gil") == ""
    assert told.reader.snippet(exchange_id(9), "gil") == ""
    assert told.reader.snippet(exchange_id(1), "%") == ""


def test_a_hit_that_only_the_index_sees_shows_the_beginning(told):
    assert told.reader.snippet(exchange_id(1), "grosze") == ""
    assert told.reader.snippet(exchange_id(1), "große").startswith("Die Größe")
