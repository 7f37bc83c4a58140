"""Rules that can be written down and do not what they seem to: their writer is told."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.routing import ErrorRule, Routing, Rule

_LEAST_STATUS, LEAST_ERROR = 100, 300
"""No redirect is followed: it is an error as well."""


def is_no_error(rule: ErrorRule) -> bool:
    """Whether it is about a status that no error has, so that it never counts."""
    return _LEAST_STATUS <= rule.status < LEAST_ERROR


def is_all_day(rule: Rule) -> bool:
    """Whether its hours end when they begin: such a rule fits at every hour."""
    return rule.between is not None and rule.between[0] == rule.between[1]


def idle(routing: Routing) -> Iterator[str]:
    """Each such rule in words: "error rule 1: status 200 belongs to no error, so it never counts"."""
    for number, rule in enumerate(routing.rules, start=1):
        if is_all_day(rule):
            yield f"route {number}, between: ends when it begins, so it fits at every hour"
    for number, error_rule in enumerate(routing.error_rules, start=1):
        if is_no_error(error_rule):
            yield f"error rule {number}: status {error_rule.status} belongs to no error, so it never counts"
