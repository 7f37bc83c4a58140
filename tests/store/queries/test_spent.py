from __future__ import annotations

import pytest

from app.domain.exchange import State
from app.domain.usage import NO_USAGE, Usage
from app.store.queries.spent import Asked, Spent
from tests.fakes.exchanges import NOW_US, exchange_id, start

ONE = Spent(1_200, 1_000 * 1_000 + 200 * 5_000)
"""An exchange of the fakes: a thousand tokens in at a dollar, two hundred out at five."""


@pytest.fixture
def asked(store):
    store.exchange(1)
    store.exchange(2, start={"client_key": "laptop", "provider": "OpenAI", "sent_model": "gpt-5_mini"})
    store.record(start(3, client_key="laptop"))
    return store.reader.spent


def test_everything_that_has_ended_counts(asked):
    assert asked(Asked(0)) == Spent(2 * ONE.tokens, 2 * ONE.cost_nusd)
    assert asked(Asked(NOW_US + 2)) == ONE
    assert asked(Asked(NOW_US + 3)) == Spent()


@pytest.mark.parametrize(
    ("narrow", "tokens"),
    [
        ({"key": "laptop"}, 1_200),
        ({"key": "nobody"}, 0),
        ({"provider": "OpenAI"}, 1_200),
        ({"model": "GPT-*"}, 1_200),
        ({"model": "gpt-5_mini"}, 1_200),
        ({"model": "gpt_5*"}, 0),
        ({"model": "*"}, 2_400),
        ({"besides": [exchange_id(1)]}, 1_200),
        ({"besides": [exchange_id(1), exchange_id(2), "x"]}, 0),
    ],
)
def test_each_scope_asks_for_its_own(asked, narrow, tokens):
    assert asked(Asked(0, **narrow)).tokens == tokens


def test_failed_cancelled_and_interrupted_exchanges_count_as_far_as_they_went(store):
    for number, state in enumerate((State.FAILED, State.CANCELLED, State.INTERRUPTED)):
        store.exchange(number, state=state, usage=Usage(10, output_tokens=number))
    store.exchange(9, state=State.FAILED, usage=NO_USAGE)
    assert store.reader.spent(Asked(0)).tokens == 33


def test_what_has_no_price_is_counted_unless_it_is_free(make_store):
    store = make_store(price=lambda *_: None)
    store.exchange(1, start={"provider": "Mine"})
    store.exchange(2, start={"provider": "Ollama"})
    assert store.reader.spent(Asked(0)) == Spent(2_400, 0, 2)
    assert store.reader.spent(Asked(0, free=("Ollama",))) == Spent(2_400, 0, 1)


def test_what_was_only_counted_is_known_by_provider(store):
    store.connection.execute(
        "INSERT INTO counted VALUES (?, 'OpenAI', 3, 0, 10, 20, 30, 40, 500, 1)", (NOW_US // 900_000_000 * 900_000_000,)
    )
    assert store.reader.spent(Asked(0)) == Spent(100, 500, 1)
    assert store.reader.spent(Asked(0, provider="OpenAI", free=("OpenAI",))) == Spent(100, 500, 0)
    assert store.reader.spent(Asked(0, provider="Other")) == Spent()
    assert store.reader.spent(Asked(0, key="laptop")) == Spent()


def test_an_empty_history_has_spent_nothing(tmp_path):
    from app.store.queries.reader import HistoryReader

    assert HistoryReader(tmp_path / "none.db").spent(Asked(0)) == Spent()
