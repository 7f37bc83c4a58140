"""A ledger that counts: what was claimed, and how each hold ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.ledger import Claim, Hold
from app.domain.money import Price
from app.domain.usage import Usage


@dataclass
class CountedHold:
    claim: Claim
    settled: list[Usage] = field(default_factory=list)
    released: int = 0
    assumed: int = 0
    assumed_output: int | None = None
    most_tokens: int | None = None
    """An answer that has more has to end."""

    @property
    def ends(self) -> int:
        return len(self.settled) + self.released + self.assumed

    def stretch(self, said_tokens: Callable[[], int]) -> PatchbayError | None:
        if self.most_tokens is None or said_tokens() <= self.most_tokens:
            return None
        return PatchbayError(ErrorKind.QUOTA_EXCEEDED, "The answer was ended here.", should_retry=False)

    def settle(self, usage: Usage) -> None:
        self.settled.append(usage)

    def release(self) -> None:
        self.released += 1

    def assume(self, output_tokens: int | None = None) -> None:
        self.assumed += 1
        self.assumed_output = output_tokens


@dataclass
class CountingLedger:
    holds: list[CountedHold] = field(default_factory=list)
    refuses: dict[str, PatchbayError] = field(default_factory=dict)
    """By provider."""
    counted: bool = True
    """Whether any budget counts requests."""
    most_tokens: int | None = None
    """Of an answer."""

    def price(self, vendor: str, model: str, *, provider: str = "", prompt_tokens: int = 0) -> Price | None:
        return None

    def counts(self, key_id: str, provider: str, model: str) -> bool:
        return self.counted

    async def reserve(self, claim: Claim) -> Hold:
        if claim.provider in self.refuses:
            raise self.refuses[claim.provider]
        made = CountedHold(claim, most_tokens=self.most_tokens)
        self.holds.append(made)
        return made
