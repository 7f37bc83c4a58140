from __future__ import annotations

import json

import anthropic
import pytest

from app.dialects.anthropic_messages.errors import TYPES, write_error
from app.domain.errors import ErrorKind, PatchbayError
from tests.dialects.anthropic_messages.sdk import REQUEST, client

KNOWN_TYPES = {
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "request_too_large",
    "rate_limit_error",
    "timeout_error",
    "api_error",
    "overloaded_error",
}


def headers(error: PatchbayError) -> dict[str, str]:
    return dict(write_error(error, "req_1").headers)


def test_every_kind_has_a_type_that_the_vendor_knows() -> None:
    assert set(TYPES) == set(ErrorKind)
    assert set(TYPES.values()) <= KNOWN_TYPES


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_kind_reaches_the_sdk_with_its_status_and_text(kind: ErrorKind) -> None:
    reply = write_error(PatchbayError(kind, "what happened"), "req_1")
    assert reply.status == kind.status
    one = client(reply.body, "application/json", reply.status, dict(reply.headers))
    with one, pytest.raises(anthropic.APIStatusError) as raised:
        one.messages.create(**REQUEST)
    assert raised.value.status_code == kind.status
    assert raised.value.request_id == "req_1"
    assert "what happened" in raised.value.message


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_what_will_not_help_is_not_to_be_repeated(kind: ErrorKind) -> None:
    assert headers(PatchbayError(kind, "m")).get("x-should-retry") == (None if kind.retryable else "false")


@pytest.mark.parametrize(("told", "value"), [(True, "true"), (False, "false")])
def test_what_the_upstream_said_about_repeating_wins(told: bool, value: str) -> None:
    assert headers(PatchbayError(ErrorKind.OVERLOADED, "m", should_retry=told))["x-should-retry"] == value
    assert headers(PatchbayError(ErrorKind.INVALID_REQUEST, "m", should_retry=told))["x-should-retry"] == value


def test_a_rejected_key_of_ours_is_no_fault_of_the_client() -> None:
    reply = write_error(
        PatchbayError(ErrorKind.CREDENTIAL_REJECTED, "Demo rejected its key.", upstream_status=401), "r"
    )
    assert reply.status == 502
    assert json.loads(reply.body) == {
        "type": "error",
        "error": {"type": "api_error", "message": "Demo rejected its key."},
        "request_id": "r",
    }
    assert dict(reply.headers)["x-patchbay-upstream-status"] == "401"
    assert dict(reply.headers)["x-should-retry"] == "false"


def test_the_callers_own_key_keeps_its_status() -> None:
    assert write_error(PatchbayError(ErrorKind.CALLER_UNAUTHENTICATED, "m", upstream_status=401), "r").status == 401
    assert write_error(PatchbayError(ErrorKind.CALLER_FORBIDDEN, "m", upstream_status=403), "r").status == 403


@pytest.mark.parametrize(("wait", "seconds", "exact"), [(12.0, "12", None), (1.5, "2", "1500"), (0.0, "0", None)])
def test_when_to_come_again_is_said(wait: float, seconds: str, exact: str | None) -> None:
    found = headers(PatchbayError(ErrorKind.RATE_LIMITED, "m", retry_after_s=wait))
    assert (found["retry-after"], found.get("retry-after-ms")) == (seconds, exact)


def test_when_we_are_busy_ourselves_a_second_is_enough() -> None:
    assert headers(PatchbayError(ErrorKind.BUSY, "m"))["retry-after"] == "1"
    assert "retry-after" not in headers(PatchbayError(ErrorKind.OVERLOADED, "m"))


def test_a_prompt_that_is_too_long_is_said_in_the_words_that_claude_code_knows() -> None:
    def text(message: str) -> str:
        body = json.loads(write_error(PatchbayError(ErrorKind.CONTEXT_TOO_LONG, message), "r").body)
        return str(body["error"]["message"])

    known = "prompt is too long: 5 tokens > 4 maximum"
    assert text(known) == known
    assert text("the window is full") == "prompt is too long: the window is full"


def test_a_lone_surrogate_in_a_message_breaks_nothing() -> None:
    assert b"?" in write_error(PatchbayError(ErrorKind.INTERNAL, "a\ud800"), "r").body
