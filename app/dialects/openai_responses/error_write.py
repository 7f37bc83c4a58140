"""Errors as Responses clients know them: before the stream as OpenAI's error body, in it as `response.failed`.

Codex understands few codes in a stream: `context_length_exceeded`, `insufficient_quota` and `invalid_prompt` end the
turn, `rate_limit_exceeded` waits as long as its text says ("try again in 2s"), and every other one is tried again. It
takes an event `error` for a stream that was cut.
"""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec

from app.dialects import openai_errors as errors
from app.dialects.base import ErrorReply
from app.domain.errors import ErrorKind, Fault, PatchbayError

_CODES = {
    ErrorKind.CONTEXT_TOO_LONG: "context_length_exceeded",
    ErrorKind.RATE_LIMITED: "rate_limit_exceeded",
    ErrorKind.BILLING: "insufficient_quota",
    ErrorKind.KEY_RATE_LIMITED: "rate_limit_exceeded",
    ErrorKind.QUOTA_EXCEEDED: "insufficient_quota",
}
SHAPES = {
    **errors.SHAPES,
    ErrorKind.CONTEXT_TOO_LONG: replace(errors.SHAPES[ErrorKind.CONTEXT_TOO_LONG], param="input"),
}


def write_error(error: PatchbayError, request_id: str) -> ErrorReply:
    """An error before anything was sent."""
    reply = errors.write_error(error, request_id)
    if error.kind is not ErrorKind.CONTEXT_TOO_LONG or error.param:
        return reply
    body = {"error": {**errors.error_object(error), "param": SHAPES[error.kind].param}}
    return replace(reply, body=msgspec.json.encode(body))


def stream_error(error: PatchbayError) -> dict[str, str]:
    """The `error` member of a response that failed."""
    code = _CODES.get(error.kind)
    if code is None:
        code = "invalid_prompt" if error.kind.fault is Fault.CLIENT and not error.kind.retryable else "server_error"
    message = error.message
    if error.kind is ErrorKind.RATE_LIMITED and error.retry_after_s and "try again in" not in message.lower():
        message += f" Please try again in {math.ceil(error.retry_after_s)}s."
    return {"code": code, "message": message.encode("utf-8", "replace").decode()}
