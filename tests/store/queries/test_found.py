"""Both ways to the exchanges that hold the words lead to the same ones."""

from __future__ import annotations

import pytest

from app.domain.exchange import Filter
from app.store.queries import found
from tests.fakes.exchanges import end, exchange_id, sides, start


@pytest.fixture
def talks(store):
    """Three conversations of 20 turns that share their beginning; the word of each turn is in all later ones."""
    for talk in range(3):
        said = b"shared beginning|"
        for turn in range(20):
            number = talk * 20 + turn + 1
            said += b"talk%d turn%d word|" % (talk, turn)
            store.record(start(number, provider=f"P{turn % 2}"))
            store.record(end(number, sides=sides(said, b"reply"), answer=f"answer{number} common"))
    store.index()
    return store


def numbers(store, words, **values):
    limit = values.pop("limit", 200)
    before = values.pop("before", None)
    page = store.reader.page(Filter(search=words, **values), limit=limit, before=before)
    return [int(row.id, 16) for row in page]


@pytest.fixture(params=["looks once", "goes up at once"])
def way(request, monkeypatch):
    if request.param == "goes up at once":
        monkeypatch.setattr(found, "_LOOKED_AT", 1)
        monkeypatch.setattr(found, "_LOOKED_AT_MORE", 2)
        monkeypatch.setattr(found, "_COMMON", 3)


def test_words_are_found_in_every_turn_that_repeats_them(talks, way):
    assert numbers(talks, "talk1 turn7") == list(range(40, 27, -1))
    assert numbers(talks, "shared") == list(range(60, 0, -1))
    assert numbers(talks, "answer33") == [33]
    assert numbers(talks, "answer33 shared talk1") == [33]
    assert numbers(talks, "answer33 talk2") == []
    assert numbers(talks, "nowhere shared") == []


def test_pages_and_other_conditions_hold(talks, way):
    assert numbers(talks, "common", limit=5) == [60, 59, 58, 57, 56]
    last = talks.reader.page(Filter(search="common"), limit=5)[-1]
    assert numbers(talks, "common", limit=3, before=(last.started_us, last.id)) == [55, 54, 53]
    assert numbers(talks, "talk0", providers=("P1",)) == list(range(20, 0, -2))
    assert numbers(talks, "talk0", session_id="nobody") == []


def test_what_is_counted_is_what_is_listed(talks, way):
    for words in ("talk1 turn7", "shared", "common answer5", "turn19"):
        assert talks.reader.count(Filter(search=words)) == len(numbers(talks, words))


def test_bodies_that_were_dropped_are_not_found(talks, way):
    talks.connection.execute("UPDATE side SET block = NULL WHERE exchange <= 30")
    assert numbers(talks, "shared") == list(range(60, 30, -1))


def test_a_question_of_signs_finds_nothing(talks):
    assert numbers(talks, "%_ '' --") == []
    assert exchange_id(1)
