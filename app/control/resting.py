"""Until when an account, and a provider with all its accounts, is not asked: what the faces say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.domain.provider import CredentialState
from app.domain.rest_words import partly_words, rest_words
from app.domain.routing import Resting
from app.domain.status import AccountStatus

_HALF_OPEN = "half-open"
_MOST_MODELS = 3
_USABLE = (CredentialState.READY, CredentialState.NOT_NEEDED, CredentialState.WAITING)


class Rest(NamedTuple):
    """Until when, UTC microseconds, and why; (0, "") where it does not rest."""

    until_us: int = 0
    why: str = ""


def rest_of(resting: Iterable[Resting], provider: str, account: str) -> Rest:
    """The longest rest of one account; one of a single model is none, nor is a breaker that tries anew."""
    mine = (
        Rest(one.until_us, one.why)
        for one in resting
        if (one.provider, one.account, one.model) == (provider, account, "") and one.breaker != _HALF_OPEN
    )
    return max(mine, default=Rest())


def rest_of_all(accounts: Sequence[AccountStatus]) -> Rest:
    """Until the first account is asked again that has a key and a weight; nothing where one is asked now."""
    return min(_rests(accounts), default=Rest())


def words_of(rest: Rest, now_us: int) -> str:
    """That it rests, in words; empty where it does not."""
    return rest_words(rest.until_us, rest.why, now_us) if rest.until_us else ""


def partly(resting: Iterable[Resting], provider: str, accounts: Sequence[AccountStatus], now_us: int) -> Iterator[str]:
    """What rests of a provider that is asked all the same, in words: some of its keys, or single models."""
    rests = _rests(accounts)
    found = [one for one in rests if one.until_us]
    if found:
        yield partly_words(len(found), len(rests), *min(found), now_us)
    models: dict[str, Rest] = {}
    for one in resting:
        if one.provider == provider and one.model:
            models[one.model] = max(Rest(one.until_us, one.why), models.get(one.model, Rest()))
    for model in sorted(models)[:_MOST_MODELS]:
        yield f"{model} {words_of(models[model], now_us)}"


def ends_us(resting: Iterable[Resting], now_us: int) -> int:
    """When the first of these rests ends; 0 where none is left."""
    return min((one.until_us for one in resting if one.until_us > now_us), default=0)


def _rests(accounts: Sequence[AccountStatus]) -> list[Rest]:
    """Those of the accounts that may be asked."""
    usable = (one for one in accounts if one.weight > 0 and one.state in _USABLE)
    return [Rest(one.resting_until_us, one.resting_why) for one in usable]
