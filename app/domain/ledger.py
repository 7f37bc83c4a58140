"""Reserve, then settle: what the data plane asks of whoever keeps budgets and quotas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.domain.errors import PatchbayError
from app.domain.money import Price
from app.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Claim:
    """The most that one attempt may use."""

    exchange_id: str
    key_id: str
    """Empty for a caller without a key of its own (`auth = "open"`)."""
    provider: str
    vendor: str
    model: str
    """The name sent to the provider."""
    free: bool
    """The provider charges nothing unless a price is named: it runs on the user's own machine."""
    prompt_tokens: int
    """Estimated."""
    output_tokens: int
    """The client's bound on an answer, or 0 where it set none."""
    answers: int = 1
    """So many are asked for at once."""


class Hold(Protocol):
    """What one attempt has reserved; exactly one of the last three is called, once. All return at once, never raise."""

    def stretch(self, said_tokens: Callable[[], int]) -> PatchbayError | None:
        """Reserve more for an answer that grows and has no bound of the client's; asked again and again.

        `said_tokens` measures what it has by now. Returns PatchbayError QUOTA_EXCEEDED where a hard budget has no room
        for more of it, so that it must end here.
        """

    def settle(self, usage: Usage) -> None:
        """The attempt used this much; a usage whose source is NONE settles as nothing."""

    def release(self) -> None:
        """Nothing was used: the provider was not reached, or refused."""

    def assume(self, output_tokens: int | None = None) -> None:
        """The provider had the request and nobody knows what came of it.

        Its prompt counts as estimated, and of its answer that many tokens, but never more than were held: all that
        were where nobody knows.
        """


class Ledger(Protocol):
    """Keeps what is used, exactly, under any number of requests at once and across a kill of the process."""

    def price(self, vendor: str, model: str, *, provider: str = "", prompt_tokens: int = 0) -> Price | None:
        """The price as far as it is known by now; asking makes it be looked up for the next time."""

    def counts(self, key_id: str, provider: str, model: str) -> bool:
        """Whether any budget counts such requests; only then is it worth knowing how large one is."""

    async def reserve(self, claim: Claim) -> Hold:
        """Book the claim against every budget it touches; on disk when this returns, where there is such a budget.

        Raises PatchbayError QUOTA_EXCEEDED, which names the budget, what is left of it and when it begins anew, or
        LEDGER_UNAVAILABLE where a budget stands and the disk does not take the claim.
        """


class _Nothing:
    """The hold where nothing bounds the use."""

    def stretch(self, said_tokens: Callable[[], int]) -> PatchbayError | None:
        """Whatever it says."""
        return None

    def settle(self, usage: Usage) -> None:
        """Nothing to do."""

    def release(self) -> None:
        """Nothing to do."""

    def assume(self, output_tokens: int | None = None) -> None:
        """Nothing to do."""


NO_HOLD: Hold = _Nothing()


class _NoLedger:
    """The ledger where there are no budgets."""

    def price(self, vendor: str, model: str, *, provider: str = "", prompt_tokens: int = 0) -> Price | None:
        """Know none."""
        return None

    def counts(self, key_id: str, provider: str, model: str) -> bool:
        """None do."""
        return False

    async def reserve(self, claim: Claim) -> Hold:
        """Hold nothing."""
        return NO_HOLD


NO_LEDGER: Ledger = _NoLedger()
