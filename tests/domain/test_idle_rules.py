from __future__ import annotations

import pytest

from app.domain.idle_rules import idle, is_no_error
from app.domain.routing import ErrorRule, Meaning, Routing, Rule


@pytest.mark.parametrize(
    ("status", "none"), [(0, False), (9, False), (100, True), (200, True), (299, True), (307, False)]
)
def test_a_status_below_300_is_no_errors(status, none):
    assert is_no_error(ErrorRule(Meaning.OVERLOADED, status)) is none


def test_rules_that_do_not_what_they_seem_to_are_named():
    rules = (Rule(), Rule(between=(0, 1440)), Rule(between=(600, 600)))
    errors = (ErrorRule(Meaning.REFUSED, 400), ErrorRule(Meaning.OVERLOADED, 200))
    assert list(idle(Routing(rules=rules, error_rules=errors))) == [
        "route 3, between: ends when it begins, so it fits at every hour",
        "error rule 2: status 200 belongs to no error, so it never counts",
    ]
