"""All candidates and how they do: who is asked next, who rests and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.domain.clock import Clock
from app.domain.money import Price
from app.domain.provider import CredentialState, Provider
from app.domain.routing import Facts, Plan, Resting
from app.domain.settings import Limits
from app.domain.snapshot import Snapshot
from app.proxy.fleet import words
from app.proxy.fleet.breaker import BreakerState
from app.proxy.fleet.candidate import Candidate, Key
from app.proxy.fleet.cooldown import Cooldown
from app.proxy.fleet.member import Member
from app.proxy.fleet.permit import Outcome, Permit, Report

__all__ = ["Fleet", "Outcome", "Permit"]

FORGIVING_S = 30.0
"""So long after the network changed or the computer woke, failures say nothing about a provider."""
PROBE_WAIT_S = 1.0
"""How soon to look again while a probe is under way."""
_TROUBLE = {
    CredentialState.MISSING: "has no key yet",
    CredentialState.LOCKED: "its key is in the keyring, which is locked",
    CredentialState.UNAVAILABLE: "its key is in the keyring, which cannot be read",
    CredentialState.REJECTED: "rejected its key",
}
_DEFAULTS = Limits()


class Fleet:
    """Belongs to the loop; survives every change of the configuration."""

    def __init__(
        self,
        clock: Clock,
        price: Callable[[str, str], Price | None],
        snapshot: Callable[[], Snapshot] | None = None,
    ) -> None:
        self._clock = clock
        self._price = price
        self._snapshot = snapshot
        self._adopted: Snapshot | None = None
        self._members: dict[Key, Member] = {}
        """Only credentials of which there is something to remember."""
        self._forgiving_until_s = 0.0

    def arrange(self, plan: Plan, facts: Facts) -> Sequence[Candidate]:
        """Every candidate of the plan, the one to ask first in front."""
        self._look()
        targets = plan.targets
        sole = len(targets) == 1 and not targets[0].provider.accounts
        return tuple(
            Candidate(target, account, sole) for target in targets for account in target.provider.credentials()
        )

    def unfit(self, candidate: Candidate, facts: Facts, snapshot: Snapshot) -> str:
        """Why the candidate cannot or should not be asked now, in words; empty where it can."""
        if not candidate.account.weight:
            return "rests because its weight is 0"
        trouble = _TROUBLE.get(snapshot.credential(*candidate.key).state)
        if trouble is not None:
            return trouble
        member = self._members.get(candidate.key)
        return (self._rests(member, candidate) if member is not None else "") or candidate.lacks

    def wait_s(self, candidates: Sequence[Candidate]) -> float | None:
        """Until the first of these that rests may be asked again; None where none rests."""
        now_s, now_us = self._now_s(), self._clock.now_us()
        waits = []
        for one in candidates:
            member = self._members.get(one.key)
            if member is None:
                continue
            rest = member.rest(one.model, now_s, now_us)
            wait_s = member.breaker.wait_s(now_s, sole=one.sole)
            if wait_s and member.breaker.state(now_s, sole=one.sole) is BreakerState.HALF_OPEN:
                wait_s = min(wait_s, PROBE_WAIT_S)
            wait_s = max(wait_s, rest.left_s(now_s, now_us) if rest else 0.0)
            if wait_s:
                waits.append(wait_s)
        return min(waits, default=None)

    def permit(self, candidate: Candidate, facts: Facts) -> Permit:
        """Count it as running; takes the one probe of a half-open breaker."""
        member = self._members.get(candidate.key) or self._join(candidate)
        now_s = self._now_s()
        return Permit(candidate, facts, self, member.breaker.enter(now_s), now_s)

    def resting(self) -> tuple[Resting, ...]:
        """What is not asked at the moment."""
        self._look()
        now_s, now_us = self._now_s(), self._clock.now_us()
        return tuple(rest for member in self._members.values() for rest in member.resting(now_s, now_us))

    def breakers(self) -> Mapping[str, str]:
        """The breakers that are not closed: `provider/account` (the provider alone for its own key) to the state."""
        now_s = self._now_s()
        states = {"/".join(filter(None, key)): one.breaker.state(now_s) for key, one in self._members.items()}
        return {name: state.value for name, state in states.items() if state is not BreakerState.CLOSED}

    def network_changed(self) -> None:
        """The network is another one than it was, or the computer woke: what failed before may well serve now."""
        now_s = self._now_s()
        self._forgiving_until_s = now_s + FORGIVING_S
        for member in self._members.values():
            member.breaker.hasten(now_s)

    def forget(self, provider: str) -> None:
        """The provider changed: what was seen of it before says nothing."""
        for key in [one for one in self._members if one[0] == provider]:
            del self._members[key]

    def began(self, permit: Permit, first_token_ms: int) -> None:
        """Called by the permit: the answer has begun."""
        member = self._members.get(permit.candidate.key)
        if member is not None and permit.entered.probe:
            member.breaker.succeed(permit.entered, self._now_s())

    def ended(self, permit: Permit, report: Report) -> None:
        """Called by the permit: learn from how it went."""
        candidate, now_s = permit.candidate, self._now_s()
        member = self._members.get(candidate.key)
        if member is None:
            return  # forgotten meanwhile
        match report.outcome:
            case Outcome.ANSWERED:
                if permit.first_token_ms is None or not permit.entered.probe:
                    member.breaker.succeed(permit.entered, now_s)
                member.answered(candidate.model)
            case Outcome.FAILED if now_s >= self._forgiving_until_s:
                member.why = report.why
                limits = self._limits()
                member.breaker.fail(
                    permit.entered,
                    now_s,
                    limit=limits.breaker_failures,
                    open_s=limits.breaker_open_s,
                    sole=candidate.sole,
                )
            case Outcome.LIMITED:
                self._limit(member, permit, report, now_s)
            case _:
                member.breaker.release(permit.entered)

    def _limit(self, member: Member, permit: Permit, report: Report, now_s: float) -> None:
        member.breaker.release(permit.entered)
        rest = member.models.setdefault(permit.candidate.model, Cooldown()) if report.model_only else member.cooldown
        rest.begin(
            now_s,
            self._clock.now_us(),
            asked_s=permit.started_s,
            told_s=report.retry_after_s,
            why=report.why or "rate limited",
        )

    def _rests(self, member: Member, candidate: Candidate) -> str:
        now_s, now_us = self._now_s(), self._clock.now_us()
        rest = member.rest(candidate.model, now_s, now_us)
        if rest is not None:
            of_model = "" if rest is member.cooldown else f"{candidate.model} "
            return f"{of_model}rests {words.until(rest.until_us, now_us)} ({rest.why})"
        wait_s = member.breaker.wait_s(now_s, sole=candidate.sole)
        if not wait_s:
            return ""
        if member.breaker.state(now_s, sole=candidate.sole) is BreakerState.HALF_OPEN:
            return f"another request is trying it after {member.failures()}"
        return f"rests {words.until(now_us + int(wait_s * 1e6), now_us)} ({member.failures()})"

    def _join(self, candidate: Candidate) -> Member:
        secret = self._snapshot().credential(*candidate.key).secret if self._snapshot else None
        member = self._members[candidate.key] = Member(candidate.provider, candidate.account.name, secret)
        return member

    def _look(self) -> None:
        """Forget what was seen of providers and credentials that are others by now."""
        snapshot = self._snapshot() if self._snapshot is not None else None
        if snapshot is None or snapshot is self._adopted:
            return
        self._adopted = snapshot
        present = {one.name: one for one in snapshot.providers}
        for key, member in tuple(self._members.items()):
            provider = present.get(key[0])
            secret = snapshot.credential(*key).secret
            if provider is None or _place(provider) != _place(member.provider) or secret != member.secret:
                del self._members[key]

    def _limits(self) -> Limits:
        return self._snapshot().settings.limits if self._snapshot is not None else _DEFAULTS

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9


def _place(provider: Provider) -> tuple[object, ...]:
    """What makes it another provider where it changes, rather than the same with other models."""
    return provider.base_url, provider.vendor, provider.dialect, provider.auth, provider.endpoints, provider.ca_file
