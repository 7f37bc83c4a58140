"""All candidates and how they do: who is asked next, who rests and until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from app.domain.clock import Clock
from app.domain.money import Price
from app.domain.routing import Facts, Plan, Resting
from app.domain.snapshot import Snapshot
from app.domain.usage import Usage
from app.proxy.fleet.candidate import Candidate


class Outcome(StrEnum):
    """What an attempt says about its candidate."""

    ANSWERED = "answered"
    FAILED = "failed"
    """Counts against its breaker."""
    LIMITED = "limited"
    """The credential rests, as long as the provider said."""
    REJECTED = "rejected"
    """The credential is no good until it changes."""
    NEUTRAL = "neutral"
    """Not the candidate's doing: the client's fault, or it left."""


class Permit:
    """Leave to ask a candidate once; `end` is called exactly once."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate

    def end(
        self,
        outcome: Outcome,
        *,
        first_token_ms: int | None = None,
        usage: Usage | None = None,
        retry_after_s: float | None = None,
        why: str = "",
    ) -> None:
        """Say how it went."""


class Fleet:
    """Belongs to the loop; survives every change of the configuration."""

    def __init__(self, clock: Clock, price: Callable[[str, str], Price | None]) -> None:
        self._clock = clock
        self._price = price

    def arrange(self, plan: Plan, facts: Facts) -> Sequence[Candidate]:
        """Every candidate of the plan, the one to ask first in front."""
        return tuple(Candidate(target, account) for target in plan.targets for account in target.provider.credentials())

    def unfit(self, candidate: Candidate, facts: Facts, snapshot: Snapshot) -> str:
        """Why the candidate cannot or should not be asked now, in words; empty where it can."""
        return ""

    def wait_s(self, candidates: Sequence[Candidate]) -> float | None:
        """Until the first of these that rests may be asked again; None where none rests."""
        return None

    def permit(self, candidate: Candidate, facts: Facts) -> Permit:
        """Count it as running; takes the one probe of a half-open breaker."""
        return Permit(candidate)

    def resting(self) -> tuple[Resting, ...]:
        """What is not asked at the moment."""
        return ()

    def forget(self, provider: str) -> None:
        """The provider changed: what was seen of it before says nothing."""
