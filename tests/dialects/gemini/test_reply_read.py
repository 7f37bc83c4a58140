from __future__ import annotations

import json
from typing import Any

import pytest

from app.dialects.gemini.reply_read import read_reply, read_token_count
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import Usage
from tests.dialects.gemini.answers import array, call, end, envelope, piece, road, text, thought


def whole(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_whole_answer():
    found = read_reply(whole(end(thought("hm"), text("a"), call(args={"x": 1}, own="c", signature="c2ln"))), road())
    assert found.parts[:2] == (Thinking("hm", found.parts[0].signature), Text("a"))  # type: ignore[union-attr]
    assert found.parts[2] == Thinking("", envelope("c2ln"))
    assert found.parts[3] == ToolCall("c", "f", '{"x":1}', signature=envelope("c2ln"))
    assert (found.id, found.model, found.stop, found.usage) == (
        "r1",
        "up",
        StopReason.TOOL_USE,
        Usage(20, output_tokens=7),
    )


def test_an_array_of_pieces_is_one_answer():
    assert read_reply(array(piece(text("a")), end(text("b"))), road()).parts == (Text("ab"),)


def test_a_whole_answer_needs_no_finish_reason():
    assert read_reply(whole(piece(text("a"))), road()).stop is StopReason.END_TURN


def test_a_blocked_prompt_is_a_refusal():
    found = read_reply(whole({"promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "No."}}), road())
    assert (found.parts, found.stop, found.refusal) == ((), StopReason.REFUSAL, "No.")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ErrorKind.BAD_REPLY),
        (b"<html>", ErrorKind.BAD_REPLY),
        (b"[]", ErrorKind.BAD_REPLY),
        (b"7", ErrorKind.BAD_REPLY),
        (b'{"candidates":[]}', ErrorKind.BAD_REPLY),
        (b'{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}', ErrorKind.RATE_LIMITED),
        (b'[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]', ErrorKind.OVERLOADED),
        (whole(end(finish="MALFORMED_FUNCTION_CALL")), ErrorKind.UPSTREAM_ERROR),
    ],
)
def test_what_is_no_answer_says_so(body: bytes, kind: ErrorKind):
    with pytest.raises(PatchbayError) as raised:
        read_reply(body, road())
    assert raised.value.kind is kind


def test_a_token_count():
    assert read_token_count(b'{"totalTokens":31,"promptTokensDetails":[]}') == 31


@pytest.mark.parametrize("body", [b"", b"{}", b'{"totalTokens":"x"}', b'{"totalTokens":-1}', b"[]", b"\xff"])
def test_what_is_no_count_says_so(body: bytes):
    with pytest.raises(PatchbayError, match="token count"):
        read_token_count(body)
