from __future__ import annotations

import json

import pytest

from app.dialects.openai_responses.error_write import stream_error, write_error
from app.domain.errors import ErrorKind, PatchbayError


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_kind_has_a_body_and_a_code_in_the_stream(kind):
    error = PatchbayError(kind, "Why")
    told = json.loads(write_error(error, "req_1").body)["error"]
    assert (told["message"], set(told)) == ("Why", {"message", "type", "param", "code"})
    assert stream_error(error)["code"] in {
        *("context_length_exceeded", "rate_limit_exceeded", "insufficient_quota", "invalid_prompt", "server_error")
    }


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ErrorKind.CONTEXT_TOO_LONG, "context_length_exceeded"),
        (ErrorKind.RATE_LIMITED, "rate_limit_exceeded"),
        (ErrorKind.BILLING, "insufficient_quota"),
        (ErrorKind.UPSTREAM_INVALID_REQUEST, "invalid_prompt"),
        (ErrorKind.BODY_TIMEOUT, "server_error"),
        (ErrorKind.STREAM_CUT, "server_error"),
        (ErrorKind.CREDENTIAL_REJECTED, "server_error"),
    ],
)
def test_codex_is_told_what_it_understands(kind, code):
    assert stream_error(PatchbayError(kind, "Why")) == {"code": code, "message": "Why"}


@pytest.mark.parametrize(
    ("message", "wait_s", "told"),
    [
        ("Slow down.", 1.2, "Slow down. Please try again in 2s."),
        ("Try again in 3s", 1.2, "Try again in 3s"),
        ("Slow down.", None, "Slow down."),
    ],
)
def test_codex_waits_as_long_as_the_text_says(message, wait_s, told):
    error = PatchbayError(ErrorKind.RATE_LIMITED, message, retry_after_s=wait_s)
    assert stream_error(error)["message"] == told


@pytest.mark.parametrize(("given", "param"), [(None, "input"), ("tools", "tools")])
def test_too_long_a_context_is_the_inputs_fault(given, param):
    told = write_error(PatchbayError(ErrorKind.CONTEXT_TOO_LONG, "Too long", param=given), "req_1")
    assert json.loads(told.body)["error"]["param"] == param
    assert told.status == 400
    assert dict(told.headers)["x-should-retry"] == "false"
