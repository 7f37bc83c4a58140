from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.dialects.upstream_error import MESSAGE_CHARS, in_stream, read, retry_after
from app.domain.errors import ErrorKind


def body(message: str, **members: object) -> bytes:
    return json.dumps({"error": {"message": message, **members}}).encode()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.UPSTREAM_INVALID_REQUEST),
        (401, ErrorKind.CREDENTIAL_REJECTED),
        (402, ErrorKind.BILLING),
        (403, ErrorKind.CREDENTIAL_REJECTED),
        (404, ErrorKind.UPSTREAM_NOT_FOUND),
        (405, ErrorKind.UPSTREAM_INVALID_REQUEST),
        (408, ErrorKind.UPSTREAM_TIMEOUT),
        (409, ErrorKind.UPSTREAM_INVALID_REQUEST),
        (413, ErrorKind.UPSTREAM_TOO_LARGE),
        (422, ErrorKind.UPSTREAM_INVALID_REQUEST),
        (429, ErrorKind.RATE_LIMITED),
        (500, ErrorKind.UPSTREAM_ERROR),
        (501, ErrorKind.UPSTREAM_ERROR),
        (502, ErrorKind.OVERLOADED),
        (503, ErrorKind.OVERLOADED),
        (504, ErrorKind.UPSTREAM_TIMEOUT),
        (524, ErrorKind.UPSTREAM_TIMEOUT),
        (529, ErrorKind.OVERLOADED),
        (599, ErrorKind.UPSTREAM_ERROR),
        (302, ErrorKind.UPSTREAM_ERROR),
    ],
)
def test_the_status_decides_where_nothing_else_is_said(status: int, kind: ErrorKind) -> None:
    error = read(status, {}, body("no"))
    assert (error.kind, error.message, error.upstream_status) == (kind, "no", status)


@pytest.mark.parametrize(
    ("status", "given", "kind"),
    [
        (429, body("x", code="insufficient_quota"), ErrorKind.BILLING),
        (400, body("Your credit balance is too low to access the API"), ErrorKind.BILLING),
        (402, body("Insufficient Balance"), ErrorKind.BILLING),
        (429, body("You exceeded your current quota, try later", status="RESOURCE_EXHAUSTED"), ErrorKind.RATE_LIMITED),
        (500, body("Overloaded"), ErrorKind.OVERLOADED),
        (500, body("x", type="overloaded_error"), ErrorKind.OVERLOADED),
        (503, body("x", code="slow_down"), ErrorKind.OVERLOADED),
        (400, body("x", code="context_length_exceeded"), ErrorKind.CONTEXT_TOO_LONG),
        (429, body("too many tokens per minute"), ErrorKind.RATE_LIMITED),
    ],
)
def test_words_say_more_than_the_status(status: int, given: bytes, kind: ErrorKind) -> None:
    assert read(status, {}, given).kind is kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompt is too long: 250000 tokens > 200000 maximum", "prompt is too long: 250000 tokens > 200000 maximum"),
        (
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 130512 tokens.",
            "prompt is too long: 130512 tokens > 128000 maximum",
        ),
        (
            "This endpoint's maximum context length is 4096 tokens. However, you requested about 5000 tokens",
            "prompt is too long: 5000 tokens > 4096 maximum",
        ),
        (
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            "prompt is too long: 1200000 tokens > 1048576 maximum",
        ),
        (
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
            "prompt is too long: 210000 tokens > 200000 maximum",
        ),
        (  # vLLM
            "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.",
            "prompt is too long: 5000 tokens > 4096 maximum",
        ),
        (
            "'max_tokens' is too large: 64000. Its maximum context length is 32768 tokens and your request has 20000.",
            "prompt is too long: 84000 tokens > 32768 maximum",
        ),
        (  # Mistral
            "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            "prompt is too long: 65673 tokens > 32768 maximum",
        ),
        (  # xAI
            "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
            "prompt is too long: 537812 tokens > 131072 maximum",
        ),
        (  # SGLang
            "It exceeds the model's maximum context length of 32768 tokens. You requested a total of 40000 tokens.",
            "prompt is too long: 40000 tokens > 32768 maximum",
        ),
        ("Your input exceeds the context window of this model", None),
        ("Invalid request: Your request exceeded model token limit: 262144", None),
        ("The number of tokens to keep from the initial prompt is greater than the context length.", None),
        ("Input is too long for requested model.", None),
        ("Prompt exceeds max length", None),
        ("Please reduce the length of the messages.", None),
    ],
)
def test_a_prompt_that_is_too_long_is_said_in_the_words_that_clients_know(text: str, message: str | None) -> None:
    error = read(400, {}, body(text))
    assert error.kind is ErrorKind.CONTEXT_TOO_LONG
    assert error.message == (message or f"prompt is too long: {text}")


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("input", ErrorKind.CONTEXT_TOO_LONG),
        ("input[3].content[0].text", ErrorKind.CONTEXT_TOO_LONG),
        ("messages[12].content", ErrorKind.CONTEXT_TOO_LONG),
        ("messages[1].tool_calls[0].id", ErrorKind.UPSTREAM_INVALID_REQUEST),
        ("tools[0].function.name", ErrorKind.UPSTREAM_INVALID_REQUEST),
        (None, ErrorKind.UPSTREAM_INVALID_REQUEST),
    ],
)
def test_a_text_beyond_the_longest_is_a_prompt_that_is_too_long(field: str | None, kind: ErrorKind) -> None:
    given = body("string too long", code="string_above_max_length", param=field)
    assert read(400, {}, given).kind is kind


