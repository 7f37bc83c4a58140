from __future__ import annotations

import pytest

from app.domain.exchange import Filter, State
from app.store.hourly import HOUR_US
from app.store.queries import spans
from app.store.queries.spans import EVER_US, Parts
from tests.fakes.exchanges import NOW_US, end, start

HOUR0_US = NOW_US // HOUR_US * HOUR_US


@pytest.fixture
def summed(store):
    """Hours 0, 1 and 3 of A, hour 2 of B, all added up; a row of C in the running hour 9."""
    for number, (hour, name) in enumerate(((0, "A"), (1, "A"), (2, "B"), (3, "A"), (9, "C")), 1):
        store.record(start(number, started_us=HOUR0_US + hour * HOUR_US, provider=name, sent_model=f"model {name}"))
        store.record(end(number))
    while store.opened.hourly.step(HOUR0_US + 9 * HOUR_US + 1):
        pass
    return store


def hours(found):
    return [((low - HOUR0_US) // HOUR_US, (high - HOUR0_US) // HOUR_US) for low, high in found[1:]]


def test_only_hours_that_hold_the_name_are_looked_at_and_what_is_not_summed_yet(summed):
    found = spans.spans(summed.connection, Filter(providers=("A",)))
    assert found[0] == (HOUR0_US + 9 * HOUR_US, EVER_US)
    assert hours(found) == [(3, 4), (0, 2)]
    assert hours(spans.spans(summed.connection, Filter(providers=("A", "B")))) == [(0, 4)]
    assert hours(spans.spans(summed.connection, Filter(providers=("A",), models=("model B",)))) == []
    assert hours(spans.spans(summed.connection, Filter(states=(State.FAILED,)))) == []


def test_the_filters_time_cuts_the_spans(summed):
    wanted = Filter(providers=("A",), since_us=HOUR0_US + HOUR_US + 5, until_us=HOUR0_US + 3 * HOUR_US + 7)
    assert spans.spans(summed.connection, wanted) == (
        (HOUR0_US + 3 * HOUR_US, HOUR0_US + 3 * HOUR_US + 7),
        (HOUR0_US + HOUR_US + 5, HOUR0_US + 2 * HOUR_US),
    )


def test_a_filter_without_names_is_one_span(summed):
    assert spans.spans(summed.connection, Filter()) == ((0, EVER_US),)
    assert spans.spans(summed.connection, Filter(session_id="s", providers=("A",))) == ((0, EVER_US),)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (0, 0, Parts((0, 10 * HOUR_US), ((10 * HOUR_US, EVER_US),))),
        (1, 0, Parts((HOUR_US, 10 * HOUR_US), ((1, HOUR_US), (10 * HOUR_US, EVER_US)))),
        (0, 2 * HOUR_US, Parts((0, 2 * HOUR_US), ())),
        (5, HOUR_US - 5, Parts((0, 0), ((5, HOUR_US - 5),))),
        (11 * HOUR_US, 0, Parts((0, 0), ((11 * HOUR_US, EVER_US),))),
        (7, 3 * HOUR_US + 1, Parts((HOUR_US, 3 * HOUR_US), ((7, HOUR_US), (3 * HOUR_US, 3 * HOUR_US + 1)))),
    ],
)  # fmt: skip
def test_a_time_is_cut_into_summed_hours_and_the_rest(since, until, expected):
    assert spans.parts(Filter(since_us=since, until_us=until), 10 * HOUR_US) == expected


def test_pages_totals_and_counts_are_the_same_before_and_after_hours_are_summed(store):
    for number in range(1, 60):
        name = "rare" if number % 20 == 0 else "usual"
        store.record(
            start(
                number,
                started_us=HOUR0_US + number * HOUR_US // 3,
                provider=name,
                client=f"c{number % 3}",
                client_key=f"k{number % 4}",
            )
        )
        store.record(end(number, state=State.FAILED if number % 7 == 0 else State.DONE))
    asked = [
        Filter(),
        Filter(providers=("rare",)),
        Filter(providers=("usual", "rare"), since_us=HOUR0_US + 100, until_us=HOUR0_US + 9 * HOUR_US + 100),
        Filter(states=(State.FAILED,)),
        Filter(states=(State.FAILED,), clients=("c1",)),
        Filter(models=("opus",)),
        Filter(client_keys=("k1",)),
        Filter(client_keys=("k1",), clients=("c2",), since_us=HOUR0_US + 5 * HOUR_US),
        Filter(clients=("c0", "c2"), since_us=HOUR0_US + 5 * HOUR_US),
        Filter(providers=("nobody",)),
    ]

    def answers():
        reader = store.reader
        before = (HOUR0_US + 8 * HOUR_US, "")
        return [
            (reader.page(one, limit=7), reader.page(one, before=before), reader.count(one), reader.totals(one))
            for one in asked
        ], reader.facets()

    first = answers()
    while store.opened.hourly.step(HOUR0_US + 18 * HOUR_US):
        pass
    assert store.count("hour_sum") > 10
    assert answers() == first
