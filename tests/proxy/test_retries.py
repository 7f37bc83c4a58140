"""How long a retry waits, and how many there may be."""

from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.retries import RetryBudget, pause_s


def wait(kind=ErrorKind.OVERLOADED, after=None, retries=0, chance=1.0):
    return pause_s(PatchbayError(kind, "", retry_after_s=after), retries, lambda: chance)


def test_each_pause_is_twice_as_long_at_most_and_any_part_of_it():
    assert [wait(retries=count) for count in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert wait(retries=3, chance=0.25) == 1.0


@pytest.mark.parametrize("kind", [ErrorKind.OVERLOADED, ErrorKind.RATE_LIMITED])
def test_what_the_provider_asks_for_is_waited_where_it_is_short(kind):
    assert wait(kind, 2.0) == 2.0
    assert wait(kind, 10.0) == 10.0
    assert wait(kind, 10.5) is None
    assert wait(kind, 60.0) is None


def test_a_wait_beyond_belief_is_none():
    assert wait(after=61.0) == 0.5
    assert wait(after=0.0) == wait(after=-3.0) == 0.5
    assert wait(ErrorKind.RATE_LIMITED, 3600.0) is None


def test_three_retries_or_a_share_of_what_runs():
    running = 0
    budget = RetryBudget(lambda: running)
    assert [budget.take(0.2) for _ in range(4)] == [True, True, True, False]
    running = 25
    assert [budget.take(0.2) for _ in range(3)] == [True, True, False]
    budget.give_back()
    assert budget.take(0.2)
    assert budget.running == 5