def test_the_field_of_a_prompt_that_is_too_long_is_each_clients_own() -> None:
    assert read(400, {}, body("x", code="context_length_exceeded", param="messages")).param is None


def test_a_refused_text_is_not_a_refused_key() -> None:
    flagged = body("flagged", code=403, metadata={"reasons": ["violence"], "flagged_input": "x"})
    assert read(403, {}, flagged).kind is ErrorKind.UPSTREAM_INVALID_REQUEST
    assert in_stream(flagged).kind is ErrorKind.UPSTREAM_INVALID_REQUEST
    for other in (body("no", code=403, metadata={"raw": "no"}), b'{"error":"no"}', b"", b"<html>", b'{"error":null}'):
        assert read(403, {}, other).kind is ErrorKind.CREDENTIAL_REJECTED


def test_llama_cpp_gives_its_counts_apart() -> None:
    error = read(400, {}, body("the request exceeds the available context size", n_prompt_tokens=5000, n_ctx=4096))
    assert error.message == "prompt is too long: 5000 tokens > 4096 maximum"


def test_a_date_to_come_again_counts_from_our_clock_where_the_reply_has_none() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after({"retry-after": soon}) == pytest.approx(90, abs=5)


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"Retry-After": "7"}, "", 7.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", 1.5),
        ({"Retry-After": "Sat, 21 Nov 2026 01:00:10 GMT", "Date": "Sat, 21 Nov 2026 01:00:00 GMT"}, "", 10.0),
        ({"Retry-After": "Sat, 21 Nov 2026 00:00:00 GMT", "Date": "Sat, 21 Nov 2026 01:00:00 GMT"}, "", 0.0),
        ({"Retry-After": "Sat, 21 Nov 2020 01:00:10 GMT"}, "", 0.0),
        ({"Retry-After": "Sat, 21 Nov 2020 01:00:10 GMT", "Date": "today"}, "", 0.0),
        ({"Retry-After": "tomorrow"}, "", None),
        ({"x-ratelimit-reset-requests": "20ms", "x-ratelimit-reset-tokens": "6m0s"}, "", 360.0),
        ({}, "Rate limit reached. Please try again in 1.5s.", 1.5),
        ({}, "Please try again in 6m0s", 360.0),
        ({}, "Please retry after 20 seconds.", 20.0),
        ({"retry-after": "3"}, "try again in 9s", 3.0),
        ({}, "no hint", None),
    ],
)
def test_when_to_come_again_is_kept(headers: dict[str, str], text: str, seconds: float | None) -> None:
    assert read(429, headers, body(text)).retry_after_s == (None if seconds is None else pytest.approx(seconds))


