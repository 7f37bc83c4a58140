"""What an error says about the candidate that was asked, and whether another one, or the same, may be asked now.

Nothing that a client could have seen is ever repeated, nor anything that a provider may have billed: a request that
was sent whole and answered with nothing is told to the client, and so is one that was never answered in time.
What the first one asked says about the request is taken to be so; of a stand-in it may be but its own trouble.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.error_meaning import meaning_of
from app.domain.errors import ErrorKind, Fault, PatchbayError
from app.domain.routing import ErrorRule, Meaning
from app.proxy.fleet.fleet import Outcome

_Row = tuple[Outcome, bool, bool]
_FAILED, _LIMITED, _REJECTED, _NEUTRAL = Outcome.FAILED, Outcome.LIMITED, Outcome.REJECTED, Outcome.NEUTRAL

_ROWS: dict[ErrorKind, _Row] = {
    # Kind -> the outcome, may another candidate be asked, may the same be asked again after a while.
    ErrorKind.RATE_LIMITED: (_LIMITED, True, True),
    ErrorKind.BILLING: (_LIMITED, True, False),
    ErrorKind.CREDENTIAL_REJECTED: (_REJECTED, True, False),
    ErrorKind.UPSTREAM_ERROR: (_FAILED, True, True),
    ErrorKind.OVERLOADED: (_FAILED, True, True),
    ErrorKind.UPSTREAM_TIMEOUT: (Outcome.SILENT, False, False),
    ErrorKind.STREAM_STALLED: (_FAILED, False, False),
    ErrorKind.UNREACHABLE: (_FAILED, False, False),
    ErrorKind.TLS_FAILED: (_FAILED, True, False),
    ErrorKind.ADDRESS_REFUSED: (_FAILED, True, False),
    ErrorKind.REDIRECT_REFUSED: (_FAILED, True, False),
    ErrorKind.BAD_REPLY: (_FAILED, True, False),
    ErrorKind.STREAM_CUT: (_FAILED, True, False),
    # The request was not sent: this candidate's dialect has no words for it, another's may.
    ErrorKind.UNSUPPORTED: (_NEUTRAL, True, False),
}
_OTHERWISE: _Row = (_NEUTRAL, False, False)
"""The request itself is at fault, or nobody is."""
_ITS_OWN = frozenset(
    {
        ErrorKind.INVALID_REQUEST,
        ErrorKind.UPSTREAM_INVALID_REQUEST,
        ErrorKind.UPSTREAM_NOT_FOUND,
        ErrorKind.UPSTREAM_TOO_LARGE,
        ErrorKind.CONTEXT_TOO_LONG,
        ErrorKind.CALLER_UNAUTHENTICATED,
        ErrorKind.CALLER_FORBIDDEN,
    }
)
"""What a stand-in may say of a request that suits others: it lacks the model, a field, or the room."""
_PASSING = (500, 502, 503, 504, 520, 521, 522, 523, 529)
"""Statuses of troubles that may be over in a moment."""
_GAVE_UP = (408, 524)
"""Statuses of who waited in vain for something that may run on."""
FORBIDDEN = 403
"""What a key that may be good for other models is refused one with."""
_MEANT = {
    Meaning.OVERLOADED: (ErrorKind.OVERLOADED, _ROWS[ErrorKind.OVERLOADED]),
    Meaning.RATE_LIMITED: (ErrorKind.RATE_LIMITED, _ROWS[ErrorKind.RATE_LIMITED]),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an error, as long as the client has nothing of an answer."""

    error: PatchbayError
    """The one that happened; of another kind where a rule of the user's says so."""
    outcome: Outcome
    """For the fleet."""
    elsewhere: bool
    """Another candidate may be asked."""
    again: bool
    """The same one may be asked again after a while."""
    model_only: bool = False
    """A limit of that one model, not of the credential."""


def judge(
    error: PatchbayError, provider: str, model: str, rules: Sequence[ErrorRule] = (), *, stand_in: bool = False
) -> Verdict:
    """The verdict on an error of a provider that was asked for a model, perhaps because another one had failed."""
    meaning = _meaning(error, provider, rules) if rules else None
    if meaning is Meaning.REFUSED:
        return Verdict(error, _NEUTRAL, elsewhere=False, again=False)
    if meaning is not None:
        kind, (outcome, elsewhere, again) = _MEANT[meaning]
        error = as_kind(error, kind)
    else:
        outcome, elsewhere, again = _row(error)
        elsewhere = elsewhere or (stand_in and error.kind in _ITS_OWN)
    again = again and error.should_retry is not False
    model_only = error.kind is ErrorKind.RATE_LIMITED and _names(error.message, model)
    return Verdict(error, outcome, elsewhere, again, model_only)


def as_kind(error: PatchbayError, kind: ErrorKind, message: str = "") -> PatchbayError:
    """The same error as one of another kind, or with other words."""
    return PatchbayError(
        kind,
        message or error.message,
        param=error.param,
        code=error.code,
        retry_after_s=error.retry_after_s,
        upstream_status=error.upstream_status,
        # What the provider said about trying again was said of another kind.
        should_retry=error.should_retry if kind is error.kind else None,
        unsent=error.unsent,
    )


def _names(message: str, model: str) -> bool:
    """Whether a limit's text names the model, as the vendors' do whose limits are a model's own (OpenAI, Gemini)."""
    return bool(model) and re.search(rf"(?<![\w-]){re.escape(model)}(?![\w-])", message) is not None


def _meaning(error: PatchbayError, provider: str, rules: Sequence[ErrorRule]) -> Meaning | None:
    if error.upstream_status is None and error.kind.fault is not Fault.UPSTREAM:
        return None  # no provider said it
    return meaning_of(rules, provider, error.upstream_status or 0, error.message)


def _row(error: PatchbayError) -> _Row:
    kind, status = error.kind, error.upstream_status
    outcome, elsewhere, again = _ROWS.get(kind, _OTHERWISE)
    if error.unsent:
        return _FAILED, True, kind in (ErrorKind.UNREACHABLE, ErrorKind.UPSTREAM_TIMEOUT)
    if status in _GAVE_UP and outcome in (_FAILED, Outcome.SILENT):
        return Outcome.SILENT, False, False
    if kind is ErrorKind.UPSTREAM_TIMEOUT and status is not None:  # it said so itself: nothing runs there any more
        return _FAILED, True, True
    if kind is ErrorKind.CREDENTIAL_REJECTED and status == FORBIDDEN:  # one model, one region; the key may be good
        return Outcome.FORBIDDEN, True, False
    if outcome is _FAILED and status is not None and status not in _PASSING:
        return outcome, elsewhere, False
    return outcome, elsewhere, again
