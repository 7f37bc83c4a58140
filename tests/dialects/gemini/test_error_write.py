from __future__ import annotations

import json

import pytest

from app.dialects.gemini.error_write import SHAPES, error_object, write_error
from app.domain.errors import ErrorKind, PatchbayError

RPC = "type.googleapis.com/google.rpc."


def written(kind, message="what happened", **more):
    reply = write_error(PatchbayError(kind, message, **more), "req_1")
    return reply.status, dict(reply.headers), json.loads(reply.body)["error"]


def test_every_kind_has_its_shape():
    assert set(SHAPES) == set(ErrorKind)


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_the_status_of_the_reply_stands_in_the_body_too(kind):
    status, headers, error = written(kind)
    assert 400 <= status == error["code"] < 600
    assert error["status"].isupper()
    assert headers["x-request-id"] == "req_1"
    assert ("x-should-retry" in headers) is not kind.retryable


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        (ErrorKind.INVALID_REQUEST, 400, "INVALID_ARGUMENT"),
        (ErrorKind.UNAUTHENTICATED, 401, "UNAUTHENTICATED"),
        (ErrorKind.CALLER_FORBIDDEN, 403, "PERMISSION_DENIED"),
        (ErrorKind.BILLING, 402, "RESOURCE_EXHAUSTED"),
        (ErrorKind.MODEL_NOT_FOUND, 404, "NOT_FOUND"),
        (ErrorKind.RATE_LIMITED, 429, "RESOURCE_EXHAUSTED"),
        (ErrorKind.UPSTREAM_ERROR, 500, "INTERNAL"),
        (ErrorKind.OVERLOADED, 503, "UNAVAILABLE"),
        (ErrorKind.CREDENTIAL_REJECTED, 502, "UNAVAILABLE"),
        (ErrorKind.UPSTREAM_TIMEOUT, 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_googles_words(kind, status, word):
    assert written(kind)[0] == status
    assert written(kind)[2]["status"] == word


def test_the_field_at_fault_is_a_violation():
    details = written(ErrorKind.UNSUPPORTED, param="generationConfig.seed")[2]["details"]
    violation = {"field": "generationConfig.seed", "description": "what happened"}
    assert details == [{"@type": RPC + "BadRequest", "fieldViolations": [violation]}]


@pytest.mark.parametrize(("wait", "header", "delay"), [(12.0, "12", "12s"), (1.5, "2", "1.5s"), (0.0, "0", "0s")])
def test_how_long_to_wait_is_told_twice(wait, header, delay):
    _, headers, error = written(ErrorKind.RATE_LIMITED, retry_after_s=wait)
    assert headers["retry-after"] == header
    assert error["details"] == [{"@type": RPC + "RetryInfo", "retryDelay": delay}]


def test_who_is_busy_says_when_to_come_again():
    assert written(ErrorKind.BUSY)[1]["retry-after"] == "1"
    assert "details" not in written(ErrorKind.OVERLOADED)[2]


def test_what_the_upstream_said_of_a_repetition_is_passed_on():
    assert written(ErrorKind.OVERLOADED, should_retry=False)[1]["x-should-retry"] == "false"
    assert written(ErrorKind.INVALID_REQUEST, should_retry=True)[1]["x-should-retry"] == "true"
    assert written(ErrorKind.CREDENTIAL_REJECTED, upstream_status=401)[1]["x-patchbay-upstream-status"] == "401"


def test_a_prompt_that_is_too_long_is_told_in_googles_words():
    error = PatchbayError(ErrorKind.CONTEXT_TOO_LONG, "prompt is too long: 210000 tokens > 200000 maximum")
    expected = "The input token count (210000) exceeds the maximum number of tokens allowed (200000)."
    assert error_object(error)["message"] == expected
    plain = PatchbayError(ErrorKind.CONTEXT_TOO_LONG, "prompt is too long")
    assert error_object(plain)["message"] == "prompt is too long"


def test_half_an_emoji_does_no_harm():
    assert written(ErrorKind.UNSUPPORTED, "a\ud83d", param="b\udc00")[2]["message"] == "a?"
