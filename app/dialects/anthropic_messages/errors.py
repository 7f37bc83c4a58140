"""Our errors as an Anthropic client gets them: status, type, headers, body.

Source: platform.claude.com, errors; what Claude Code and the SDKs do with `x-should-retry`, `retry-after` and the words
"prompt is too long" was seen in their traffic.
"""

from __future__ import annotations

import msgspec

from app.dialects.base import ErrorReply
from app.dialects.error_headers import hints
from app.domain.errors import ErrorKind, PatchbayError

TYPES = {
    ErrorKind.HOST_NOT_ALLOWED: "permission_error",
    ErrorKind.ORIGIN_NOT_ALLOWED: "permission_error",
    ErrorKind.UNAUTHENTICATED: "authentication_error",
    ErrorKind.KEY_EXPIRED: "authentication_error",
    ErrorKind.KEY_DISABLED: "authentication_error",
    ErrorKind.NOT_PERMITTED: "permission_error",
    ErrorKind.KEY_RATE_LIMITED: "rate_limit_error",
    ErrorKind.QUOTA_EXCEEDED: "rate_limit_error",
    ErrorKind.LEDGER_UNAVAILABLE: "api_error",
    ErrorKind.ALL_RESTING: "overloaded_error",
    ErrorKind.TOO_MANY_FAILURES: "rate_limit_error",
    ErrorKind.PATH_NOT_FOUND: "not_found_error",
    ErrorKind.METHOD_NOT_ALLOWED: "invalid_request_error",
    ErrorKind.UPGRADE_REFUSED: "invalid_request_error",
    ErrorKind.MEDIA_TYPE: "invalid_request_error",
    ErrorKind.TOO_LARGE: "request_too_large",
    ErrorKind.BODY_TIMEOUT: "timeout_error",
    ErrorKind.EXPECTATION_FAILED: "invalid_request_error",
    ErrorKind.LOOP_DETECTED: "api_error",
    ErrorKind.INVALID_REQUEST: "invalid_request_error",
    ErrorKind.UNSUPPORTED: "invalid_request_error",
    ErrorKind.MODEL_NOT_FOUND: "not_found_error",
    ErrorKind.BUSY: "overloaded_error",
    ErrorKind.PAUSED: "api_error",
    ErrorKind.NO_PROVIDER: "api_error",
    ErrorKind.CREDENTIAL_UNAVAILABLE: "api_error",
    ErrorKind.CREDENTIAL_REJECTED: "api_error",
    ErrorKind.CALLER_UNAUTHENTICATED: "authentication_error",
    ErrorKind.CALLER_FORBIDDEN: "permission_error",
    ErrorKind.BILLING: "billing_error",
    ErrorKind.UPSTREAM_INVALID_REQUEST: "invalid_request_error",
    ErrorKind.CONTEXT_TOO_LONG: "invalid_request_error",
    ErrorKind.UPSTREAM_NOT_FOUND: "not_found_error",
    ErrorKind.UPSTREAM_TOO_LARGE: "request_too_large",
    ErrorKind.RATE_LIMITED: "rate_limit_error",
    ErrorKind.UPSTREAM_ERROR: "api_error",
    ErrorKind.OVERLOADED: "overloaded_error",
    ErrorKind.UPSTREAM_TIMEOUT: "timeout_error",
    ErrorKind.UNREACHABLE: "api_error",
    ErrorKind.TLS_FAILED: "api_error",
    ErrorKind.ADDRESS_REFUSED: "api_error",
    ErrorKind.REDIRECT_REFUSED: "api_error",
    ErrorKind.BAD_REPLY: "api_error",
    ErrorKind.STREAM_CUT: "api_error",
    ErrorKind.STREAM_STALLED: "timeout_error",
    ErrorKind.INTERNAL: "api_error",
}


def write_error(error: PatchbayError, request_id: str) -> ErrorReply:
    """An error before anything of an answer was sent."""
    body = {"type": "error", "error": error_object(error), "request_id": request_id}
    headers = (("content-type", "application/json"), ("request-id", request_id), *hints(error))
    return ErrorReply(error.kind.status, headers, msgspec.json.encode(body))


def error_object(error: PatchbayError) -> dict[str, str]:
    """The inner `error` object, in a body or a stream."""
    message = error.message
    if error.kind is ErrorKind.CONTEXT_TOO_LONG and not message.startswith("prompt is too long"):
        message = f"prompt is too long: {message}"  # the words by which Claude Code knows to compact
    return {"type": TYPES[error.kind], "message": message.encode("utf-8", "replace").decode()}
