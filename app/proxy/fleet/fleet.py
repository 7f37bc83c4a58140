"""All candidates and how they do: who is asked next, who rests and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.domain.clock import Clock
from app.domain.provider import AuthStyle, CredentialState
from app.domain.route import Target
from app.domain.routing import Facts, ModelWindow, Plan, Resting
from app.domain.settings import Limits
from app.domain.snapshot import Snapshot
from app.proxy.fleet.arranger import Arranger
from app.proxy.fleet.breaker import Pass
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.cooldown import Cooldown
from app.proxy.fleet.loads import FAILURE_TOKENS, UNKNOWN_TOKENS
from app.proxy.fleet.member import Member
from app.proxy.fleet.permit import Outcome, Permit, Report
from app.proxy.fleet.roster import Roster, trouble
from app.proxy.fleet.strategies import PriceOf

__all__ = ["Fleet", "Outcome", "Permit"]

FORGIVING_S = 30.0
"""So long after the network changed or the computer woke, failures say nothing about a provider."""
_NOTHING = Snapshot()
_READY = (CredentialState.READY, CredentialState.NOT_NEEDED)


class Fleet:
    """Belongs to the loop; survives every change of the configuration."""

    def __init__(
        self,
        clock: Clock,
        price: PriceOf,
        snapshot: Callable[[], Snapshot] = lambda: _NOTHING,
    ) -> None:
        self._snapshot = snapshot
        self._adopted = _NOTHING
        self._roster = Roster(clock)
        self._arranger = Arranger(self._roster, price)
        self._forgiving_until_s = 0.0
        self._tickets = 0

    def arrange(self, plan: Plan, facts: Facts) -> Sequence[Candidate]:
        """Every candidate of the plan, the one to ask first in front."""
        return self._arranger.arrange(plan, facts, self._look())

    def unfit(self, candidate: Candidate, facts: Facts, snapshot: Snapshot) -> str:
        """Why the candidate cannot or should not be asked now, in words; empty where it can."""
        return trouble(candidate, snapshot) or self._roster.rests(candidate) or candidate.lacks

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        """Why each target of the plan would be passed over for want of an ability, in words; empty where it is not."""
        return self._arranger.lacking(plan, facts, self._look())

    def wait_s(self, candidates: Sequence[Candidate]) -> float | None:
        """Until the first of these for which waiting helps may be asked again; None where there is none."""
        return self._roster.wait_s(candidates)

    def forbidden(self, candidates: Sequence[Candidate]) -> str:
        """What the first of these that rests because it forbids the model said; empty where none does."""
        return self._roster.forbidden(candidates)

    def permit(self, candidate: Candidate, facts: Facts) -> Permit:
        """Count it as running; takes the one probe of a half-open breaker."""
        member = self._roster.member(candidate.key)
        if member is None:
            member = self._roster.join(candidate, self._look().credential(*candidate.key).secret)
        now_s = self._roster.now_s()
        self._tickets += 1
        permit = Permit(candidate, facts, self, member.breaker.enter(now_s), now_s, self._tickets)
        seen = self._arranger.experience
        seen.loads.started(candidate.provider.name)
        seen.latencies.started(permit.name, permit.ticket, now_s)
        return permit

    def resting(self) -> tuple[Resting, ...]:
        """What is not asked at the moment."""
        self._look()
        return self._roster.resting()

    def windows(self) -> tuple[ModelWindow, ...]:
        """What providers said that their models take."""
        self._look()
        return self._arranger.windows.learned

    def breakers(self) -> Mapping[str, str]:
        """The breakers that are not closed: `provider/account` (the provider alone for its own key) to the state."""
        self._look()
        return self._roster.breakers()

    def network_changed(self) -> None:
        """The network is another one than it was, or the computer woke: what failed before may well serve now."""
        self._forgiving_until_s = self._roster.now_s() + FORGIVING_S
        self._roster.hasten()

    def prompt_too_long(self, candidate: Candidate, said: str) -> None:
        """The provider refused a prompt for its length, in these words: a number in them is its window from now on."""
        self._arranger.windows.refused(candidate.provider, candidate.model, said)

    def forbade(self, candidate: Candidate, said: str) -> None:
        """The provider refused the credential this model, in these words: told again as long as it rests for that."""
        member = self._roster.member(candidate.key)
        rest = member.models.get(candidate.model) if member is not None else None
        if rest is not None:
            rest.forbidden = said

    def unheard(self, every_s: float) -> Candidate | None:
        """Whose credential to ask whether it serves: the one not heard of for longest, if for that long; else None.

        One that was limited is not asked: the provider said when it may be.
        """
        snapshot, now_s = self._look(), self._roster.now_s()
        found: list[tuple[float, Candidate]] = []
        for provider in snapshot.providers:
            for account in self._arranger.accounts(provider) if provider.auth is not AuthStyle.CLIENT else ():
                one = Candidate(Target(provider, ""), account)
                ready = snapshot.credential(*one.key).state in _READY and not trouble(one, snapshot)
                heard_s = self._roster.heard_s(one.key)
                if ready and now_s - heard_s >= every_s and not self._roster.is_limited(one.key):
                    found.append((heard_s, one))
        return min(found, key=lambda one: one[0])[1] if found else None

    def checked(self, candidate: Candidate, outcome: Outcome, *, why: str = "") -> None:
        """It was asked whether it serves, apart from any request: a success closes a breaker half-way."""
        self._roster.heard(candidate.key)
        now_s = self._roster.now_s()
        member = self._roster.member(candidate.key)
        if outcome is Outcome.ANSWERED and member is not None:
            member.breaker.encourage(now_s)
            member.noted(now_s, self._roster.now_us())
        elif outcome in (Outcome.FAILED, Outcome.SILENT) and now_s >= self._forgiving_until_s:
            member = member or self._roster.join(candidate, self._look().credential(*candidate.key).secret)
            self._fail(member, candidate, member.breaker.enter(now_s), why, now_s)

    def forget(self, provider: str, account: str | None = None) -> None:
        """What was seen of a credential before says nothing, without `account` of all the provider's: none rests."""
        self._roster.forget(provider, account)

    def began(self, permit: Permit, first_token_ms: int) -> None:
        """Called by the permit: the answer has begun."""
        now_s = self._roster.now_s()
        self._arranger.experience.latencies.began(permit.name, permit.ticket, first_token_ms, now_s)
        self._stay(permit, now_s)
        member = self._roster.member(permit.key)
        if member is None:
            return  # forgotten meanwhile
        if permit.entered.probe:
            member.breaker.succeed(permit.entered, now_s)
        member.answered(permit.candidate.model, permit.started_s)

    def ended(self, permit: Permit, report: Report) -> None:
        """Called by the permit: learn from how it went."""
        now_s = self._roster.now_s()
        if report.outcome is Outcome.ANSWERED and permit.first_token_ms is None and report.first_token_ms is not None:
            self._arranger.experience.latencies.began(permit.name, permit.ticket, report.first_token_ms, now_s)
        self._account(permit, report, now_s)
        if report.outcome is not Outcome.NEUTRAL:
            self._roster.heard(permit.key)
        member = self._roster.member(permit.key)
        if member is None:
            return  # forgotten meanwhile
        match report.outcome:
            case Outcome.ANSWERED:
                if permit.first_token_ms is None or not permit.entered.probe:
                    member.breaker.succeed(permit.entered, now_s)
                member.answered(permit.candidate.model, permit.started_s)
                self._stay(permit, now_s)
            case Outcome.FAILED | Outcome.SILENT if now_s >= self._forgiving_until_s:
                silent = report.outcome is Outcome.SILENT
                self._fail(member, permit.candidate, permit.entered, report.why, now_s, silent=silent)
            case Outcome.LIMITED:
                self._limit(member, permit, report, now_s, model_only=report.model_only)
            case Outcome.FORBIDDEN if not permit.candidate.sole:  # who has nobody else is told so each time
                self._limit(member, permit, report, now_s, model_only=True)
            case _:
                member.breaker.release(permit.entered)

    def _fail(
        self, member: Member, candidate: Candidate, entered: Pass, why: str, now_s: float, *, silent: bool = False
    ) -> None:
        member.why, member.silent = why, silent
        limits = self._limits()
        member.breaker.fail(
            entered,
            now_s,
            limit=1 if silent and candidate.elsewhere else limits.breaker_failures,
            open_s=limits.breaker_open_s,
            sole=candidate.sole,
        )
        member.noted(now_s, self._roster.now_us())

    def _limit(self, member: Member, permit: Permit, report: Report, now_s: float, *, model_only: bool) -> None:
        member.breaker.release(permit.entered)
        if permit.candidate.provider.auth is AuthStyle.CLIENT:
            return  # the limit is the caller's, and nobody else's; its own client knows what to do about it
        rest = member.models.setdefault(permit.candidate.model, Cooldown()) if model_only else member.cooldown
        rest.begin(
            now_s,
            self._roster.now_us(),
            asked_s=permit.started_s,
            told_s=report.retry_after_s,
            why=report.why or "rate limited",
            sole=permit.candidate.sole,
        )

    def _account(self, permit: Permit, report: Report, now_s: float) -> None:
        """What the strategies order by."""
        failed = report.outcome not in (Outcome.ANSWERED, Outcome.NEUTRAL)
        told = report.usage.total_tokens if report.usage is not None else 0
        tokens = told or (FAILURE_TOKENS if failed else UNKNOWN_TOKENS)
        seen = self._arranger.experience
        seen.loads.ended(permit.key[0], tokens, now_s)
        seen.latencies.ended(permit.name, permit.ticket, now_s, failed=failed)

    def _stay(self, permit: Permit, now_s: float) -> None:
        """The conversation goes on where it was answered."""
        facts = permit.facts
        if permit.candidate.choice and self._adopted.routing.affinity and facts.session:
            self._arranger.affinity.keep(facts.session, facts.model, permit.key, now_s)

    def _look(self) -> Snapshot:
        """The present configuration; what was seen of providers that are others by now is forgotten."""
        snapshot = self._snapshot()
        if snapshot is not self._adopted:
            self._roster.adopt(snapshot)
            self._arranger.adopt(snapshot, self._adopted)
            self._adopted = snapshot
        return snapshot

    def _limits(self) -> Limits:
        return self._snapshot().settings.limits