def test_google_hides_the_delay_in_the_details() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12s"}]
    assert read(429, {}, body("m", details=details)).retry_after_s == 12.0


def test_limits_that_are_not_reached_are_no_hint() -> None:
    assert retry_after({"x-ratelimit-reset-requests": "20ms"}, 400) is None


@pytest.mark.parametrize(("value", "told"), [("true", True), ("False", False), ("maybe", None), ("", None)])
def test_should_retry_is_passed_on(value: str, told: bool | None) -> None:
    assert read(503, {"X-Should-Retry": value}, b"").should_retry is told


def test_no_key_and_no_flood_comes_through() -> None:
    error = read(401, {}, body("Incorrect API key provided: sk-proj-abcdefghijklmnopqrstuvwxyz. " + "x" * 9000))
    assert "sk-proj" not in error.message
    assert len(error.message) == MESSAGE_CHARS


def test_an_empty_body_still_says_something() -> None:
    assert read(503, {}, b"").message == "The upstream answered 503 without a text."
    assert in_stream(b"{}").message == "The upstream reported an error."


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', ErrorKind.OVERLOADED),
        (b'{"type":"error","error":{"type":"rate_limit_error","message":"x"}}', ErrorKind.RATE_LIMITED),
        (
            b'{"type":"error","error":{"type":"invalid_request_error","message":"x"}}',
            ErrorKind.UPSTREAM_INVALID_REQUEST,
        ),
        (b'{"type":"error","error":{"type":"authentication_error","message":"x"}}', ErrorKind.CREDENTIAL_REJECTED),
        (b'{"type":"error","error":{"type":"api_error","message":"x"}}', ErrorKind.UPSTREAM_ERROR),
        (b'{"error":{"code":429,"message":"x"},"choices":[]}', ErrorKind.RATE_LIMITED),
        (b'{"error":{"code":502,"message":"x"}}', ErrorKind.OVERLOADED),
        (b'{"error":"boom"}', ErrorKind.UPSTREAM_ERROR),
        (b'{"error":{"message":"prompt is too long: 5 tokens > 4 maximum"}}', ErrorKind.CONTEXT_TOO_LONG),
    ],
)
def test_an_error_inside_a_stream_is_told_by_its_words(given: bytes, kind: ErrorKind) -> None:
    assert in_stream(given).kind is kind


def test_google_says_that_a_key_is_wrong_with_status_400() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    told = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": [info, "x"]}
    error = read(400, {}, json.dumps({"error": told}).encode())
    assert (error.kind, error.upstream_status) == (ErrorKind.CREDENTIAL_REJECTED, 400)


def test_google_says_when_to_come_back() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.5s"}
    told = {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": [info]}
    error = read(429, {}, json.dumps([{"error": told}]).encode())
    assert (error.kind, error.retry_after_s) == (ErrorKind.RATE_LIMITED, 12.5)


def test_a_plan_that_is_used_up_says_when_it_begins_anew() -> None:
    told = b'{"error":{"type":"usage_limit_reached","message":"Used up","resets_in_seconds":90}}'
    for error in (read(429, {}, told), in_stream(told)):
        assert (error.kind, error.retry_after_s) == (ErrorKind.RATE_LIMITED, 90)


@pytest.mark.parametrize("code", ["invalid_prompt", "image_too_large", "bio_policy"])
def test_what_lies_with_the_request_is_not_blamed_on_the_upstream(code: str) -> None:
    error = in_stream(b'{"error":{"code":"%b","message":"No"}}' % code.encode())
    assert (error.kind, error.code) == (ErrorKind.UPSTREAM_INVALID_REQUEST, code)
