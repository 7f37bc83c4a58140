"""What the client is told when nobody has answered: the most useful of the errors, and how many were tried."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.fleet.candidate import Candidate
from app.proxy.headers import Pairs
from app.proxy.job import Job
from app.proxy.lanes.refused import Refused
from app.proxy.verdicts import FORBIDDEN, as_kind

ATTEMPTS_HEADER = "x-patchbay-attempts"
_LONG_S = 60.0
"""Who would have to wait longer had better give up; Anthropic's SDK does not wait longer by itself."""
_PASSING = (
    # What may be over soon, the most useful first: when to come back, then what the provider said of itself.
    ErrorKind.RATE_LIMITED,
    ErrorKind.OVERLOADED,
    ErrorKind.UPSTREAM_ERROR,
    ErrorKind.UPSTREAM_TIMEOUT,
    ErrorKind.STREAM_STALLED,
    ErrorKind.UNREACHABLE,
    ErrorKind.STREAM_CUT,
)
_REFUSALS = (ErrorKind.CONTEXT_TOO_LONG, ErrorKind.UPSTREAM_INVALID_REQUEST, ErrorKind.UPSTREAM_TOO_LARGE)
"""Answers after all: of who read the request."""
_LASTING = (*_REFUSALS, ErrorKind.RATE_LIMITED, ErrorKind.BILLING, ErrorKind.CREDENTIAL_REJECTED)
"""What somebody has to do something about, or to wait for too long."""
_SHOULD_RETRY = "x-should-retry"
_SKIPS = (
    # Errors of candidates that were not asked, the one to tell first in front.
    ErrorKind.LEDGER_UNAVAILABLE,
    ErrorKind.QUOTA_EXCEEDED,
    ErrorKind.BUSY,
    ErrorKind.CREDENTIAL_REJECTED,
    ErrorKind.CALLER_UNAUTHENTICATED,
    ErrorKind.CREDENTIAL_UNAVAILABLE,
)
_SOONER = _SKIPS[:3]
"""Worth more than that the others rest."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One try that failed."""

    job: Job
    error: PatchbayError
    refused: Refused | None = None
    """The same as the provider worded it, in the client's dialect."""

    @property
    def target(self) -> tuple[str, str]:
        """Names of the provider and of the model."""
        return self.job.home.name, self.job.model

    def headers(self) -> Pairs:
        """Those of the refusal as the client gets them: nobody is to wait for a limit of minutes and hours."""
        assert self.refused is not None  # noqa: S101 (who calls has looked)
        if self.error.kind is not ErrorKind.RATE_LIMITED or not _is_long(self.error):
            return self.refused.headers
        kept = tuple(one for one in self.refused.headers if one[0].lower() != _SHOULD_RETRY)
        return *kept, (_SHOULD_RETRY, "false")


class LastWord:
    """Collects what went wrong with one request."""

    __slots__ = ("_skips", "_words", "failures")

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self._skips: list[PatchbayError] = []
        self._words: list[str] = []

    def skipped(self, candidate: Candidate, why: str, error: PatchbayError | None = None) -> None:
        """A candidate was not asked."""
        words = f"{candidate.provider.name} {why}" if error is None else why
        self._words.append(words.rstrip("."))
        if error is not None:
            self._skips.append(error)

    def said(self) -> PatchbayError | Failure:
        """What is told after at least one try: an error of ours, or the failure whose refusal goes on as it came."""
        failures = self.failures
        best = self.best
        if best.refused is not None and len({one.job.home.name for one in failures}) == 1:
            return best
        if len(failures) == 1:
            return _hinted(best.error)
        names = ", ".join(dict.fromkeys(one.job.home.name for one in failures))
        text = best.error.message.rstrip()
        stop = "" if text.endswith((".", "!", "?")) else "."
        told = as_kind(best.error, best.error.kind, f"{text}{stop} Patchbay tried {len(failures)} times: {names}.")
        if _passes(told):
            told.should_retry = True
        return _hinted(told)

    def is_stand_in(self, provider: str, model: str) -> bool:
        """Whether another target was asked before this one."""
        return bool(self.failures) and self.failures[0].target != (provider, model)

    @property
    def best(self) -> Failure:
        """The most useful of several.

        What passes hides no real answer, unless it is the trouble of the very target that was to answer.
        """
        first = next(one for one in reversed(self.failures) if one.target == self.failures[0].target)
        if first.error.kind in _REFUSALS:
            return first
        refusals = [one for one in self.failures if one.error.kind in _REFUSALS]
        return min(self.failures if _passes(first.error) else refusals or self.failures, key=_rank)

    def unasked(self, wait_s: float | None, forbidden: str = "") -> PatchbayError:
        """What is told where nobody was asked; `wait_s` is when the first of those that rest comes back.

        `forbidden` is what a provider said that rests because it forbids the model: told again where no wait helps.
        """
        if wait_s is not None and not any(one.kind in _SOONER for one in self._skips):
            return PatchbayError(
                ErrorKind.ALL_RESTING,
                f"Nobody can serve this request at the moment: {'; '.join(self._words)}.",
                retry_after_s=wait_s,
                should_retry=wait_s <= _LONG_S,
            )
        skips = [*self._skips, _forbidden(forbidden, self._words)] if forbidden else self._skips
        if skips:
            return min(skips, key=lambda one: _SKIPS.index(one.kind) if one.kind in _SKIPS else len(_SKIPS))
        return PatchbayError(
            ErrorKind.NO_PROVIDER, f"No provider can serve this request: {'; '.join(self._words) or 'there is none'}."
        )


def _forbidden(said: str, words: list[str]) -> PatchbayError:
    """As it was told when the provider said so."""
    text = f"{said} Nobody was asked again: {'; '.join(words)}."
    return PatchbayError(ErrorKind.CREDENTIAL_REJECTED, text, upstream_status=FORBIDDEN, should_retry=False)


def _is_long(error: PatchbayError) -> bool:
    return error.retry_after_s is not None and error.retry_after_s > _LONG_S


def _passes(error: PatchbayError) -> bool:
    """Whether the same request may succeed soon."""
    return error.kind in _PASSING and error.should_retry is not False and not _is_long(error)


def _hinted(error: PatchbayError) -> PatchbayError:
    """The same; a client does not try again by itself where it would have to wait for long."""
    if error.kind is ErrorKind.RATE_LIMITED and _is_long(error) and error.should_retry is not False:
        error = as_kind(error, error.kind)
        error.should_retry = False
    return error


def _rank(one: Failure) -> tuple[int, int, float]:
    """A limit that says when to come back is worth more than one that does not, and the soonest the most."""
    kind, wait_s = one.error.kind, one.error.retry_after_s
    lasts = not _passes(one.error)
    ranks = _LASTING if lasts else _PASSING
    return (lasts, ranks.index(kind) if kind in ranks else len(ranks), math.inf if wait_s is None else wait_s)
