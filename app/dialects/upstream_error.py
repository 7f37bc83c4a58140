"""What an upstream's error means, whatever its shape: one reader for every dialect.

Vendors mix their own shapes, their gateways' and HTML pages, so the text and the kind are found by what is there, not
by who should have sent it. `read` is for an HTTP error; `in_stream` for an error object inside a 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.dialects.error_body import ErrorBody, duration_s, number, read_body
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.redact import Redactor

MESSAGE_CHARS = 2000

_BY_STATUS = {
    401: ErrorKind.CREDENTIAL_REJECTED,
    402: ErrorKind.BILLING,
    403: ErrorKind.CREDENTIAL_REJECTED,
    404: ErrorKind.UPSTREAM_NOT_FOUND,
    408: ErrorKind.UPSTREAM_TIMEOUT,
    413: ErrorKind.UPSTREAM_TOO_LARGE,
    429: ErrorKind.RATE_LIMITED,
    500: ErrorKind.UPSTREAM_ERROR,
    501: ErrorKind.UPSTREAM_ERROR,
    502: ErrorKind.OVERLOADED,
    503: ErrorKind.OVERLOADED,
    504: ErrorKind.UPSTREAM_TIMEOUT,
    521: ErrorKind.OVERLOADED,
    522: ErrorKind.OVERLOADED,
    523: ErrorKind.OVERLOADED,
    524: ErrorKind.UPSTREAM_TIMEOUT,  # Cloudflare: the origin took the request and has not answered
    529: ErrorKind.OVERLOADED,
}
_BY_WORD = {
    "insufficient_quota": ErrorKind.BILLING,
    "billing_error": ErrorKind.BILLING,
    "overloaded_error": ErrorKind.OVERLOADED,
    "overloaded": ErrorKind.OVERLOADED,
    "slow_down": ErrorKind.OVERLOADED,
    "server_is_overloaded": ErrorKind.OVERLOADED,
    "usage_not_included": ErrorKind.BILLING,  # OpenAI: the account's plan does not hold the model
    "unavailable": ErrorKind.OVERLOADED,
    "context_length_exceeded": ErrorKind.CONTEXT_TOO_LONG,
    "exceed_context_size_error": ErrorKind.CONTEXT_TOO_LONG,
    "api_key_invalid": ErrorKind.CREDENTIAL_REJECTED,  # Google says so with status 400
}
"""Types and codes that say more than the status beside them."""
_OPENAI_REFUSALS = (
    *("invalid_prompt", "data_residency_mismatch", "bio_policy", "cyber_policy", "misalignment_policy_violation"),
    *("invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url", "image_too_large"),
    *("image_too_small", "image_parse_error", "image_content_policy_violation", "invalid_image_mode"),
    *("image_file_too_large", "unsupported_image_media_type", "empty_image_file", "failed_to_download_image"),
    "image_file_not_found",
)
"""Codes of a failed answer that lie with the request (the openai SDK's `ResponseError`)."""
_BY_TYPE = {
    "authentication_error": ErrorKind.CREDENTIAL_REJECTED,
    "permission_error": ErrorKind.CREDENTIAL_REJECTED,
    "invalid_api_key": ErrorKind.CREDENTIAL_REJECTED,
    "invalid_request_error": ErrorKind.UPSTREAM_INVALID_REQUEST,
    "invalid_argument": ErrorKind.UPSTREAM_INVALID_REQUEST,
    **dict.fromkeys(_OPENAI_REFUSALS, ErrorKind.UPSTREAM_INVALID_REQUEST),
    "not_found_error": ErrorKind.UPSTREAM_NOT_FOUND,
    "model_not_found": ErrorKind.UPSTREAM_NOT_FOUND,
    "request_too_large": ErrorKind.UPSTREAM_TOO_LARGE,
    "rate_limit_error": ErrorKind.RATE_LIMITED,
    "rate_limit_exceeded": ErrorKind.RATE_LIMITED,
    "resource_exhausted": ErrorKind.RATE_LIMITED,
    "usage_limit_reached": ErrorKind.RATE_LIMITED,
    "timeout_error": ErrorKind.UPSTREAM_TIMEOUT,
    "deadline_exceeded": ErrorKind.UPSTREAM_TIMEOUT,
}
"""Types and codes that decide where no status does: inside a stream."""
_NUMBERS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"prompt is too long: (?P<n>\d+) tokens > (?P<m>\d+)",
        r"is too large: (?P<more>\d+)\. .{0,40}?context length is (?P<m>\d+) tokens and your request has (?P<n>\d+)",
        (
            r"maximum context length (?:is|of) (?P<m>\d+) tokens.{0,200}?"
            r"(?:resulted in|requested(?: about| a total of)?|your request has) (?P<n>\d+)"
        ),
        r"prompt contains (?P<n>\d+) tokens.{0,200}? (?P<m>\d+) maximum context length",
        r"maximum prompt length is (?P<m>\d+) but the request contains (?P<n>\d+)",
        r"input token count \((?P<n>\d+)\) exceeds the maximum.{0,200}?\((?P<m>\d+)\)",
        r"input length and .max_tokens. exceed context limit: (?P<n>\d+) \+ (?P<more>\d+) > (?P<m>\d+)",
    )
)
_TOO_LONG = re.compile(
    r"prompt is too long|maximum context length|input token count|exceed context limit|too many tokens|context window"
    r"|maximum prompt length|input is too long for|prompt exceeds max length|exceeded model token limit"
    r"|greater than the context length"
    r"|exceeds? the (?:available context size|model'?s? (?:maximum )?context)"
    r"|reduce the length of the (?:messages|input)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"(?:input|messages)(?:\[\d+\]|\.\d+)?(?:\.(?:content|text|output)(?:\[\d+\]|\.\d+)?)*")
"""Fields that hold what is said; others have limits of their own."""
_OVERLOAD = re.compile(r"\boverloaded\b", re.IGNORECASE)
_BROKE = re.compile(r"credit balance is too low|insufficient balance", re.IGNORECASE)
_AGAIN = re.compile(
    r"(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|h|m|s) ?)+|\d+(?:\.\d+)? seconds?)", re.IGNORECASE
)
_RESETS = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens")
_REDACTOR = Redactor()


def read(status: int, headers: Mapping[str, str], body: bytes) -> PatchbayError:
    """The error that an upstream's reply with that status means.

    A refused credential is CREDENTIAL_REJECTED with `upstream_status` 401 or 403: whose key it was only the caller
    knows, and turns it into CALLER_UNAUTHENTICATED or CALLER_FORBIDDEN where it was the client's. A prompt that is too
    long says so in Anthropic's words, "prompt is too long: N tokens > M maximum", wherever the numbers are known.
    """
    low = {name.lower(): value for name, value in headers.items()}
    found = read_body(body)
    error = _error(found, status)
    error.should_retry = {"true": True, "false": False}.get(low.get("x-should-retry", "").strip().lower())
    from_headers = retry_after(low, status)
    if from_headers is not None:
        error.retry_after_s = from_headers
    return error


def in_stream(body: bytes) -> PatchbayError:
    """The error that an object inside a stream, or inside a reply with status 200, means."""
    found = read_body(body)
    return _error(found, found.status if 400 <= found.status <= 599 else 0)


def retry_after(headers: Mapping[str, str], status: int = 429) -> float | None:
    """Seconds to wait as the headers (lower-case names) say; a date counts from the reply's own, else from now."""
    if (milliseconds := number(headers.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    given = headers.get("retry-after", "")
    if (seconds := number(given)) is not None:
        return seconds
    if given:
        until = _date(given)
        if until is None:
            return None
        return max(0.0, (until - (_date(headers.get("date", "")) or datetime.now(UTC))).total_seconds())
    if status != 429:
        return None
    resets = [span for name in _RESETS if (span := duration_s(headers.get(name, ""))) is not None]
    return max(resets, default=None)


def _date(text: str) -> datetime | None:
    """An HTTP date, which is UTC whether it says so or not (RFC 9110, 5.6.7)."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _error(found: ErrorBody, status: int) -> PatchbayError:
    kind = _kind(found, status)
    message = _REDACTOR.text(found.message)[:MESSAGE_CHARS]
    if kind is ErrorKind.CONTEXT_TOO_LONG:
        message = _too_long(message, found.tokens)
    again = _AGAIN.search(found.message)
    return PatchbayError(
        kind,
        message or (f"The upstream answered {status} without a text." if status else "The upstream reported an error."),
        param=None if kind is ErrorKind.CONTEXT_TOO_LONG else found.param,  # the client's dialect names its own
        code=found.code,
        retry_after_s=found.retry_after_s if again is None else duration_s(again[1]),
        upstream_status=status or None,
    )


def _kind(found: ErrorBody, status: int) -> ErrorKind:
    if _is_too_long(found, status):
        return ErrorKind.CONTEXT_TOO_LONG
    if found.flagged and status == 403:
        return ErrorKind.UPSTREAM_INVALID_REQUEST  # the text was refused, not the key
    if _BROKE.search(found.message) and status in (0, 400, 402, 403, 429):
        return ErrorKind.BILLING
    told = [_BY_WORD[word] for word in found.words if word in _BY_WORD]
    if told:
        return told[0]
    if status in (0, 500) and _OVERLOAD.search(found.message):
        return ErrorKind.OVERLOADED
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 0:
        return next((_BY_TYPE[word] for word in found.words if word in _BY_TYPE), ErrorKind.UPSTREAM_ERROR)
    return ErrorKind.UPSTREAM_INVALID_REQUEST if 400 <= status < 500 else ErrorKind.UPSTREAM_ERROR


def _is_too_long(found: ErrorBody, status: int) -> bool:
    if status in (0, 400, 413, 422, 500) and (found.tokens or _TOO_LONG.search(found.message)):
        return True
    return "string_above_max_length" in found.words and _SPOKEN.fullmatch(found.param or "") is not None


def _too_long(message: str, tokens: tuple[int, int] | None) -> str:
    for pattern in _NUMBERS:
        if tokens is None and (match := pattern.search(message)) is not None:
            tokens = (int(match["n"]) + int(match.groupdict().get("more") or 0), int(match["m"]))
    if tokens is not None:
        return f"prompt is too long: {tokens[0]} tokens > {tokens[1]} maximum"
    return (
        message if message.lower().startswith("prompt is too long") else f"prompt is too long: {message}".rstrip(": ")
    )
