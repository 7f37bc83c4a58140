from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.error_body import PLAIN_CHARS, duration_s, number, read_body


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"type": "error", "error": {"type": "api_error", "message": "anthropic"}}, "anthropic"),
        ({"error": {"message": "openai", "type": "t", "param": None, "code": None}}, "openai"),
        ([{"error": {"code": 400, "message": "gemini", "status": "INVALID_ARGUMENT"}}], "gemini"),
        ({"error": "ollama"}, "ollama"),
        ({"message": "plain"}, "plain"),
        ({"detail": "fastapi"}, "fastapi"),
        ({"detail": [{"loc": ["body", "model"], "msg": "field required"}]}, "body.model: field required"),
        ({"errors": [{"message": "many"}]}, "many"),
        ({"error": {"message": "outer", "metadata": {"raw": '{"error":{"message":"inner"}}'}}}, "inner"),
        ({"error": {"message": "outer", "metadata": {"raw": "upstream said no"}}}, "upstream said no"),
        ({"error": {"type": "overloaded_error"}}, '{"error":{"type":"overloaded_error"}}'),
        ("text", "text"),
        (None, ""),
        (7, ""),
        ([], ""),
        ({}, ""),
    ],
)
def test_the_text_is_found_in_every_shape(body: object, message: str) -> None:
    assert read_body(json.dumps(body).encode()).message == message


def test_a_page_of_a_gateway_becomes_its_readable_beginning() -> None:
    page = (
        b"<html><head><style>p{}</style><title>502 &amp; more</title></head><body><h1>Bad</h1>\n gateway</body></html>"
    )
    assert read_body(page).message == "502 & more Bad gateway"
    assert len(read_body(b"<p>" + b"word " * 1000).message) <= PLAIN_CHARS


def test_words_code_param_and_status_are_kept() -> None:
    found = read_body(
        b'{"error":{"message":"m","type":"Invalid_Request_Error","param":"messages","code":"c"},"status":429}'
    )
    assert found.words == ("c", "invalid_request_error")
    assert (found.code, found.param, found.status) == ("c", "messages", 429)


def test_counts_of_their_own_members_are_read() -> None:
    assert read_body(b'{"error":{"message":"m","n_prompt_tokens":9,"n_ctx":5}}').tokens == (9, 5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5s", 1.5),
        ("6m0s", 360.0),
        ("20ms", 0.02),
        ("1h2m3s", 3723.0),
        ("12", 12.0),
        ("3 seconds", 3.0),
        ("soon", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert duration_s(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("text", ["", "-1", "nan", "inf", "1e999", "x"])
def test_what_is_no_number_of_seconds(text: str) -> None:
    assert number(text) is None


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(
                    ["error", "message", "detail", "errors", "details", "metadata", "raw", "code", "status", "type"]
                ),
                one,
            )
        ),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_body_breaks_the_reader(body: bytes) -> None:
    assert isinstance(read_body(body).message, str)
