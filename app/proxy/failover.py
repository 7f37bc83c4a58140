"""One request, one plan, as many tries as it takes: each candidate in turn, until one has begun to answer.

whose turn -> its key -> fit? -> a place at the provider -> budgets -> permit -> carried -> verdict
     ^                                                                                        |
     +-------------- another one, or the same after a while -----------------------------------+
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aiohttp import web

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.ledger import Hold
from app.domain.provider import Credential, CredentialState, Provider
from app.domain.routing import Plan
from app.domain.snapshot import Snapshot
from app.proxy.at_hand import at_hand, awaited
from app.proxy.attempt import Attempt, reserve
from app.proxy.call import Call
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.fleet import Outcome
from app.proxy.job import Job, Tools
from app.proxy.lanes.carry import carry
from app.proxy.lanes.refused import Refused
from app.proxy.lanes.streams import whole
from app.proxy.last_word import ATTEMPTS_HEADER, Failure, LastWord
from app.proxy.limiter import Place
from app.proxy.record import Exchange
from app.proxy.retries import RetryBudget, pause_s
from app.proxy.turns import Turn, Turns
from app.proxy.verdicts import Verdict, judge
from app.proxy.watchdog import Watch

_WORDS = 300
"""Characters of an error in the routing trace."""


@dataclass(slots=True)
class _Errand:
    """One request on its way through its candidates."""

    plan: Plan
    call: Call
    exchange: Exchange
    place: Place
    watch: Watch
    candidates: Sequence[Candidate]
    turns: Turns
    last_word: LastWord = field(default_factory=LastWord)
    retries: int = 0
    waited: bool = False
    """For a limit to be over; once is enough."""
    retrying: bool = False
    """It counts against the budget of retries."""

    def skip(self, candidate: Candidate, why: str, error: PatchbayError | None = None) -> None:
        """The candidate is not asked."""
        self.exchange.weigh(candidate.target, candidate.account.name, "skipped", why)
        self.last_word.skipped(candidate, why, error)

    def put_off(self, candidate: Candidate, why: str) -> None:
        """The candidate is asked if nobody else can be."""
        self.exchange.weigh(candidate.target, candidate.account.name, "skipped", why)
        self.turns.put_off(candidate)

    def why(self, candidate: Candidate) -> str:
        """Why it is the one to be asked, in words."""
        first = self.plan.groups[0].targets
        if candidate.target in first:
            return self.plan.why
        return f"in place of {', '.join(dict.fromkeys(one.provider.name for one in first))}"

    def come_again(self, candidate: Candidate, verdict: Verdict) -> None:
        """Let it have another turn, if it is worth waiting for."""
        limited = verdict.outcome is Outcome.LIMITED
        pause = None if limited and self.waited else pause_s(verdict.error, self.retries)
        if pause is not None:
            self.retries += 1
            self.waited |= limited
            self.turns.come_again(candidate, pause, limited=limited)


class _Ready(NamedTuple):
    """A candidate that can be asked."""

    candidate: Candidate
    credential: Credential
    provider: Provider
    """As this request reaches it, in one of its dialects."""
    hold: Hold


class Failover:
    """Carries plans out; one for each server."""

    def __init__(self, tools: Tools, snapshot: Callable[[], Snapshot], in_flight: Callable[[], int]) -> None:
        self._tools = tools
        self._snapshot = snapshot
        self._budget = RetryBudget(in_flight)

    async def carry(self, plan: Plan, call: Call, exchange: Exchange, place: Place, watch: Watch) -> web.StreamResponse:
        """Answer the client; raises PatchbayError while it has nothing yet, ClientGone when it left."""
        candidates = self._tools.fleet.arrange(plan, call.facts)
        most = call.snapshot.settings.limits.attempts
        errand = _Errand(plan, call, exchange, place, watch, candidates, Turns(candidates, most))
        if candidates:
            exchange.aim(candidates[0].target, candidates[0].account.name)
        exchange.tap.signed = self._tools.signatures.remember
        try:
            return await self._until_answered(errand)
        finally:
            self._no_retry(errand)
            await self._tools.rates.settle(call, exchange.usage(complete=exchange.delivered))

    async def _until_answered(self, errand: _Errand) -> web.StreamResponse:
        while (turn := errand.turns.next()) is not None:
            ready = await self._ready(errand, turn)
            response = await self._ask(errand, ready) if ready is not None else None
            if response is not None:
                return response
        failures = errand.last_word.failures
        if not failures:
            fleet = self._tools.fleet
            raise errand.last_word.unasked(fleet.wait_s(errand.candidates), fleet.forbidden(errand.candidates))
        errand.exchange.recall(errand.last_word.best.error)
        said = errand.last_word.said()
        if isinstance(said, PatchbayError):
            raise said
        return await _as_it_came(said, len(failures))

    async def _ready(self, errand: _Errand, turn: Turn) -> _Ready | None:
        """The candidate with all it is asked with; None where it is not its turn after all."""
        if turn.again and not await self._paused(errand, turn):
            return None
        candidate, call, exchange = turn.candidate, errand.call, errand.exchange
        snapshot = self._snapshot()
        try:
            credential = at_hand(snapshot, candidate, call)
            unfit = "" if turn.limited else self._tools.fleet.unfit(candidate, call.facts, snapshot)
            if unfit:
                errand.skip(candidate, unfit)
                return None
            if credential is None:
                if not turn.patient:
                    errand.put_off(candidate, "its key is not read yet")
                    return None
                credential = await awaited(self._snapshot, candidate, call)
            if not errand.place.near(candidate.provider.name) and not await self._placed(errand, turn):
                return None
            exchange.aim(candidate.target, candidate.account.name)
            provider = self._tools.roads.choose(call, candidate.provider, candidate.model)
            exchange.speaks = provider.dialect
            await exchange.start()
            return _Ready(candidate, credential, provider, await reserve(self._tools.ledger, call, candidate))
        except PatchbayError as error:
            errand.skip(candidate, error.message, error)
            return None

    async def _placed(self, errand: _Errand, turn: Turn) -> bool:
        """Wait for a place at its provider, where nobody else could be asked. Raises PatchbayError BUSY."""
        candidate = turn.candidate
        if not turn.patient:
            errand.put_off(candidate, "all its places are taken")
            return False
        try:
            await errand.place.toward(candidate.provider.name)
        except PatchbayError:
            errand.turns.nobody_waits()
            raise
        unfit = self._tools.fleet.unfit(candidate, errand.call.facts, self._snapshot())
        if unfit:  # it failed for others meanwhile
            errand.skip(candidate, unfit)
        return not unfit

    async def _paused(self, errand: _Errand, turn: Turn) -> bool:
        """Wait before the same is asked again; False where too many do already."""
        if not self._budget.take(errand.call.snapshot.settings.limits.retry_budget):
            return False
        errand.retrying = True
        errand.watch.rest()
        await asyncio.sleep(turn.pause_s)
        return True

    def _no_retry(self, errand: _Errand) -> None:
        if errand.retrying:
            errand.retrying = False
            self._budget.give_back()

    async def _ask(self, errand: _Errand, ready: _Ready) -> web.StreamResponse | None:
        """Ask it: the answer, or None where another turn may bring one."""
        tools, call, exchange, candidate = self._tools, errand.call, errand.exchange, ready.candidate
        if errand.last_word.failures:
            self._go_on(errand, candidate)
        started_ms = (tools.clock.monotonic_ns() - call.started_ns) // 1_000_000
        attempt = Attempt(tools.fleet.permit(candidate, call.facts), ready.hold, exchange, started_ms)

        errand.watch.spending = attempt.overspends

        def began() -> None:
            self._no_retry(errand)
            attempt.began()

        exchange.weigh(candidate.target, candidate.account.name, "chosen", errand.why(candidate))
        job = Job(
            call,
            tools,
            exchange,
            ready.provider,
            candidate.model,
            ready.credential,
            call.snapshot.settings.limits,
            errand.watch,
            candidate.provider,
            candidate.account,
            began,
        )
        try:
            response = await carry(job)
        except (PatchbayError, Refused) as raised:
            self._failed(errand, attempt, job, candidate, raised)
            return None
        except BaseException:
            attempt.left()
            raise
        if exchange.error is None:
            attempt.answered()
        else:
            attempt.failed(_judged(exchange.error, job))
        return response

    def _go_on(self, errand: _Errand, candidate: Candidate) -> None:
        """Another try begins: what the former one brought is no answer."""
        errand.exchange.forget()
        last = errand.last_word.failures[-1]
        if last.job.home.name != candidate.provider.name:
            self._tools.events.failed_over(last.job.home.name, candidate.provider.name, last.error.message)

    def _failed(
        self, errand: _Errand, attempt: Attempt, job: Job, candidate: Candidate, raised: PatchbayError | Refused
    ) -> None:
        """Learn from a failure, and whose turn it may be now."""
        self._no_retry(errand)
        error = raised.error if isinstance(raised, Refused) else raised
        verdict = _judged(error, job, stand_in=errand.last_word.is_stand_in(job.home.name, job.model))
        attempt.failed(verdict)
        if error.kind is ErrorKind.CONTEXT_TOO_LONG:
            self._tools.fleet.prompt_too_long(candidate, error.message)
        elif verdict.outcome is Outcome.FORBIDDEN:
            self._tools.fleet.forbade(candidate, error.message)
        as_it_came = raised if isinstance(raised, Refused) and verdict.error is error else None
        errand.last_word.failures.append(Failure(job, verdict.error, as_it_came))
        errand.exchange.keep(verdict.error)
        errand.exchange.weigh(candidate.target, candidate.account.name, "failed", verdict.error.message[:_WORDS])
        errand.turns.failed(candidate, verdict.outcome)
        if not verdict.elsewhere:
            errand.turns.stop()
        if verdict.again:
            errand.come_again(candidate, verdict)
        elif verdict.outcome is Outcome.REJECTED and self._is_renewed(candidate):
            errand.turns.put_off(candidate)

    def _is_renewed(self, candidate: Candidate) -> bool:
        """Whether the credential that was refused is a login's, for which a new token is being fetched."""
        return self._snapshot().credential(*candidate.key).state is CredentialState.WAITING


def _judged(error: PatchbayError, job: Job, *, stand_in: bool = False) -> Verdict:
    return judge(error, job.home.name, job.model, job.call.snapshot.routing.error_rules, stand_in=stand_in)


async def _as_it_came(failure: Failure, attempts: int) -> web.StreamResponse:
    """The provider's own words for why nobody answers."""
    refused, job = failure.refused, failure.job
    assert refused is not None  # noqa: S101 (who calls has looked)
    job.exchange.error = failure.error
    counted = ((ATTEMPTS_HEADER, str(attempts)),) if attempts > 1 else ()
    return await whole(job, refused.status, refused.body, (*failure.headers(), *counted))
