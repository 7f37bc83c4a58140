from __future__ import annotations

import pytest

from app.domain.error_meaning import meaning_of
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
