"""A ledger that counts: what was claimed, and how each hold ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.errors import PatchbayError
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

    @property
    def ends(self) -> int:
        return len(self.settled) + self.released + self.assumed

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

    def price(self, vendor: str, model: str, *, provider: str = "", prompt_tokens: int = 0) -> Price | None:
        return None

    def counts(self, key_id: str, provider: str, model: str) -> bool:
        return self.counted

    async def reserve(self, claim: Claim) -> Hold:
        if claim.provider in self.refuses:
            raise self.refuses[claim.provider]
        made = CountedHold(claim)
        self.holds.append(made)
        return made
