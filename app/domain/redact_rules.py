"""Masking rules of the user: regular expressions that are looked at before they are used.

Python's `re` goes back and tries again, so that a careless expression can take minutes for one body, and with it the
loop's interpreter lock. Therefore a rule is only taken if, from any place in a text, no more than a bounded number of
steps can follow. `cost` counts them from the parsed expression, as an upper bound: how long a match can get, times how
many ways there are to match. A repetition that what follows can never continue has one way only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

MOST_RULES = 64
LONGEST_RULE = 1_000
_STEPS = 512
_STEPS_BEHIND_A_START = 16_384
"""Where the rule begins with some fixed letters, few places in a text are a beginning at all."""
_FIXED_START = 3
_TOO_MANY = 10**9
_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
_ALL = frozenset(range(256))

Node = tuple[Any, Any]


class BadRuleError(ValueError):
    """A rule that cannot be used; the text says why and what to do."""


@cache
def rule(pattern: str) -> re.Pattern[bytes]:
    """The rule, ready for use; raises BadRuleError."""
    if not 0 < len(pattern) <= LONGEST_RULE:
        raise BadRuleError(f"must have 1 to {LONGEST_RULE:,} characters")
    try:
        made = re.compile(pattern.encode())
        tree = _parser.parse(pattern.encode())
    except (re.error, OverflowError, RecursionError, UnicodeEncodeError) as error:
        raise BadRuleError(f"is no regular expression ({error})") from None
    items = list(tree)
    folded = bool(made.flags & re.IGNORECASE)
    if tree.getwidth()[0] == 0:
        raise BadRuleError("also matches where there is nothing; let it ask for at least one character")
    length, ways = _measure(items, frozenset(), folded, at_end=True)
    most = _STEPS_BEHIND_A_START if _fixed_start(items) >= _FIXED_START else _STEPS
    if length * ways > most:
        raise BadRuleError(
            "could take too long; begin it with fixed letters, or give repetitions lower bounds, such as {1,64}"
        )
    return made


def _fixed_start(items: Sequence[Node]) -> int:
    fixed = 0
    for kind, _ in items:
        if kind is not code.LITERAL:
            break
        fixed += 1
    return fixed


def _measure(items: Sequence[Node], after: frozenset[int], folded: bool, *, at_end: bool) -> tuple[int, int]:  # noqa: FBT001
    """(the longest match, how many ways to match) of a sequence before `after`; `at_end`: nothing follows it at all."""
    length, ways = 0, 1
    for place, item in enumerate(items):
        rest = items[place + 1 :]
        last = at_end and not rest
        follows = _first(rest, folded) | (after if _may_be_empty(rest) else frozenset())
        more, tries = _measure_one(item, follows, folded, last=last)
        length, ways = min(length + more, _TOO_MANY), min(ways * tries, _TOO_MANY)
    return length, ways


def _measure_one(item: Node, follows: frozenset[int], folded: bool, *, last: bool) -> tuple[int, int]:  # noqa: FBT001
    kind, value = item
    if kind in _REPEATS:
        return _measure_repeat(value, follows, folded, last=last)
    if kind is code.SUBPATTERN:
        return _measure(list(value[-1]), follows, folded, at_end=last)
    if kind is code.ATOMIC_GROUP:
        return _measure(list(value), follows, folded, at_end=last)
    if kind is code.BRANCH:
        measured = [_measure(list(branch), follows, folded, at_end=last) for branch in value[1]]
        return max(length for length, _ in measured), min(sum(ways for _, ways in measured), _TOO_MANY)
    if kind is code.AT:
        return 0, 1
    if kind in (code.ASSERT, code.ASSERT_NOT, code.GROUPREF, code.GROUPREF_EXISTS):
        raise BadRuleError("looks around or back, which no rule may; write down what is to be masked")
    return 1, 1


def _measure_repeat(value: Any, follows: frozenset[int], folded: bool, *, last: bool) -> tuple[int, int]:  # noqa: FBT001
    least, most, repeated = value
    items = list(repeated)
    endless = most is code.MAXREPEAT
    single = len(items) == 1 and _single(items[0])
    if endless and not last:
        raise BadRuleError("repeats without end before its own end; give an upper bound, such as {1,64}")
    if single:
        settled = last or not (_first(items, folded) & follows)
        return (int(least) if endless else int(most)), 1 if settled else int(most) - int(least) + 1
    length, ways = _measure(items, _first(items, folded) | follows, folded, at_end=False)
    if endless or ways > 1:
        raise BadRuleError("repeats a group that can match in several ways, or without end; repeat single characters")
    return min(length * int(most), _TOO_MANY), int(most) - int(least) + 1


def _single(item: Node) -> bool:
    return item[0] in (code.LITERAL, code.NOT_LITERAL, code.ANY, code.IN)


def _may_be_empty(items: Sequence[Node]) -> bool:
    return all(_empty(item) for item in items)


def _empty(item: Node) -> bool:
    kind, value = item
    if kind in _REPEATS:
        return value[0] == 0 or _may_be_empty(list(value[2]))
    if kind is code.SUBPATTERN:
        return _may_be_empty(list(value[-1]))
    if kind is code.ATOMIC_GROUP:
        return _may_be_empty(list(value))
    if kind is code.BRANCH:
        return any(_may_be_empty(list(branch)) for branch in value[1])
    return kind is code.AT


def _first(items: Sequence[Node], folded: bool) -> frozenset[int]:  # noqa: FBT001
    """The bytes that a match of the sequence can begin with."""
    found: frozenset[int] = frozenset()
    for item in items:
        found |= _first_of(item, folded)
        if not _empty(item):
            break
    return found


def _first_of(item: Node, folded: bool) -> frozenset[int]:  # noqa: FBT001
    kind, value = item
    if kind in _REPEATS:
        return _first(list(value[2]), folded)
    if kind is code.SUBPATTERN:
        return _first(list(value[-1]), folded)
    if kind is code.BRANCH:
        return frozenset().union(*(_first(list(branch), folded) for branch in value[1]))
    if kind is code.AT:
        return frozenset()
    return _fold(_bytes_of(kind, value)) if folded else _bytes_of(kind, value)


def _bytes_of(kind: Any, value: Any) -> frozenset[int]:
    """The bytes that a single character of the expression stands for; all, where that is not known."""
    if kind is code.LITERAL:
        return frozenset({value})
    if kind is code.NOT_LITERAL:
        return _ALL - {value}
    if kind is code.RANGE:
        return frozenset(range(value[0], value[1] + 1))
    if kind is code.CATEGORY:
        return _category(value)
    if kind is code.IN:
        negated = value[0][0] is code.NEGATE
        parts = [_bytes_of(*part) for part in value[negated:]]
        found: frozenset[int] = frozenset().union(*parts)
        return _ALL - found if negated else found
    return _ALL


_CATEGORIES = {
    code.CATEGORY_DIGIT: rb"\d",
    code.CATEGORY_NOT_DIGIT: rb"\D",
    code.CATEGORY_SPACE: rb"\s",
    code.CATEGORY_NOT_SPACE: rb"\S",
    code.CATEGORY_WORD: rb"\w",
    code.CATEGORY_NOT_WORD: rb"\W",
}


@cache
def _category(category: Any) -> frozenset[int]:
    shape = _CATEGORIES.get(category)
    return _ALL if shape is None else frozenset(one for one in range(256) if re.match(shape, bytes((one,))))


def _fold(found: frozenset[int]) -> frozenset[int]:
    """The same letters in either case."""
    text = bytes(found)
    return frozenset(text.lower()) | frozenset(text.upper())
