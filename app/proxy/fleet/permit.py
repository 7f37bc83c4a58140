"""Leave to ask a candidate once, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol

from app.domain.routing import Facts
from app.domain.usage import Usage
from app.proxy.fleet.breaker import Pass
from app.proxy.fleet.candidate import Candidate


class Outcome(StrEnum):
    """What an attempt says about its candidate."""

    ANSWERED = "answered"
    FAILED = "failed"
    """Counts against its breaker."""
    SILENT = "silent"
    """Never answered, for minutes: its breaker opens at once where another provider could be asked."""
    LIMITED = "limited"
    """The credential rests, as long as the provider said."""
    FORBIDDEN = "forbidden"
    """The credential may not have this model, and is good for others: that model of it rests."""
    REJECTED = "rejected"
    """The credential is no good until it changes."""
    NEUTRAL = "neutral"
    """Not the candidate's doing: the client's fault, or it left."""


class Learner(Protocol):
    """Who is told what came of it."""

    def began(self, permit: Permit, first_token_ms: int) -> None:
        """The answer has begun."""

    def ended(self, permit: Permit, report: Report) -> None:
        """It is over."""


class Report(NamedTuple):
    """How an attempt went."""

    outcome: Outcome
    first_token_ms: int | None
    usage: Usage | None
    retry_after_s: float | None
    why: str
    model_only: bool


class Permit:
    """Leave to ask a candidate once; `end` is called exactly once, `begin` at most once before it."""

    __slots__ = ("_learner", "candidate", "entered", "facts", "first_token_ms", "key", "name", "started_s", "ticket")

    def __init__(
        self, candidate: Candidate, facts: Facts, learner: Learner, entered: Pass, started_s: float, ticket: int
    ) -> None:
        self.candidate = candidate
        self.key = candidate.key
        self.name = candidate.provider.name, candidate.model
        """Provider and model."""
        self.facts = facts
        self.entered = entered
        self.started_s = started_s
        self.ticket = ticket
        """A number of its own."""
        self.first_token_ms: int | None = None
        self._learner = learner

    def begin(self, first_token_ms: int) -> None:
        """Its first useful event came: a long answer need not end before others learn from it."""
        if self.first_token_ms is None:
            self.first_token_ms = first_token_ms
            self._learner.began(self, first_token_ms)

    def end(
        self,
        outcome: Outcome,
        *,
        first_token_ms: int | None = None,
        usage: Usage | None = None,
        retry_after_s: float | None = None,
        why: str = "",
        model_only: bool = False,
    ) -> None:
        """Say how it went; `model_only` where the provider limits the model and not the credential."""
        self._learner.ended(self, Report(outcome, first_token_ms, usage, retry_after_s, why, model_only))
