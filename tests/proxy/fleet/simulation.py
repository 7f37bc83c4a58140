"""An hour of requests to six targets that fail, slow down and limit by a script, on a clock that costs no time.

The fleet, the turns, the verdicts and the retries are the program's own; only the wire is made up. One process is one
request: a generator that yields the seconds until it goes on.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.facts import KnownFacts
from app.domain.money import Price
from app.domain.provider import AuthStyle, Credential, CredentialState, DialectName, Profile, Provider, Secret
from app.domain.route import Target
from app.domain.routing import Group, Plan, Strategy
from app.domain.settings import Limits, Settings
from app.domain.snapshot import Snapshot
from app.domain.usage import Usage
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.fleet import Fleet, Outcome
from app.proxy.retries import RetryBudget, pause_s
from app.proxy.turns import Turn, Turns
from app.proxy.verdicts import judge
from tests.fakes.clock import HandClock

HOUR_S = 3600.0
REQUESTS = 10_000
SESSIONS = 250
CACHED_S = 300.0
"""How long a provider keeps the beginning of a conversation at a tenth of the price."""
TOKENS_A_SECOND = 80

Wait = Generator[float, None, None]


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with a target for a while."""

    since_s: float
    until_s: float
    kind: ErrorKind | None = None
    share: float = 1.0
    """Of the requests that fail."""
    slower: float = 1.0

    def holds(self, now_s: float) -> bool:
        return self.since_s <= now_s < self.until_s


