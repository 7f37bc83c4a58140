from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.text_pages import (
    LINE_CHARS,
    PAGE_BYTES,
    PIECE_CHARS,
    STEP_CHARS,
    PageReader,
    Piece,
    boundary,
    pages,
    steps,
    visible,
)

texts = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], include_characters="\n\t漢😀"), max_size=400
)


def joined(made):
    return "".join(piece.text for page in made for piece in page)


@given(st.lists(st.tuples(texts, st.sampled_from(["", "key"])), max_size=8), st.integers(1, 300))
def test_pages_together_are_the_text(parts, times):
    pieces = [Piece(text * times, style) for text, style in parts]
    made = list(pages(iter(pieces)))
    assert all(sum(len(piece.text.encode()) for piece in page) <= PAGE_BYTES for page in made)
    whole = "".join(piece.text for piece in pieces)
    assert joined(made).replace("\n", "") == whole.replace("\n", "")
    assert max(map(len, joined(made).split("\n"))) <= LINE_CHARS


def test_a_line_is_wrapped_also_over_several_pieces():
    made = joined(pages([Piece("x" * 1_500), Piece("y" * 1_500, "key"), Piece("z\n")]))
    assert made == "x" * 1_500 + "y" * 500 + "\n" + "y" * 1_000 + "z\n"


def test_pages_are_made_only_when_asked_for():
    asked = itertools.count()
    endless = (Piece(f"{next(asked)} " * 100) for _ in itertools.count())
    first = next(pages(endless))
    assert sum(len(piece.text) for piece in first) <= PAGE_BYTES
    assert next(asked) < 2_000


def test_control_characters_are_seen_and_cannot_act():
    assert visible("a\r\nb\x00\x1b[31mc\x7f\u2029d") == "a\nb␀␛[31mc␡\nd"
    at_the_seam = "x" * (PAGE_BYTES - 1) + "\r\nrest"
    assert "␍" not in joined(pages([Piece(at_the_seam)]))


def test_no_character_is_cut_in_two():
    data = "漢字😀".encode()
    assert [boundary(data, most) for most in range(11)] == [0, 0, 0, 3, 3, 3, 6, 6, 6, 6, 10]


def test_the_reader_knows_whether_there_is_more():
    reader = PageReader(lambda: [Piece("a" * 70_000)])
    first, second, third = reader.take(), reader.take(), reader.take()
    assert (first.has_more, second.has_more, third.has_more) == (True, False, False)
    assert first.size_bytes + second.size_bytes == 70_000 + 34
    assert third.steps == ()


def test_no_step_is_more_than_a_few_milliseconds_of_work():
    many = tuple(Piece("t\n", "ab"[number % 2]) for number in range(5_000))
    for page in (many, (Piece("x" * 50_000),), (Piece("same "),) * 9_000):
        made = list(steps(page))
        assert all(sum(len(piece.text) + PIECE_CHARS for piece in step) <= STEP_CHARS + PIECE_CHARS for step in made)
        assert joined(made) == joined([page])
    assert len(next(steps((Piece("same "),) * 100))) == 1
