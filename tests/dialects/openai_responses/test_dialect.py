from __future__ import annotations

import json

import pytest

from app.dialects.base import Operation
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.domain.provider import DialectName
from tests.dialects.openai_responses.turns import body, function, user


def test_its_name():
    assert OPENAI_RESPONSES.name is DialectName.OPENAI_RESPONSES


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (Operation.CHAT, "/responses"),
        (Operation.COMPACT, "/responses/compact"),
        (Operation.COUNT_TOKENS, "/responses/input_tokens"),
        (Operation.MODELS, "/models"),
        (Operation.MODEL, "/models/a%20b"),
    ],
)
def test_its_paths_below_a_base_url(operation, path):
    assert OPENAI_RESPONSES.path(operation, "a b") == path


def test_every_operation_is_served_with_and_without_a_version():
    served = {(one.path, one.operation) for one in OPENAI_RESPONSES.endpoints if one.method == "POST"}
    for operation in (Operation.CHAT, Operation.COMPACT, Operation.COUNT_TOKENS):
        path = OPENAI_RESPONSES.path(operation, "")
        assert {(path, operation), (f"/v1{path}", operation)} <= served


def test_only_the_model_is_replaced():
    given = body(user("q"), stream=True)
    assert OPENAI_RESPONSES.with_model(given, "new") == given.replace(b'"m"', b'"new"', 1)


def test_a_conversation_that_goes_on_shares_its_pieces():
    tools = [function("f"), function("g")]
    one = body(user("a"), user("b"), tools=tools, instructions="be brief")
    two = body(user("a"), user("b"), user("c"), tools=tools, instructions="be brief")
    first, second = OPENAI_RESPONSES.split(one), OPENAI_RESPONSES.split(two)
    assert (b"".join(first), b"".join(second)) == (one, two)
    assert len(set(second) - set(first)) == 1


def test_what_was_said_is_found_and_nothing_else():
    items = [
        user("spoken"),
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "told"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "thought"}], "encrypted_content": "SEALED"},
        {"type": "function_call", "call_id": "ID", "name": "f", "arguments": '{"path":"called"}'},
        {"type": "custom_tool_call", "call_id": "ID", "name": "p", "input": "patched"},
        {"type": "function_call_output", "call_id": "ID", "output": "answered"},
        {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;BASE64"}]},
    ]
    given = body(*items, tools=[function("f", description="DESCRIBED")], instructions="ruled")
    texts = " ".join(text for piece in OPENAI_RESPONSES.split(given) for text in OPENAI_RESPONSES.prompt_texts(piece))
    for word in ("spoken", "told", "thought", "called", "patched", "answered", "ruled"):
        assert word in texts
    for word in ("SEALED", "ID", "BASE64", "DESCRIBED"):
        assert word not in texts


def test_a_token_count():
    assert json.loads(OPENAI_RESPONSES.write_token_count(3)) == {"object": "response.input_tokens", "input_tokens": 3}
    assert OPENAI_RESPONSES.read_count_request(body(user("q"))).messages
