from __future__ import annotations

import json

import pytest

from app.dialects import signatures
from app.dialects.openai_chat import OPENAI_CHAT

OURS = signatures.wrap("gemini", "gemini-3.1-pro-preview", b'"c2ln"')
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": "\\u00e9"}'}}
REAL = {"type": "reasoning.text", "text": "hm", "signature": "cmVhbA==", "format": "anthropic-claude-v1", "index": 0}


def body(*messages):
    return json.dumps({"model": "m", "messages": messages, "stream": True}).encode()


def assistant(**more):
    return {"role": "assistant", "content": "Hä \ud83d", **more}


def passed(*messages):
    return json.loads(OPENAI_CHAT.pass_request(body({"role": "user", "content": "q"}, *messages)))["messages"][1:]


@pytest.mark.parametrize(
    "message",
    [
        assistant(reasoning_details=[REAL], tool_calls=[CALL]),
        assistant(tool_calls=[{**CALL, "extra_content": {"google": {"thought_signature": "c2ln"}}}]),
        {"role": "user", "content": f'What is "signature": "{OURS}"?'},
    ],
    ids=["real details", "a real signature", "talk of one"],
)
def test_what_is_not_ours_keeps_every_byte(message):
    assert OPENAI_CHAT.pass_request(body(message)) == body(message)


def test_no_vendor_sees_a_signature_of_ours():
    ours = {**REAL, "signature": OURS}
    sealed = {"type": "reasoning.encrypted", "data": OURS}
    call = {**CALL, "extra_content": {"google": {"thought_signature": OURS}}}
    found = passed(assistant(reasoning_details=[ours, REAL, sealed], tool_calls=[call, CALL]))
    assert found == [
        {"role": "assistant", "content": "Hä \ufffd", "reasoning_details": [REAL], "tool_calls": [CALL, CALL]}
    ]
    assert passed(assistant(reasoning_details=[ours], reasoning_content="hm")) == [
        {"role": "assistant", "content": "Hä \ufffd", "reasoning_content": "hm"}
    ]


def test_only_the_message_with_the_signature_is_written_anew():
    before, after = b'{"role" : "user","content":"q"} , ', b' ,{"role":"user", "content":"r"}'
    signed = json.dumps(assistant(reasoning_details=[{**REAL, "signature": OURS}])).encode()
    given = b'{"model":"m", "messages":[' + before + signed + after + b"] }"
    found = OPENAI_CHAT.pass_request(given)
    assert found.startswith(b'{"model":"m", "messages":[' + before)
    assert found.endswith(after + b"] }")
    assert b"pxy1." not in found


@pytest.mark.parametrize("given", [b'["pxy1.x"', b'{"messages":"pxy1.x"}', b'{"messages":["pxy1.x",1]}', b'"pxy1.'])
def test_what_cannot_be_read_is_the_upstreams_affair(given):
    assert OPENAI_CHAT.pass_request(given) == given
