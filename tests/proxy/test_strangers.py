"""Wrong keys from other machines."""

from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.strangers import DELAY_S, MOST_ADDRESSES, REFUSED_AFTER, SLOW_AFTER, WINDOW_S, Strangers
from tests.fakes.clock import HandClock

THERE = "192.0.2.7"


def test_some_mistakes_cost_nothing_then_each_costs_a_second_and_then_the_address_is_refused():
    clock = HandClock()
    strangers = Strangers(clock)
    waits = []
    for _ in range(REFUSED_AFTER):
        strangers.admit(THERE)
        waits.append(strangers.failed(THERE))
        clock.forward(1)
    assert waits == [0.0] * SLOW_AFTER + [DELAY_S] * (REFUSED_AFTER - SLOW_AFTER)
    with pytest.raises(PatchbayError) as refused:
        strangers.admit(THERE)
    assert refused.value.kind is ErrorKind.TOO_MANY_FAILURES
    assert refused.value.retry_after_s == WINDOW_S - REFUSED_AFTER
    strangers.admit("192.0.2.8")


def test_after_the_time_that_it_was_told_the_address_is_heard_again():
    clock = HandClock()
    strangers = Strangers(clock)
    for _ in range(REFUSED_AFTER):
        strangers.failed(THERE)
    with pytest.raises(PatchbayError) as refused:
        strangers.admit(THERE)
    assert refused.value.retry_after_s is not None
    clock.forward(refused.value.retry_after_s)
    strangers.admit(THERE)
    assert strangers.failed(THERE) == 0.0


def test_endless_addresses_take_a_bounded_room():
    strangers = Strangers(HandClock())
    for number in range(MOST_ADDRESSES + 100):
        strangers.failed(str(number))
    assert len(strangers._failures) == MOST_ADDRESSES
