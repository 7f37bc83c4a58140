"""What rests is told until the moment that it is asked again."""

from __future__ import annotations

from app.control.resting import Rest, ends_us, partly, rest_of, rest_of_all, words_of
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


def test_some_keys_and_single_models_that_rest_are_told_of_a_provider_that_is_asked():
    resting = (
        Resting("A", "", "opus", 60_000_000, "rate limited"),
        Resting("A", "work", "opus", 120_000_000, "quota used up"),
        Resting("B", "", "haiku", 60_000_000, "rate limited"),
    )
    keys, opus = partly(resting, "A", (account(until_us=60_000_000), account("work")), 0)
    assert keys == f"1 of 2 keys {words_of(Rest(60_000_000, 'rate limited'), 0)}"
    assert opus == f"opus {words_of(Rest(120_000_000, 'quota used up'), 0)}"
    assert list(partly((), "A", (account(),), 0)) == []
    assert words_of(Rest(), 0) == ""


def test_when_the_first_rest_ends():
    resting = (Resting("A", "", "", 70, "x"), Resting("B", "", "m", 50, "x"), Resting("B", "", "", 10, "x"))
    assert (ends_us(resting, 20), ends_us(resting, 70)) == (50, 0)
