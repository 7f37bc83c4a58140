"""Errors as OpenAI's clients know them, in both of its dialects.

Source: OpenAI, "Error codes"; the client's SDK repeats 408, 409, 429 and 5xx unless `x-should-retry` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from app.dialects.base import ErrorReply
from app.dialects.error_headers import hints
from app.domain.errors import ErrorKind, PatchbayError

BAD = "invalid_request_error"
SERVER = "server_error"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of error looks: its status, `error.type` and, where the error brings none, `error.code`."""

    status: int
    type: str
    code: str | None = None
    param: str | None = None
    own_code: bool = False
    """The error's own code is worth more than ours."""


SHAPES: dict[ErrorKind, Shape] = {
    ErrorKind.HOST_NOT_ALLOWED: Shape(421, BAD, "host_not_allowed"),
    ErrorKind.ORIGIN_NOT_ALLOWED: Shape(403, BAD, "origin_not_allowed"),
    ErrorKind.UNAUTHENTICATED: Shape(401, BAD, "invalid_api_key"),
    ErrorKind.KEY_EXPIRED: Shape(401, BAD, "key_expired"),
    ErrorKind.KEY_DISABLED: Shape(401, BAD, "key_disabled"),
    ErrorKind.NOT_PERMITTED: Shape(403, BAD, "not_permitted"),
    ErrorKind.KEY_RATE_LIMITED: Shape(429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.QUOTA_EXCEEDED: Shape(429, "insufficient_quota", "quota_exceeded"),
    ErrorKind.LEDGER_UNAVAILABLE: Shape(503, SERVER, "ledger_unavailable"),
    ErrorKind.ALL_RESTING: Shape(503, SERVER, "all_targets_resting"),
    ErrorKind.TOO_MANY_FAILURES: Shape(429, "rate_limit_error", "too_many_failures"),
    ErrorKind.PATH_NOT_FOUND: Shape(404, BAD, "unknown_url"),
    ErrorKind.METHOD_NOT_ALLOWED: Shape(405, BAD, "method_not_allowed"),
    ErrorKind.UPGRADE_REFUSED: Shape(426, BAD, "upgrade_refused"),
    ErrorKind.MEDIA_TYPE: Shape(415, BAD, "unsupported_media_type"),
    ErrorKind.TOO_LARGE: Shape(413, BAD, "request_too_large"),
    ErrorKind.BODY_TIMEOUT: Shape(408, BAD, "body_timeout"),
    ErrorKind.EXPECTATION_FAILED: Shape(417, BAD, "expectation_failed"),
    ErrorKind.LOOP_DETECTED: Shape(508, SERVER, "loop_detected"),
    ErrorKind.INVALID_REQUEST: Shape(400, BAD, own_code=True),
    ErrorKind.UNSUPPORTED: Shape(400, BAD, "unsupported_parameter"),
    ErrorKind.MODEL_NOT_FOUND: Shape(404, BAD, "model_not_found", param="model"),
    ErrorKind.BUSY: Shape(503, SERVER, "busy"),
    ErrorKind.PAUSED: Shape(503, SERVER, "paused"),
    ErrorKind.NO_PROVIDER: Shape(503, SERVER, "no_provider"),
    ErrorKind.CREDENTIAL_UNAVAILABLE: Shape(503, SERVER, "provider_credential_unavailable"),
    ErrorKind.CREDENTIAL_REJECTED: Shape(502, SERVER, "provider_credential_rejected"),
    ErrorKind.CALLER_UNAUTHENTICATED: Shape(401, BAD, "invalid_api_key"),
    ErrorKind.CALLER_FORBIDDEN: Shape(403, BAD, own_code=True),
    ErrorKind.BILLING: Shape(402, "insufficient_quota", "insufficient_quota"),
    ErrorKind.UPSTREAM_INVALID_REQUEST: Shape(400, BAD, own_code=True),
    ErrorKind.CONTEXT_TOO_LONG: Shape(400, BAD, "context_length_exceeded", param="messages"),
    ErrorKind.UPSTREAM_NOT_FOUND: Shape(404, BAD, "model_not_found"),
    ErrorKind.UPSTREAM_TOO_LARGE: Shape(413, BAD, own_code=True),
    ErrorKind.RATE_LIMITED: Shape(429, "rate_limit_error", "rate_limit_exceeded"),
    ErrorKind.UPSTREAM_ERROR: Shape(500, SERVER),
    ErrorKind.OVERLOADED: Shape(503, SERVER, "overloaded"),
    ErrorKind.UPSTREAM_TIMEOUT: Shape(504, SERVER),
    ErrorKind.UNREACHABLE: Shape(502, SERVER, "upstream_unreachable"),
    ErrorKind.TLS_FAILED: Shape(502, SERVER, "tls_verification_failed"),
    ErrorKind.ADDRESS_REFUSED: Shape(502, SERVER, "address_refused"),
    ErrorKind.REDIRECT_REFUSED: Shape(502, SERVER, "upstream_redirect_refused"),
    ErrorKind.BAD_REPLY: Shape(502, SERVER, "bad_upstream_reply"),
    ErrorKind.STREAM_CUT: Shape(502, SERVER, "upstream_stream_cut"),
    ErrorKind.STREAM_STALLED: Shape(504, SERVER, "upstream_stalled"),
    ErrorKind.INTERNAL: Shape(500, SERVER, "internal_error"),
}


def error_object(error: PatchbayError) -> dict[str, str | None]:
    """The `error` member, in a body or in a stream."""
    shape = SHAPES[error.kind]
    code = (error.code or shape.code) if shape.own_code else shape.code
    return {"message": error.message, "type": shape.type, "param": error.param or shape.param, "code": code}


def write_error(error: PatchbayError, request_id: str) -> ErrorReply:
    """An error before anything was sent."""
    headers = (("content-type", "application/json"), ("x-request-id", request_id), *hints(error))
    body = msgspec.json.encode({"error": error_object(error)})
    return ErrorReply(SHAPES[error.kind].status, headers, body)
