"""The candidates of a plan in the order in which they are tried.

Groups come in the plan's order, whatever else holds. Inside a group the target that answered this conversation last
goes first while it is fit, unless the strategy has a better reason; then the strategy decides. The accounts of a target
come by priority; among equals the one of the conversation, then each in turn by weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import overload

from app.domain.provider import Account, Provider
from app.domain.route import Target
from app.domain.routing import Facts, Group, Plan
from app.domain.snapshot import Snapshot
from app.proxy.fleet.affinity import Affinity
from app.proxy.fleet.candidate import Candidate, Key
from app.proxy.fleet.fitness import lacks
from app.proxy.fleet.outline import Outline, Outlines
from app.proxy.fleet.roster import Roster, trouble
from app.proxy.fleet.strategies import Experience, Moment, PriceOf, order, stays
from app.proxy.fleet.windows import Windows


class Arranger:
    """Orders by what the fleet has learned."""

    def __init__(self, roster: Roster, price: PriceOf) -> None:
        self.roster = roster
        self.experience = Experience(price)
        self.affinity = Affinity()
        self.windows = Windows()
        self._accounts: dict[str, tuple[Provider, tuple[Account, ...]]] = {}
        self._outlines = Outlines(self.accounts)

    def arrange(self, plan: Plan, facts: Facts, snapshot: Snapshot) -> Sequence[Candidate]:
        """Every candidate of the plan, the one to ask first in front."""
        outline = self._outlines.of(plan, snapshot)
        return outline.alone or Arrangement(self, outline, facts, snapshot)

    def lacking(self, plan: Plan, facts: Facts, snapshot: Snapshot) -> tuple[str, ...]:
        """Why each target of the plan would be passed over for such a request; empty where it would not."""
        arrangement = Arrangement(self, self._outlines.of(plan, snapshot), facts, snapshot)
        return tuple(arrangement.lacks(target) for target in plan.targets)

    def accounts(self, provider: Provider) -> tuple[Account, ...]:
        """A provider's credentials by priority."""
        known = self._accounts.get(provider.name)
        if known is None or known[0] is not provider:
            known = self._accounts[provider.name] = (provider, provider.credentials())
        return known[1]

    def adopt(self, snapshot: Snapshot, before: Snapshot) -> None:
        """Forget who is gone, and the windows of who changed."""
        present = frozenset(one.name for one in snapshot.providers)
        for one in before.providers:
            if one not in snapshot.providers:
                self.windows.forget(one.name)
        self._accounts.clear()
        self.experience.wheel.clear()
        self.experience.loads.keep_only(present)
        self.experience.latencies.keep_only(present)


