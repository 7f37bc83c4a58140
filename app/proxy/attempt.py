"""One try at one candidate: what is reserved before it and given back after it, each exactly once however it ends."""

from __future__ import annotations

from app.dialects.base import Operation
from app.domain.error_words import in_words
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.ledger import NO_HOLD, Claim, Hold, Ledger
from app.domain.usage import UsageSource
from app.proxy.call import Call
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.fleet import Outcome, Permit
from app.proxy.record import Exchange
from app.proxy.verdicts import Verdict

_FASTEST_TOKENS_PER_S = 300
"""Faster than nearly every model writes."""


async def reserve(ledger: Ledger, call: Call, candidate: Candidate) -> Hold:
    """Book the most that the try may use; counting tokens costs nothing. Raises as `Ledger.reserve` does.

    An answer in the background comes after the reply, and nobody here learns what it used: PatchbayError UNSUPPORTED
    where a budget counts it.
    """
    if call.operation is Operation.COUNT_TOKENS:
        return NO_HOLD
    provider, facts = candidate.provider, call.facts
    key_id = call.caller.key.id if call.caller.key is not None else ""
    counted = ledger.counts(key_id, provider.name, candidate.model)  # else nobody need read the body for it
    if counted and facts.background:
        raise _background()
    return await ledger.reserve(
        Claim(
            call.id,
            key_id,
            provider.name,
            provider.vendor,
            candidate.model,
            provider.local,
            facts.most_prompt_tokens if counted else 0,
            facts.output_tokens if counted else 0,
            facts.answers if counted else 1,
        )
    )


class Attempt:
    """A try under way, with its permit and its hold; exactly one of the last three is called, once."""

    __slots__ = ("_exchange", "_hold", "_made", "_permit", "_started_ms")

    def __init__(self, permit: Permit, hold: Hold, exchange: Exchange, started_ms: int) -> None:
        self._permit = permit
        self._hold = hold
        self._exchange = exchange
        self._started_ms = started_ms
        self._made = len(exchange.attempts)

    def overspends(self) -> PatchbayError | None:
        """Asked again and again while it runs: why its answer may not go on; None while it may."""
        return self._hold.stretch(self._exchange.tap.said_tokens)

    def began(self) -> None:
        """The client is given the first of the answer."""
        first_ms = self._first_token_ms()
        if first_ms is not None:
            self._permit.begin(first_ms)

    def answered(self) -> None:
        """The client has the answer."""
        asked = self._exchange.attempts[self._made :]
        # What Patchbay answered by itself, perhaps in place of a provider that could not, says nothing about it.
        well = bool(asked) and not asked[-1].error and asked[-1].status < 400
        self._end(Outcome.ANSWERED if well else Outcome.NEUTRAL, complete=True)

    def failed(self, verdict: Verdict) -> None:
        """It failed, before the answer began or in the middle of it."""
        error = verdict.error
        self._end(
            verdict.outcome,
            complete=False,
            unsent=error.unsent,
            retry_after_s=error.retry_after_s,
            why=why(verdict),
            model_only=verdict.model_only,
        )

    def left(self) -> None:
        """The client left or something of ours broke: nobody's fault, unless the answer was whole already."""
        self.answered() if self._exchange.delivered else self._end(Outcome.NEUTRAL, complete=False)

    def _end(
        self,
        outcome: Outcome,
        *,
        complete: bool,
        unsent: bool = False,
        retry_after_s: float | None = None,
        why: str = "",
        model_only: bool = False,
    ) -> None:
        usage = self._exchange.usage(complete=complete)
        if self._exchange.tap.pending:
            self._hold.assume()
        elif usage.source is not UsageSource.NONE:
            self._hold.settle(usage)
        elif self._is_with_provider() and not unsent:
            self._hold.assume(self._may_have_said_tokens())
        else:
            self._hold.release()
        self._permit.end(
            outcome,
            first_token_ms=self._first_token_ms(),
            usage=usage,
            retry_after_s=retry_after_s,
            why=why,
            model_only=model_only,
        )

    def _is_with_provider(self) -> bool:
        """Whether the provider has the request and did not refuse it: it may charge for what nobody waits for."""
        asked = self._exchange.attempts[self._made :]
        return bool(asked) and asked[-1].status < 300

    def _may_have_said_tokens(self) -> int | None:
        """How much a stream can have held until it was closed; None where the answer is made to its end anyhow."""
        if not self._exchange.streaming:
            return None
        return _FASTEST_TOKENS_PER_S * sum(one.duration_ms for one in self._exchange.attempts[self._made :]) // 1_000

    def _first_token_ms(self) -> int | None:
        first_ms = self._exchange.tap.first_token_ms
        return None if first_ms is None else max(0, first_ms - self._started_ms)


def _background() -> PatchbayError:
    text = "background: a budget counts this request, and what an answer in the background uses is never learned."
    return PatchbayError(ErrorKind.UNSUPPORTED, text, param="background")


def why(verdict: Verdict) -> str:
    """The failure in two or three words."""
    if verdict.outcome is Outcome.FORBIDDEN:
        return "not allowed"
    return in_words(verdict.error.kind.word)
