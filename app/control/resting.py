"""Until when an account, and a provider with all its accounts, is not asked: what the faces say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.domain.provider import CredentialState
from app.domain.routing import Resting
from app.domain.status import AccountStatus

_HALF_OPEN = "half-open"
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
    rests = [Rest(one.resting_until_us, one.resting_why) for one in accounts if one.weight > 0 and one.state in _USABLE]
    return min(rests, default=Rest())
