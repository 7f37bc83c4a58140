"""The same dialect on both sides, where more happens than bytes going by: answers that change their form."""

from __future__ import annotations

import json

import pytest

from app.domain.exchange import State
from tests.fakes.scripted import cut, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

SIGNATURE = "EqQBCkgIARABGAIiQL8="
THOUGHT = {"type": "thinking", "thinking": "Let me see.", "signature": SIGNATURE}


def thinking_stream():
    first, *_ = ANTHROPIC.events("Hi")
    block = {"type": "thinking", "thinking": "", "signature": ""}
    told = (
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Let me see."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": SIGNATURE}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    )
    return [first, *(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in told)]


def thinking_message():
    value = json.loads(ANTHROPIC.whole("Hi"))
    return json.dumps({**value, "content": [THOUGHT, *value["content"]]}).encode()


async def test_a_stream_gathered_for_a_client_that_wants_none_keeps_its_reasoning(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = stream(*thinking_stream())
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 200
    assert reply.json()["content"] == [THOUGHT, {"type": "text", "text": "Hi"}]
    assert (await rig.row()).answer == "Hi"


async def test_a_whole_answer_replayed_for_a_client_that_streams_keeps_its_reasoning(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(thinking_message())
    reply = await rig.chat(ANTHROPIC, stream=True)
    assert (reply.get("content-type") or "").startswith("text/event-stream")
    assert b'"thinking_delta","thinking":"Let me see."' in reply.body
    assert SIGNATURE.encode() in reply.body
    assert ANTHROPIC.ended_well(reply.body)


async def test_chat_reasoning_survives_both_changes_of_form(rig):
    rig.configure(CHAT)
    value = json.loads(CHAT.whole("Hi"))
    value["choices"][0]["message"]["reasoning_content"] = "Let me see."
    rig.upstream.script = whole(json.dumps(value).encode())
    assert b'"reasoning_content":"Let me see."' in (await rig.chat(CHAT, stream=True)).body
    first, *rest = CHAT.events("Hi")
    rig.upstream.script = stream(first, first.replace(b'"content":""', b'"reasoning_content":"Let me see."'), *rest)
    assert (await rig.chat(CHAT)).json()["choices"][0]["message"]["reasoning_content"] == "Let me see."
    assert (await rig.row(2)).state is State.DONE


@pytest.mark.parametrize("how", ["reset", "close", "end", "stall"])
async def test_a_break_inside_a_huge_event_leaves_the_body_without_its_end(rig, wire, how):
    """Half of the event had to go on already, so no error can be told; a proper end would make it look whole."""
    rig.configure(wire)
    begun = b'data: {"type": "text", "text": "' + b"x" * 400_000
    rig.upstream.script = cut(*wire.events("Hel", ended=False), begun, how=how)
    reply = await rig.chat(wire, stream=True)
    assert reply.status == 200
    assert not reply.complete
    assert (b"".join(wire.events("Hel", ended=False)) + begun).startswith(reply.body)
    assert (await rig.row()).state is State.FAILED
