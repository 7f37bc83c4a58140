"""Our errors as a Gemini client gets them: HTTP status, Google's status word, the details that its SDKs read.

Source: Google, "AIP-193 Errors" and `google.rpc.Code`; Gemini CLI reads `RetryInfo` for how long to wait.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from app.dialects.base import ErrorReply
from app.dialects.error_headers import hints, wait_s
from app.domain.errors import ErrorKind, PatchbayError

ARGUMENT = "INVALID_ARGUMENT"
PRECONDITION = "FAILED_PRECONDITION"
DEADLINE = "DEADLINE_EXCEEDED"
EXHAUSTED = "RESOURCE_EXHAUSTED"
UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of error looks: its HTTP status and Google's word for it."""

    code: int
    status: str


SHAPES: dict[ErrorKind, Shape] = {
    ErrorKind.HOST_NOT_ALLOWED: Shape(421, PRECONDITION),
    ErrorKind.ORIGIN_NOT_ALLOWED: Shape(403, "PERMISSION_DENIED"),
    ErrorKind.UNAUTHENTICATED: Shape(401, "UNAUTHENTICATED"),
    ErrorKind.KEY_EXPIRED: Shape(401, "UNAUTHENTICATED"),
    ErrorKind.KEY_DISABLED: Shape(401, "UNAUTHENTICATED"),
    ErrorKind.NOT_PERMITTED: Shape(403, "PERMISSION_DENIED"),
    ErrorKind.KEY_RATE_LIMITED: Shape(429, EXHAUSTED),
    ErrorKind.QUOTA_EXCEEDED: Shape(429, EXHAUSTED),
    ErrorKind.LEDGER_UNAVAILABLE: Shape(503, UNAVAILABLE),
    ErrorKind.ALL_RESTING: Shape(503, UNAVAILABLE),
    ErrorKind.TOO_MANY_FAILURES: Shape(429, EXHAUSTED),
    ErrorKind.PATH_NOT_FOUND: Shape(404, "NOT_FOUND"),
    ErrorKind.METHOD_NOT_ALLOWED: Shape(405, "UNIMPLEMENTED"),
    ErrorKind.UPGRADE_REFUSED: Shape(426, PRECONDITION),
    ErrorKind.MEDIA_TYPE: Shape(415, ARGUMENT),
    ErrorKind.TOO_LARGE: Shape(413, ARGUMENT),
    ErrorKind.BODY_TIMEOUT: Shape(408, DEADLINE),
    ErrorKind.EXPECTATION_FAILED: Shape(417, PRECONDITION),
    ErrorKind.LOOP_DETECTED: Shape(508, PRECONDITION),
    ErrorKind.INVALID_REQUEST: Shape(400, ARGUMENT),
    ErrorKind.UNSUPPORTED: Shape(400, ARGUMENT),
    ErrorKind.MODEL_NOT_FOUND: Shape(404, "NOT_FOUND"),
    ErrorKind.BUSY: Shape(503, UNAVAILABLE),
    ErrorKind.PAUSED: Shape(503, UNAVAILABLE),
    ErrorKind.NO_PROVIDER: Shape(503, UNAVAILABLE),
    ErrorKind.CREDENTIAL_UNAVAILABLE: Shape(503, UNAVAILABLE),
    ErrorKind.CREDENTIAL_REJECTED: Shape(502, UNAVAILABLE),
    ErrorKind.CALLER_UNAUTHENTICATED: Shape(401, "UNAUTHENTICATED"),
    ErrorKind.CALLER_FORBIDDEN: Shape(403, "PERMISSION_DENIED"),
    ErrorKind.BILLING: Shape(402, EXHAUSTED),
    ErrorKind.UPSTREAM_INVALID_REQUEST: Shape(400, ARGUMENT),
    ErrorKind.CONTEXT_TOO_LONG: Shape(400, ARGUMENT),
    ErrorKind.UPSTREAM_NOT_FOUND: Shape(404, "NOT_FOUND"),
    ErrorKind.UPSTREAM_TOO_LARGE: Shape(413, ARGUMENT),
    ErrorKind.RATE_LIMITED: Shape(429, EXHAUSTED),
    ErrorKind.UPSTREAM_ERROR: Shape(500, "INTERNAL"),
    ErrorKind.OVERLOADED: Shape(503, UNAVAILABLE),
    ErrorKind.UPSTREAM_TIMEOUT: Shape(504, DEADLINE),
    ErrorKind.UNREACHABLE: Shape(502, UNAVAILABLE),
    ErrorKind.TLS_FAILED: Shape(502, UNAVAILABLE),
    ErrorKind.ADDRESS_REFUSED: Shape(502, UNAVAILABLE),
    ErrorKind.REDIRECT_REFUSED: Shape(502, UNAVAILABLE),
    ErrorKind.BAD_REPLY: Shape(502, "INTERNAL"),
    ErrorKind.STREAM_CUT: Shape(502, UNAVAILABLE),
    ErrorKind.STREAM_STALLED: Shape(504, DEADLINE),
    ErrorKind.INTERNAL: Shape(500, "INTERNAL"),
}
_TYPE = "type.googleapis.com/google.rpc."
_TOO_LONG = re.compile(r"prompt is too long: (?P<tokens>\d+) tokens > (?P<most>\d+) maximum")


def write_error(error: PatchbayError, request_id: str) -> ErrorReply:
    """An error before anything of an answer was sent."""
    headers = (("content-type", "application/json"), ("x-request-id", request_id), *hints(error))
    body = msgspec.json.encode({"error": error_object(error)})
    return ErrorReply(SHAPES[error.kind].code, headers, body)


def error_object(error: PatchbayError) -> dict[str, Any]:
    """The `error` member, in a body or in a stream."""
    shape = SHAPES[error.kind]
    message = _message(error)
    made: dict[str, Any] = {"code": shape.code, "message": message, "status": shape.status}
    details: list[dict[str, Any]] = []
    if error.param:
        violation = {"field": _plain(error.param), "description": message}
        details.append({"@type": _TYPE + "BadRequest", "fieldViolations": [violation]})
    if (wait := wait_s(error)) is not None:
        details.append({"@type": _TYPE + "RetryInfo", "retryDelay": f"{wait:.3f}".rstrip("0").rstrip(".") + "s"})
    if details:
        made["details"] = details
    return made


def _message(error: PatchbayError) -> str:
    """The text; a prompt that is too long in Google's words, by which its clients know it."""
    found = _TOO_LONG.search(error.message) if error.kind is ErrorKind.CONTEXT_TOO_LONG else None
    if found is None:
        return _plain(error.message)
    return f"The input token count ({found['tokens']}) exceeds the maximum number of tokens allowed ({found['most']})."


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
