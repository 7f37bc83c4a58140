from __future__ import annotations

import pytest

from app.domain.error_meaning import covered_by, meaning_of
from app.domain.routing import ErrorRule, Meaning

RULES = (
    ErrorRule(Meaning.REFUSED, status=400, text="No Such Tool", provider="Up"),
    ErrorRule(Meaning.OVERLOADED, status=400, text="overload"),
    ErrorRule(Meaning.RATE_LIMITED, text="quota"),
    ErrorRule(Meaning.OVERLOADED, provider="Weak"),
)


@pytest.mark.parametrize(
    ("provider", "status", "text", "meaning"),
    [
        ("up", 400, "there is no such tool here; overloaded", Meaning.REFUSED),
        ("Other", 400, "no such tool; OVERLOADED", Meaning.OVERLOADED),
        ("Other", 500, "overloaded", None),
        ("Other", 403, "Quota reached", Meaning.RATE_LIMITED),
        ("weak", 418, "", Meaning.OVERLOADED),
        ("Other", 0, "", None),
    ],
)
def test_the_first_rule_that_fits_counts(provider, status, text, meaning):
    assert meaning_of(RULES, provider, status, text) is meaning


def test_a_rule_without_any_condition_means_no_error():
    assert meaning_of((ErrorRule(Meaning.REFUSED),), "Up", 500, "text") is None


@pytest.mark.parametrize(
    ("first", "second", "covered"),
    [
        (ErrorRule(Meaning.REFUSED, status=400), ErrorRule(Meaning.OVERLOADED, status=400, text="busy"), True),
        (ErrorRule(Meaning.REFUSED, text="BUS"), ErrorRule(Meaning.OVERLOADED, provider="Up", text="busy"), True),
        (ErrorRule(Meaning.REFUSED, provider="up"), ErrorRule(Meaning.OVERLOADED, provider="Up", status=400), True),
        (ErrorRule(Meaning.REFUSED, status=400), ErrorRule(Meaning.OVERLOADED, text="busy"), False),
        (ErrorRule(Meaning.REFUSED, text="busy"), ErrorRule(Meaning.OVERLOADED, status=400), False),
        (ErrorRule(Meaning.REFUSED, provider="Up"), ErrorRule(Meaning.OVERLOADED, status=400), False),
        (ErrorRule(Meaning.REFUSED), ErrorRule(Meaning.OVERLOADED, status=400), False),
    ],
)
def test_a_rule_that_never_counts_is_known(first, second, covered):
    other = ErrorRule(Meaning.RATE_LIMITED, status=418)
    assert covered_by((other, first, second), 2) == (1 if covered else None)
    assert covered_by((second, first), 0) is None
