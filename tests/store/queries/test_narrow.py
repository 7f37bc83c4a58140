from __future__ import annotations

import pytest

from app.domain.exchange import Filter, State
from app.domain.usage import NO_USAGE
from tests.fakes.exchanges import NOW_US, exchange_id, rows_of, sides


@pytest.fixture
def filled(store):
    store.exchange(1, start={"provider": "A", "client": "codex", "requested_model": "gpt-5", "sent_model": "opus"})
    store.exchange(
        2, start={"provider": "B", "client_key": "laptop", "session_id": "one"}, state=State.FAILED, usage=NO_USAGE
    )
    whales, birds = sides(b"tell me|of whales", b"r"), sides(b"tell me|of birds", b"r")
    store.exchange(3, start={"provider": "B", "sent_model": "gpt-5"}, sides=whales, answer="They sing")
    store.exchange(4, start={"provider": "O'Brien"}, sides=birds, answer="They sing too")
    store.index()
    return store


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [4, 3, 2, 1]),
        (Filter(providers=("A",)), [1]),
        (Filter(providers=("A", "B")), [3, 2, 1]),
        (Filter(providers=("O'Brien",)), [4]),
        (Filter(models=("gpt-5",)), [3, 1]),
        (Filter(states=(State.FAILED, State.CANCELLED)), [2]),
        (Filter(clients=("codex",)), [1]),
        (Filter(client_keys=("laptop", "gone")), [2]),
        (Filter(client_keys=("default",), providers=("B",)), [3]),
        (Filter(session_id="one"), [2]),
        (Filter(session_id="one", providers=("A",)), []),
        (Filter(since_us=NOW_US + 2), [4, 3, 2]),
        (Filter(until_us=NOW_US + 2), [1]),
        (Filter(since_us=NOW_US + 2, until_us=NOW_US + 4), [3, 2]),
        (Filter(search="whales"), [3]),
        (Filter(search="tell sing"), [4, 3]),
        (Filter(search="whales sing"), [3]),
        (Filter(search="whales too"), []),
        (Filter(search="birds", providers=("B",)), []),
        (Filter(search='"of birds"'), [4]),
        (Filter(search="%"), []),
        (Filter(search="   "), [4, 3, 2, 1]),
        (Filter(providers=("'; DROP TABLE exchange; --",)), []),
    ],
)
def test_a_filter_keeps_what_it_asks_for(filled, wanted, numbers):
    assert [row.id for row in filled.reader.page(wanted)] == [exchange_id(number) for number in numbers]
    assert filled.reader.count(wanted) == len(numbers)
    assert filled.reader.totals(wanted).exchanges == len(numbers)
    assert sorted(row.id for row in rows_of(filled.reader, wanted)) == sorted(exchange_id(number) for number in numbers)


def test_what_only_the_upstream_was_sent_is_not_searched(store):
    from app.domain.exchange import Side, Sides

    store.exchange(1, sides=Sides(client_request=Side(body=(b"mine",)), upstream_request=Side(body=(b"theirs",))))
    store.index()
    assert store.reader.count(Filter(search="mine")) == 1
    assert store.reader.count(Filter(search="theirs")) == 0


def test_a_piece_shared_by_many_exchanges_finds_them_all(store):
    for number in range(1, 41):
        talk = b"".join(b"turn %d said|" % turn for turn in range(number))
        store.exchange(number, sides=sides(talk, b"r"))
    store.index()
    assert store.reader.count(Filter(search='"turn 0"')) == 40
    assert store.reader.count(Filter(search='"turn 39"')) == 1
    assert store.reader.count(Filter(search='"turn 20" said')) == 20
