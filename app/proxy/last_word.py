"""What the client is told when nobody has answered: the most useful of the errors, and how many were tried."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.fleet.candidate import Candidate
from app.proxy.job import Job
from app.proxy.lanes.refused import Refused
from app.proxy.verdicts import as_kind

ATTEMPTS_HEADER = "x-patchbay-attempts"
_LONG_S = 60.0
"""Who would have to wait longer had better give up; Anthropic's SDK does not wait longer by itself."""
_RANKS = (
    # The most useful first: when to come back, then what may pass, then what somebody has to do.
    ErrorKind.RATE_LIMITED,
    ErrorKind.OVERLOADED,
    ErrorKind.UPSTREAM_ERROR,
    ErrorKind.UPSTREAM_TIMEOUT,
    ErrorKind.STREAM_STALLED,
    ErrorKind.CONTEXT_TOO_LONG,
    ErrorKind.UPSTREAM_INVALID_REQUEST,
    ErrorKind.BILLING,
    ErrorKind.CREDENTIAL_REJECTED,
    ErrorKind.STREAM_CUT,
    ErrorKind.BAD_REPLY,
)
_SKIPS = (
    # Errors of candidates that were not asked, the one to tell first in front.
    ErrorKind.LEDGER_UNAVAILABLE,
    ErrorKind.QUOTA_EXCEEDED,
    ErrorKind.BUSY,
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


class LastWord:
    """Collects what went wrong with one request."""

    __slots__ = ("_skips", "_words", "failures")

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self._skips: list[PatchbayError] = []
        self._words: list[str] = []

    def skipped(self, candidate: Candidate, why: str, error: PatchbayError | None = None) -> None:
        """A candidate was not asked."""
        self._words.append(f"{candidate.provider.name} {why}" if error is None else why)
        if error is not None:
            self._skips.append(error)

    def said(self) -> PatchbayError | Failure:
        """What is told after at least one try: an error of ours, or the failure whose refusal goes on as it came."""
        failures = self.failures
        best = min(failures, key=_rank)
        if best.refused is not None and len({one.job.home.name for one in failures}) == 1:
            return best
        if len(failures) == 1:
            return best.error
        names = ", ".join(dict.fromkeys(one.job.home.name for one in failures))
        text = best.error.message.rstrip()
        stop = "" if text.endswith((".", "!", "?")) else "."
        return as_kind(best.error, best.error.kind, f"{text}{stop} Patchbay tried {len(failures)} times: {names}.")

    def unasked(self, wait_s: float | None) -> PatchbayError:
        """What is told where nobody was asked; `wait_s` is when the first of those that rest comes back."""
        if wait_s is not None and not any(one.kind in _SOONER for one in self._skips):
            return PatchbayError(
                ErrorKind.ALL_RESTING,
                f"Nobody can serve this request at the moment: {'; '.join(self._words)}.",
                retry_after_s=wait_s,
                should_retry=wait_s <= _LONG_S,
            )
        if self._skips:
            return min(self._skips, key=lambda one: _SKIPS.index(one.kind) if one.kind in _SKIPS else len(_SKIPS))
        return PatchbayError(
            ErrorKind.NO_PROVIDER, f"No provider can serve this request: {'; '.join(self._words) or 'there is none'}."
        )


def _rank(one: Failure) -> tuple[int, float]:
    """A limit that says when to come back is worth more than one that does not, and the soonest the most."""
    kind, wait_s = one.error.kind, one.error.retry_after_s
    return (_RANKS.index(kind) if kind in _RANKS else len(_RANKS), math.inf if wait_s is None else wait_s)
