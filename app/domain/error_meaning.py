"""What the user's own rules say that an error of a provider means: "this 400 is overload"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.routing import ErrorRule, Meaning


def meaning_of(rules: Iterable[ErrorRule], provider: str, status: int, text: str) -> Meaning | None:
    """What the first rule that fits says; None where none does. `status` is the provider's own, 0 without any answer.

    A rule without status, text and provider would mean every error there is, so it means none.
    """
    lowered = ""
    for rule in rules:
        if (rule.status and rule.status != status) or (rule.provider and rule.provider.lower() != provider.lower()):
            continue
        if rule.text:
            lowered = lowered or text.lower()
            if rule.text.lower() in lowered:
                return rule.means
        elif rule.status or rule.provider:
            return rule.means
    return None


def covered_by(rules: Sequence[ErrorRule], index: int) -> int | None:
    """The index of the first rule before that one that fits all its errors, so that it never counts; None without."""
    rule = rules[index]
    return next((place for place, one in enumerate(rules[:index]) if _covers(one, rule)), None)


def _covers(one: ErrorRule, other: ErrorRule) -> bool:
    if not one.status and not one.text and not one.provider:
        return False
    return (
        one.status in (0, other.status)
        and one.provider.lower() in ("", other.provider.lower())
        and one.text.lower() in other.text.lower()
    )
