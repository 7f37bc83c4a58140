from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.control.conversation.reply import READERS, reply
from app.control.conversation.turns import BlockKind
from tests.control.conversation.samples import sse
from tests.control.conversation.test_request import json_values

ANTHROPIC = {
    "content": [
        {"type": "thinking", "thinking": "Hmm"},
        {"type": "text", "text": "Grüezi"},
        {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "ls"}},
    ]
}
ANTHROPIC_STREAM = sse(
    {"type": "message_start", "message": {"id": "m"}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hmm"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s"}},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Grü"}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "ezi"}},
    {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "name": "Bash", "input": {}}},
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '{"command"'}},
    {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": ': "ls"}'}},
    {"type": "message_stop"},
    named=True,
)
CALL = {"index": 0, "id": "t", "function": {"name": "Bash", "arguments": '{"command": "ls"}'}}
CHAT = {"choices": [{"message": {"content": "Grüezi", "reasoning": "Hmm", "tool_calls": [CALL]}}]}
CHAT_STREAM = (
    sse(
        {"choices": [{"index": 0, "delta": {"reasoning_content": "Hmm"}}]},
        {"choices": [{"index": 0, "delta": {"content": "Grü"}}]},
        {"choices": [{"index": 0, "delta": {"content": "ezi"}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [CALL | {"function": {"name": "Bash", "arguments": ""}}]}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"command": '}}]}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '"ls"}'}}]}}]},
        {"choices": [], "usage": {}},
    )
    + b"data: [DONE]\n\n"
)
OUTPUT = [
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hmm"}]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Grüezi"}]},
    {"type": "function_call", "name": "Bash", "arguments": '{"command": "ls"}'},
]
RESPONSES_STREAM = sse(
    {"type": "response.created", "response": {"output": []}},
    {"type": "response.output_text.delta", "output_index": 1, "delta": "Grü"},
    {"type": "response.completed", "response": {"output": OUTPUT}},
    named=True,
)
GEMINI = {
    "candidates": [
        {
            "content": {
                "parts": [
                    {"text": "Hmm", "thought": True},
                    {"text": "Grüezi"},
                    {"functionCall": {"name": "Bash", "args": {"command": "ls"}}},
                ]
            }
        }
    ]
}
PARTS = GEMINI["candidates"][0]["content"]["parts"]
GEMINI_STREAM = sse(*({"candidates": [{"content": {"parts": [part]}}]} for part in PARTS))


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("anthropic_messages", json.dumps(ANTHROPIC).encode()),
        ("anthropic_messages", ANTHROPIC_STREAM),
        ("anthropic_messages", ANTHROPIC_STREAM.replace(b"\n", b"\r\n")),
        ("openai_chat", json.dumps(CHAT).encode()),
        ("openai_chat", CHAT_STREAM),
        ("openai_responses", json.dumps({"output": OUTPUT}).encode()),
        ("openai_responses", RESPONSES_STREAM),
        ("gemini", json.dumps(GEMINI).encode()),
        ("gemini", GEMINI_STREAM),
        ("gemini", json.dumps([GEMINI]).encode()),
    ],
)
def test_whole_and_streamed_replies_read_the_same(dialect, body):
    made = reply(dialect, body)
    assert [(block.kind, block.text, block.title) for block in made] == [
        (BlockKind.THINKING, "Hmm", ""),
        (BlockKind.TEXT, "Grüezi", ""),
        (BlockKind.TOOL_CALL, '{\n  "command": "ls"\n}', "Bash"),
    ]


def test_a_cut_stream_shows_what_came_and_its_error():
    cut = ANTHROPIC_STREAM[: ANTHROPIC_STREAM.index(b"ezi")]
    assert [block.text for block in reply("anthropic_messages", cut)] == ["Hmm", "Grü"]
    ended = ANTHROPIC_STREAM + sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    last = reply("anthropic_messages", ended)[-1]
    assert (last.kind, last.text, last.title) == (BlockKind.ERROR, "Overloaded", "overloaded_error")


def test_a_cut_responses_stream_keeps_the_open_text():
    cut = RESPONSES_STREAM[: RESPONSES_STREAM.index(b"event: response.completed")]
    assert [block.text for block in reply("openai_responses", cut)] == ["Grü"]


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "No", "type": "invalid_request_error"}},
        {"type": "error", "error": {"message": "No"}},
        {"error": "No"},
        {"error": {"message": "No", "status": "NOT_FOUND"}},
    ],
)
def test_an_error_body_gives_its_message(body):
    (block,) = reply("openai_chat", json.dumps(body).encode())
    assert (block.kind, block.text) == (BlockKind.ERROR, "No")


def test_a_failed_response_gives_its_message():
    body = sse({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "No"}}})
    assert reply("openai_responses", body)[-1].text == "No"


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()), st.sampled_from([*READERS]))
def test_no_bytes_raise(body, dialect):
    reply(dialect, body)
    reply(dialect, b"data: " + body + b"\n\n")
    assert reply("martian", body) == ()
