from __future__ import annotations

import pytest

from app.dialects.base import Peek
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Format, FormatKind, Message, Reasoning, Role, Text
from tests.dialects.openai_responses.turns import body, read, refused, user

SCHEMA = {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}


def test_what_routing_needs():
    peeked = OPENAI_RESPONSES.peek(body(stream=True, prompt_cache_key="k"))
    assert peeked == Peek("m", stream=True, session_id="k")


@pytest.mark.parametrize("given", [b'{"model":1}', b'{"model":"m","stream":"x"}', b'{"model":"m","model":"n"}', b"[]"])
def test_a_body_that_cannot_be_routed(given):
    with pytest.raises(PatchbayError) as raised:
        OPENAI_RESPONSES.peek(given)
    assert raised.value.kind is ErrorKind.INVALID_REQUEST


def test_the_plain_members():
    request = read(
        input="q",
        instructions="be brief",
        max_output_tokens=9,
        temperature=0.5,
        top_p=0.9,
        parallel_tool_calls=False,
        stream=True,
        prompt_cache_key="k",
        safety_identifier="u",
        user="other",
        service_tier="flex",
    )
    assert request.messages == (Message(Role.USER, (Text("q"),)),)
    assert request.system == (Text("be brief"),)
    assert (request.max_tokens, request.temperature, request.top_p) == (9, 0.5, 0.9)
    assert (request.parallel_tool_calls, request.stream, request.session_id) == (False, True, "k")
    assert (request.user_id, request.service_tier, request.dropped) == ("u", "flex", ())


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        ({}, Reasoning()),
        ({"reasoning": {"summary": "auto"}}, Reasoning(show=True)),
        ({"reasoning": {"effort": "high", "summary": None}}, Reasoning(enabled=True, effort="high")),
        ({"reasoning": {"effort": "none", "generate_summary": "concise"}}, Reasoning(enabled=False, show=True)),
        ({"reasoning": None, "include": ["reasoning.encrypted_content"]}, Reasoning(opaque=True)),
    ],
)
def test_what_is_asked_of_the_reasoning(given, wish):
    assert read(user("q"), **given).reasoning == wish


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ({"format": {"type": "text"}}, None),
        ({"format": {"type": "json_object"}}, Format(FormatKind.JSON_OBJECT)),
        ({"format": SCHEMA}, Format(FormatKind.JSON_SCHEMA, b'{"type": "object"}', "n", True)),
        (None, None),
    ],
)
def test_structured_output(text, wanted):
    assert read(user("q"), text=text).format == wanted


@pytest.mark.parametrize(
    ("given", "kind", "param"),
    [
        ({"background": True}, ErrorKind.UNSUPPORTED, "background"),
        ({"conversation": "c"}, ErrorKind.UNSUPPORTED, "conversation"),
        ({"prompt": {"id": "p"}}, ErrorKind.UNSUPPORTED, "prompt"),
        ({"top_logprobs": 2}, ErrorKind.UNSUPPORTED, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, ErrorKind.UNSUPPORTED, "include"),
        ({"text": {"format": {"type": "xml"}}}, ErrorKind.INVALID_REQUEST, "text.format.type"),
        ({"text": {"format": {"type": "json_schema"}}}, ErrorKind.INVALID_REQUEST, "text.format.schema"),
        ({"input": 3}, ErrorKind.INVALID_REQUEST, "input"),
        ({"temperature": "hot"}, ErrorKind.INVALID_REQUEST, "temperature"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(given, kind, param):
    error = refused(**given)
    assert (error.kind, error.param) == (kind, param)


def test_responses_are_not_kept_and_the_client_is_told():
    error = refused(previous_response_id="resp_1")
    assert (error.kind, error.param, error.code) == (
        ErrorKind.INVALID_REQUEST,
        "previous_response_id",
        "previous_response_not_found",
    )
    told = OPENAI_RESPONSES.write_error(error, "req_1")
    assert b'"code":"previous_response_not_found"' in told.body


def test_a_model_is_required():
    with pytest.raises(PatchbayError) as raised:
        OPENAI_RESPONSES.read_request(b'{"input":"q"}')
    assert raised.value.param == "model"


def test_what_no_other_dialect_knows_is_named():
    request = read(
        user("q"),
        store=True,
        client_metadata={"x": "y"},
        truncation="auto",
        text={"verbosity": "low"},
        include=["file_search_call.results", "web_search_call.action.sources"],
        metadata={},
        stream_options=None,
    )
    assert set(request.dropped) == {"store", "client_metadata", "truncation", "text.verbosity", "include"}


def test_what_is_usual_is_not():
    request = read(user("q"), store=False, truncation="disabled", include=["reasoning.encrypted_content"], text={})
    assert request.dropped == ()


def test_half_a_surrogate_pair_harms_nothing():
    given = body("q").replace(b'"q"', b'{"role":"user","content":"a\\ud83d"}')
    request = OPENAI_RESPONSES.read_request(given[:-1] + b',"metadata":{"a":"\\ud83d"}}')
    assert request.messages == (Message(Role.USER, (Text("a\ufffd"),)),)
    assert b"ud83d" not in request.echo


def test_the_same_request_reads_the_same():
    assert read(user("q"), tools=[]) == read(user("q"), tools=[])
