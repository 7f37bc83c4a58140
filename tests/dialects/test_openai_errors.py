from __future__ import annotations

import json

import pytest

from app.dialects.openai_errors import SHAPES, write_error
from app.domain.errors import ErrorKind, PatchbayError


def written(kind, **more):
    reply = write_error(PatchbayError(kind, "what happened", **more), "req_1")
    return reply.status, dict(reply.headers), json.loads(reply.body)["error"]


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_kind_has_a_shape(kind):
    status, headers, error = written(kind)
    assert 400 <= status <= 599
    assert status // 100 == kind.status // 100
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["message"] == "what happened"
    assert headers["x-request-id"] == "req_1"
    assert headers["content-type"] == "application/json"
    assert ("x-should-retry" in headers) is not kind.retryable


def test_no_shape_is_left_over():
    assert set(SHAPES) == set(ErrorKind)


@pytest.mark.parametrize(
    ("kind", "status", "type_", "code"),
    [
        (ErrorKind.CREDENTIAL_REJECTED, 502, "server_error", "provider_credential_rejected"),
        (ErrorKind.CALLER_UNAUTHENTICATED, 401, "invalid_request_error", "invalid_api_key"),
        (ErrorKind.CALLER_FORBIDDEN, 403, "invalid_request_error", None),
        (ErrorKind.BILLING, 402, "insufficient_quota", "insufficient_quota"),
        (ErrorKind.UPSTREAM_NOT_FOUND, 404, "invalid_request_error", "model_not_found"),
        (ErrorKind.RATE_LIMITED, 429, "rate_limit_error", "rate_limit_exceeded"),
        (ErrorKind.OVERLOADED, 503, "server_error", "overloaded"),
        (ErrorKind.UNREACHABLE, 502, "server_error", "upstream_unreachable"),
        (ErrorKind.UPSTREAM_ERROR, 500, "server_error", None),
        (ErrorKind.UPSTREAM_TIMEOUT, 504, "server_error", None),
    ],
)
def test_the_kinds_that_clients_act_on(kind, status, type_, code):
    found, _, error = written(kind)
    assert (found, error["type"], error["code"]) == (status, type_, code)


def test_the_upstreams_own_code_and_field_stay_where_they_say_more():
    _, _, error = written(ErrorKind.UPSTREAM_INVALID_REQUEST, code="string_above_max_length", param="input")
    assert (error["code"], error["param"]) == ("string_above_max_length", "input")
    assert written(ErrorKind.CREDENTIAL_REJECTED, code="invalid_api_key")[2]["code"] == "provider_credential_rejected"


def test_hints_for_retries():
    _, headers, _ = written(ErrorKind.RATE_LIMITED, retry_after_s=1.2, upstream_status=429)
    assert (headers["retry-after"], headers["x-patchbay-upstream-status"]) == ("2", "429")
    assert "x-should-retry" not in headers
    assert headers["retry-after-ms"] == "1200"
    assert "retry-after-ms" not in written(ErrorKind.RATE_LIMITED, retry_after_s=2.0)[1]
    assert written(ErrorKind.BUSY)[1]["retry-after"] == "1"
    assert written(ErrorKind.RATE_LIMITED, should_retry=False)[1]["x-should-retry"] == "false"
    assert written(ErrorKind.UPSTREAM_INVALID_REQUEST, should_retry=True)[1]["x-should-retry"] == "true"
