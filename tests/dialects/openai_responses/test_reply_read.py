from __future__ import annotations

import json

import pytest
from openai.types.responses import Response

from app.dialects import signatures
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.dialects.openai_responses.reply_read import read_reply, read_token_count
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason
from app.domain.request import Search, SearchHit, Text, ToolCall
from app.domain.usage import Usage, UsageSource
from tests.dialects.openai_responses.answers import (
    USAGE,
    call,
    cited,
    custom,
    message,
    reasoning,
    response,
    road,
    search,
)

OUTPUT = (reasoning("why", sealed="ENC"), search("q"), message(cited("said", "a")), call(1, '{"x":1}'), custom(2, "y"))


def read(value, **more):
    return read_reply(json.dumps(value, ensure_ascii=False).encode(), road(**more))


def refused(body):
    with pytest.raises(PatchbayError) as raised:
        read_reply(body if isinstance(body, bytes) else json.dumps(body).encode(), road())
    return raised.value


def test_a_whole_answer_in_its_order():
    given = response("completed", *OUTPUT, usage=USAGE)
    Response.model_validate(given)
    found = read(given)
    assert (found.id, found.model, found.stop) == ("resp_1", "up", StopReason.TOOL_USE)
    thought, *others = found.parts
    assert others == [
        Text("said"),
        Search("ws_9", "q", (SearchHit("a", "A", 0, 1),)),
        ToolCall("call_1", "f1", '{"x":1}'),
        ToolCall("call_2", "patch", '{"input":"y"}'),
    ]
    assert signatures.unwrap(thought.signature).data == b'{"id":"rs_1","encrypted_content":"ENC"}'
    assert found.usage == Usage(30, 60, 10, output_tokens=12, reasoning_tokens=7, web_searches=1)


def test_it_goes_on_with_its_own_reasoning():
    """What a client hands back of an answer reaches the upstream as the items that it gave."""
    from tests.dialects.openai_responses.written import assistant, items, user

    first = read(response("completed", reasoning("why", sealed="ENC"), call(1, '{"x":1}')))
    again = items(user("q"), assistant(*first.parts))
    assert [item["type"] for item in again] == ["message", "reasoning", "function_call", "function_call_output"]
    assert again[1] == {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"}


@pytest.mark.parametrize(
    ("status", "more", "stop"),
    [
        ("completed", {}, StopReason.END_TURN),
        ("incomplete", {"incomplete_details": {"reason": "max_output_tokens"}}, StopReason.MAX_TOKENS),
        ("incomplete", {"incomplete_details": {"reason": "content_filter"}}, StopReason.REFUSAL),
        (None, {}, StopReason.END_TURN),
    ],
)
def test_why_it_stopped(status, more, stop):
    assert read(response(status, message("a"), **more)).stop is stop


def test_a_refusal():
    found = read(response("completed", message({"type": "refusal", "refusal": "I won't."})))
    assert (found.parts, found.stop, found.refusal) == ((Text("I won't."),), StopReason.REFUSAL, "I won't.")


def test_an_answer_with_nothing_in_it():
    found = read(response("completed"))
    assert (found.parts, found.usage.source) == ((), UsageSource.ESTIMATED)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", ErrorKind.BAD_REPLY),
        (b"[]", ErrorKind.BAD_REPLY),
        (b"{}", ErrorKind.BAD_REPLY),
        ({"choices": []}, ErrorKind.BAD_REPLY),
        (response("in_progress"), ErrorKind.BAD_REPLY),
        (response("cancelled"), ErrorKind.BAD_REPLY),
        (response("failed"), ErrorKind.UPSTREAM_ERROR),
        (response("failed", error={"code": "rate_limit_exceeded", "message": "x"}), ErrorKind.RATE_LIMITED),
        ({"error": {"code": 429, "message": "x"}}, ErrorKind.RATE_LIMITED),
        ({"error": {"code": "context_length_exceeded", "message": "x"}}, ErrorKind.CONTEXT_TOO_LONG),
    ],
)
def test_what_is_no_answer(body, kind):
    assert refused(body).kind is kind


def test_a_token_count():
    assert read_token_count(b'{"object":"response.input_tokens","input_tokens":7}') == 7
    with pytest.raises(PatchbayError) as raised:
        read_token_count(b'{"input_tokens":"many"}')
    assert raised.value.kind is ErrorKind.BAD_REPLY


def test_an_error_reply_and_a_list_of_models():
    told = b'{"error":{"message":"Function tools are not supported","type":"invalid_request_error","param":"tools"}}'
    error = OPENAI_RESPONSES.read_error(400, {}, told)
    assert (error.kind, error.param) == (ErrorKind.UPSTREAM_INVALID_REQUEST, "tools")
    assert OPENAI_RESPONSES.read_models(b'{"object":"list","data":[{"id":"gpt-5.6"},{"id":"o4"}]}') == ("gpt-5.6", "o4")