class Arrangement(Sequence[Candidate]):
    """One request's candidates; a group is put in order only when the ones before it did not do.

    So the dearer facts of a request are not asked for on behalf of targets that nobody gets to.
    """

    def __init__(self, arranger: Arranger, outline: Outline, facts: Facts, snapshot: Snapshot) -> None:
        self._arranger = arranger
        self._roster = arranger.roster
        self._outline = outline
        self._facts = facts
        self._snapshot = snapshot
        self._now_s = self._roster.now_s()
        self._groups = iter(outline.plan.groups)
        self._found: list[Candidate] = []
        self._asked_session = False
        self._session_key: Key | None = None
        self._known: dict[int, str] = {}

    @overload
    def __getitem__(self, index: int) -> Candidate: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Candidate]: ...

    def __getitem__(self, index: int | slice) -> Candidate | Sequence[Candidate]:
        """Put in order as many groups as that takes."""
        while isinstance(index, slice) or index < 0 or index >= len(self._found):
            if not self._put_next():
                break
        return self._found[index]

    def __len__(self) -> int:
        """Puts nothing in order."""
        return self._outline.size

    def __iter__(self) -> Iterator[Candidate]:
        """First to last, each group when its turn comes."""
        place = 0
        while True:
            while place < len(self._found):
                yield self._found[place]
                place += 1
            if not self._put_next():
                return

    def _put_next(self) -> bool:
        group = next(self._groups, None)
        if group is None:
            return False
        self._found += self._candidates(group)
        return True

    def _candidates(self, group: Group) -> list[Candidate]:
        ordered: Sequence[Target] = group.targets
        if len(ordered) > 1:
            seen, moment = self._arranger.experience, Moment(self._facts, self._now_s, self._rests)
            held = next((one for one in ordered if self._holds(one)), None) if self._last() is not None else None
            if held is not None and not stays(group.strategy, held, ordered, seen, moment):
                held = None
            moment.settled = held is not None
            ordered = order(group.strategy, ordered, seen, moment)
            if held is not None:
                ordered = [held, *(one for one in ordered if one is not held)]
        choice = len(ordered) > 1
        return [self._candidate(target, one, choice=choice) for target in ordered for one in self._in_turn(target)]

    def _candidate(self, target: Target, account: Account, *, choice: bool = False) -> Candidate:
        choice = choice or len(target.provider.accounts) > 0
        sole = self._outline.sole
        alone = sole is not None and sole[0] is target and sole[1] is account
        return Candidate(target, account, alone, choice, self._outline.elsewhere, self.lacks(target))

    def _fit(self, target: Target, account: Account) -> bool:
        one = self._candidate(target, account)
        return not (one.lacks or trouble(one, self._snapshot) or self._roster.rests(one))

    def _rests(self, target: Target) -> bool:
        return not any(self._fit(target, account) for account in self._arranger.accounts(target.provider))

    def lacks(self, target: Target) -> str:
        """What the target lacks for the request; nothing where nobody could do better, for all this is but a guess."""
        known = self._known.get(id(target))
        if known is None:
            known = self._missing(target)
            if known and not any(self._would_do(one) for one in self._outline.targets if one is not target):
                known = ""
            self._known[id(target)] = known
        return known

    def _missing(self, target: Target) -> str:
        return lacks(target, self._facts, self._arranger.windows) if len(self._outline.targets) > 1 else ""

    def _would_do(self, target: Target) -> bool:
        """Whether the target can do all that the request needs, and has a key to be asked with."""
        if self._missing(target):
            return False
        accounts = self._arranger.accounts(target.provider)
        return any(not trouble(Candidate(target, account), self._snapshot) for account in accounts)

    def _holds(self, target: Target) -> bool:
        """Whether the conversation goes on there."""
        last = self._last()
        if last is None or last[0] != target.provider.name:
            return False
        accounts = self._arranger.accounts(target.provider)
        return any(one.name == last[1] and self._fit(target, one) for one in accounts)

    def _last(self) -> Key | None:
        """Who answered this conversation last."""
        if not self._asked_session:
            self._asked_session = True
            session = self._facts.session if self._outline.plan.affinity else ""
            if session:
                self._session_key = self._arranger.affinity.find(session, self._facts.model, self._now_s)
        return self._session_key

    def _in_turn(self, target: Target) -> Sequence[Account]:
        every = self._arranger.accounts(target.provider)
        if len(every) == 1:
            return every
        ordered: list[Account] = []
        for _, equals in groupby(every, key=lambda one: one.priority):
            ordered += self._among_equals(target, list(equals))
        return ordered

    def _among_equals(self, target: Target, accounts: list[Account]) -> list[Account]:
        fit = [one for one in accounts if self._fit(target, one)]
        others = [one for one in accounts if one not in fit]
        if len(fit) < 2:
            return [*fit, *others]
        name, last = target.provider.name, self._last()
        held = next((one for one in fit if last == (name, one.name)), None)
        weights = [((name, one.name, "account"), one.weight) for one in fit]
        wheel = self._arranger.experience.wheel
        turned = [fit[place] for place in (wheel.turn(weights) if held is None else wheel.order(weights))]
        if held is not None:
            turned.remove(held)
            turned.insert(0, held)
        return [*turned, *others]