@dataclass
class Upstream:
    """One target as the script makes it behave."""

    name: str
    first_ms: float
    """Median of the first-token latency."""
    dollars: tuple[float, float]
    """For a million tokens in and out."""
    troubles: tuple[Trouble, ...] = ()
    a_minute: int = 0
    """Requests it takes; 0 is any number."""
    tells: bool = True
    """Says `Retry-After` when it is asked for more."""
    usual_failures: float = 0.002
    asked: int = 0
    answered: int = 0
    _lately: deque[float] = field(default_factory=deque)
    _conversations: dict[str, float] = field(default_factory=dict)

    def provider(self) -> Provider:
        home = f"https://{self.name.lower()}.invalid"
        return Provider(self.name, self.name, home, DialectName.ANTHROPIC_MESSAGES, AuthStyle.BEARER, Profile())

    def price(self) -> Price:
        nusd_in, nusd_out = (int(dollars * 1e9) for dollars in self.dollars)
        return Price(nusd_in, nusd_out, nusd_in // 10, nusd_in, nusd_in)

    def healthy(self, now_s: float) -> bool:
        return not any(one.kind and one.holds(now_s) for one in self.troubles) and not self._full(now_s)

    def ask(self, now_s: float, chance: random.Random) -> PatchbayError | float:
        """The error it answers with, or the seconds until its first token."""
        self.asked += 1
        present = [one for one in self.troubles if one.holds(now_s)]
        for one in present:
            if one.kind is not None and chance.random() < one.share:
                return _error(one.kind)
        if self._full(now_s):
            wait_s = 60 - (now_s - self._lately[0])
            return _error(ErrorKind.RATE_LIMITED, retry_after_s=max(1.0, wait_s) if self.tells else None)
        if chance.random() < self.usual_failures:
            return _error(ErrorKind.OVERLOADED)
        self._lately.append(now_s)
        slower = max((one.slower for one in present), default=1.0)
        return self.first_ms / 1000 * slower * chance.lognormvariate(0, 0.4)

    def charge_nusd(self, session: str, now_s: float, usage: Usage) -> int:
        """What an answer costs; a conversation that was here a moment ago is cheap to read again."""
        self.answered += 1
        price = self.price()
        known = now_s - self._conversations.get(session, -CACHED_S) < CACHED_S
        self._conversations[session] = now_s
        read = price.cache_read_nusd_per_mtok if known else price.input_nusd_per_mtok
        return (usage.prompt_tokens * read + usage.output_tokens * price.output_nusd_per_mtok) // 1_000_000

    def _full(self, now_s: float) -> bool:
        while self._lately and self._lately[0] <= now_s - 60:
            self._lately.popleft()
        return bool(self.a_minute) and len(self._lately) >= self.a_minute


def _error(kind: ErrorKind, *, retry_after_s: float | None = None) -> PatchbayError:
    status = {ErrorKind.UNREACHABLE: None}.get(kind, kind.status)
    unsent = kind is ErrorKind.UNREACHABLE
    return PatchbayError(kind, "scripted", retry_after_s=retry_after_s, upstream_status=status, unsent=unsent)


def six() -> tuple[Upstream, ...]:
    """At every moment somebody is well; nobody is all the time."""
    down, refused, overloaded = ErrorKind.UPSTREAM_ERROR, ErrorKind.UNREACHABLE, ErrorKind.OVERLOADED
    flaps = tuple(Trouble(at_s, at_s + 45, overloaded) for at_s in range(150, 3600, 300))
    return (
        Upstream("Alpha", 700, (3, 15), (Trouble(600, 1200, down), Trouble(2900, 3100, overloaded, share=0.5))),
        Upstream("Bravo", 400, (5, 25), (Trouble(900, 1800, slower=15),)),
        Upstream("Charlie", 900, (1, 5), a_minute=40),
        Upstream("Delta", 1500, (0.4, 1.6), (Trouble(1800, 2400, refused),)),
        Upstream("Echo", 1000, (2, 8), (Trouble(2400, 3000, overloaded, share=0.4),), a_minute=60, tells=False),
        Upstream("Foxtrot", 2200, (0.8, 3), flaps),
    )


@dataclass
class Result:
    """What came of the hour."""

    requests: int = 0
    answered: int = 0
    asked: int = 0
    unlucky: int = 0
    """Requests that were not answered although somebody was well all the time."""
    added_s: list[float] = field(default_factory=list)
    """From a request's arrival to the start of the try that was answered."""
    first_s: list[float] = field(default_factory=list)
    """From a request's arrival to its first token."""
    nusd: int = 0
    shares: Counter[str] = field(default_factory=Counter)

    @property
    def answered_share(self) -> float:
        return self.answered / self.requests

    @property
    def amplification(self) -> float:
        return self.asked / self.requests

    def at(self, values: Sequence[float], share: float) -> float:
        return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class World:
    """The hour under one strategy; `only` leaves everybody but the first out."""

    def __init__(
        self, strategy: Strategy, *, affinity: bool = True, only: bool = False, requests: int = REQUESTS, seed: int = 1
    ) -> None:
        self.upstreams = {one.name: one for one in six()}
        prices = {one.name: one.price() for one in self.upstreams.values()}
        providers = tuple(one.provider() for one in self.upstreams.values())
        keys = {one.name: Credential(CredentialState.READY, Secret("a key")) for one in providers}
        self.limits = Limits()
        snapshot = Snapshot(Settings(limits=self.limits), providers, keys)
        self.clock = HandClock()
        self._began_ns = self.clock.ns
        self.fleet = Fleet(
            self.clock, lambda vendor, model, *, provider="", prompt_tokens=0: prices[vendor], lambda: snapshot
        )
        targets = tuple(Target(one, "model") for one in providers[: 1 if only else None])
        self.plan = Plan((Group(targets, strategy),), "auto", affinity)
        self.snapshot = snapshot
        self.running = 0
        self.budget = RetryBudget(lambda: self.running)
        self.result = Result()
        self._requests = requests
        self._chance = random.Random(seed)
        self._wire = random.Random(seed + 1)
        self._order = itertools.count()
        self._due: list[tuple[float, int, Wait]] = []

    @property
    def now_s(self) -> float:
        return (self.clock.ns - self._began_ns) / 1e9

    def run(self) -> Result:
        """The whole hour, and what runs at its end."""
        for at_s, facts in self._arrivals():
            self._later(at_s, self._request(facts))
        while self._due:
            at_s, _, process = heapq.heappop(self._due)
            self.clock.forward(at_s - self.now_s)
            delay_s = next(process, None)
            if delay_s is not None:
                self._later(self.now_s + delay_s, process)
        self.result.asked = sum(one.asked for one in self.upstreams.values())
        self.result.shares.update({name: one.answered for name, one in self.upstreams.items()})
        return self.result

    def _later(self, at_s: float, process: Wait) -> None:
        heapq.heappush(self._due, (at_s, next(self._order), process))

    def _arrivals(self) -> Iterator[tuple[float, KnownFacts]]:
        """Conversations begin at any time and grow; between their turns somebody thinks or a tool runs."""
        chance = self._chance
        for session in range(SESSIONS):
            at_s, tokens = chance.uniform(0, HOUR_S * 0.9), chance.randint(2_000, 20_000)
            for _ in range(self._requests // SESSIONS):
                yield at_s, KnownFacts("sonnet", session=f"s{session}", prompt_tokens=tokens, output_tokens=8_000)
                at_s += chance.expovariate(1 / 12)
                tokens = min(tokens + chance.randint(200, 3_000), 150_000)

    def _request(self, facts: KnownFacts) -> Wait:
        """What `Failover` does with one request."""
        came_s, self.running = self.now_s, self.running + 1
        self.result.requests += 1
        well = any(one.healthy(came_s) for one in self.upstreams.values())
        turns = Turns(self.fleet.arrange(self.plan, facts), self.limits.attempts)
        retries, waited, answered = 0, False, False
        while not answered and (turn := turns.next()) is not None:
            if turn.again and not self.budget.take(self.limits.retry_budget):
                continue
            if turn.again:
                yield turn.pause_s
            error = yield from self._try(turn, facts, came_s)
            if turn.again:
                self.budget.give_back()
            if not isinstance(error, PatchbayError):
                answered = error
                continue
            verdict = judge(error, turn.candidate.provider.name, turn.candidate.model)
            turns.failed(turn.candidate, verdict.outcome)
            limited = verdict.outcome is Outcome.LIMITED
            if not verdict.elsewhere:
                turns.stop()
            pause = pause_s(error, retries, self._wire.random) if verdict.again and not (limited and waited) else None
            if pause is not None:
                retries, waited = retries + 1, waited or limited
                turns.come_again(turn.candidate, pause, limited=limited)
        self.running -= 1
        self.result.answered += answered
        self.result.unlucky += well and not answered

    def _try(self, turn: Turn, facts: KnownFacts, came_s: float) -> Generator[float, None, PatchbayError | bool]:
        """One candidate: its error, True where it answered, False where it was skipped."""
        candidate = turn.candidate
        if not turn.limited and self.fleet.unfit(candidate, facts, self.snapshot):
            return False
        permit = self.fleet.permit(candidate, facts)
        asked_s = self.now_s
        upstream = self.upstreams[candidate.provider.name]
        said = upstream.ask(asked_s, self._wire)
        if isinstance(said, PatchbayError):
            yield 0.002 if said.unsent else self._wire.uniform(0.05, 0.3)
            verdict = judge(said, upstream.name, candidate.model)
            permit.end(verdict.outcome, retry_after_s=said.retry_after_s, why=said.kind.word)
            return said
        yield said
        permit.begin(round(said * 1000))
        self.result.added_s.append(asked_s - came_s)
        self.result.first_s.append(self.now_s - came_s)
        usage = self._answer(candidate, facts)
        yield usage.output_tokens / TOKENS_A_SECOND
        permit.end(Outcome.ANSWERED, usage=usage)
        return True

    def _answer(self, candidate: Candidate, facts: KnownFacts) -> Usage:
        usage = Usage(input_tokens=facts.prompt_tokens, output_tokens=self._wire.randint(50, 900))
        upstream = self.upstreams[candidate.provider.name]
        self.result.nusd += upstream.charge_nusd(facts.session, self.now_s, usage)
        return usage
