"""What rests is told until the moment that it is asked again."""

from __future__ import annotations

from app.control.resting import Rest, rest_of, rest_of_all
from app.domain.provider import CredentialState
from app.domain.routing import Resting
from app.domain.status import AccountStatus


def account(name="", *, until_us=0, state=CredentialState.READY, weight=1):
    return AccountStatus(name, state, "", 0, weight, until_us, "rate limited" if until_us else "")


def test_the_longest_rest_of_an_account_counts():
    resting = (
        Resting("A", "", "", 500, "5 failures in a row", "open"),
        Resting("A", "", "", 900, "rate limited"),
        Resting("A", "", "opus", 9_999, "rate limited"),
        Resting("A", "work", "", 7_000, "quota used up"),
        Resting("B", "", "", 8_000, "4 failures in a row", "half-open"),
    )
    assert rest_of(resting, "A", "") == Rest(900, "rate limited")
    assert rest_of(resting, "A", "work") == Rest(7_000, "quota used up")
    assert rest_of(resting, "B", "") == Rest()


def test_a_provider_rests_while_all_of_it_does():
    assert rest_of_all((account(until_us=50), account("work", until_us=20))) == Rest(20, "rate limited")
    assert rest_of_all((account(until_us=50), account("work"))) == Rest()
    assert rest_of_all((account(),)) == Rest()
    assert rest_of_all(()) == Rest()


def test_accounts_that_cannot_be_asked_anyway_do_not_count():
    missing = account("work", state=CredentialState.MISSING)
    idle = account("idle", weight=0)
    assert rest_of_all((account(until_us=50), missing, idle)) == Rest(50, "rate limited")
