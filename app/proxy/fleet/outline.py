"""What every request of a plan finds the same while the configuration stays: worked out for the first of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.provider import Account, Provider
from app.domain.route import Target
from app.domain.routing import Plan
from app.domain.snapshot import Snapshot
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.roster import trouble

_PLANS = 256

AccountsOf = Callable[[Provider], Sequence[Account]]
"""A provider's credentials by priority."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan, and what can be said of it before any request."""

    plan: Plan
    targets: tuple[Target, ...]
    size: int
    """How many candidates it has."""
    sole: tuple[Target, Account] | None
    """Whom it leads to where nobody else in it could be asked, for want of a key."""
    elsewhere: bool
    """Whether it leads to more than one provider that could be asked."""
    alone: tuple[Candidate, ...]
    """Its candidate, where it has but one."""


class Outlines:
    """Outlines that were made, by plan."""

    def __init__(self, accounts: AccountsOf) -> None:
        self._accounts = accounts
        self._snapshot: Snapshot | None = None
        self._made: dict[int, Outline] = {}
        """By the identity of the plan, which is its own for as long as it is kept here."""

    def of(self, plan: Plan, snapshot: Snapshot) -> Outline:
        """The outline of a plan under this configuration."""
        if snapshot is not self._snapshot or len(self._made) >= _PLANS:
            self._snapshot = snapshot
            self._made.clear()
        made = self._made.get(id(plan))
        if made is None:
            made = self._made[id(plan)] = self._outline(plan, snapshot)
        return made

    def _outline(self, plan: Plan, snapshot: Snapshot) -> Outline:
        targets = plan.targets
        every = [(target, account) for target in targets for account in self._accounts(target.provider)]
        able = [one for one in every if not trouble(Candidate(*one), snapshot)]
        sole = able[0] if len(able) == 1 else None
        elsewhere = len({target.provider.name for target, _ in able}) > 1
        alone = (Candidate(*every[0], sole=True),) if len(every) == 1 else ()
        return Outline(plan, targets, len(every), sole, elsewhere, alone)
