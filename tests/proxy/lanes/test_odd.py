"""Requests and answers whose fields are of the wrong kind: a clear word about it, or none needed; never a defect."""

from __future__ import annotations

import json
import random
from copy import deepcopy

import pytest

from app.domain.exchange import State
from tests.fakes.scripted import stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

ODD = (
    None,
    True,
    -1,
    0,
    1.5,
    2**63,
    1e300,
    "",
    "x",
    "\ud800",
    [],
    [None],
    [[]],
    {},
    {"x": []},
    [{"type": "text"}],
    "y" * 300,
    "9" * 5000,
    10**400,
    float("inf"),
)
TIMES = 60

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}}
REQUESTS = {
    ANTHROPIC.name: {
        "model": "the-model",
        "max_tokens": 64,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "abc"},
                    {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Ulm"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "sun"}]},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                ],
            },
        ],
        "tools": [{"name": "weather", "description": "d", "input_schema": TOOL}],
        "tool_choice": {"type": "auto"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "metadata": {"user_id": "u"},
        "stop_sequences": ["END"],
        "temperature": 0.5,
    },
    CHAT.name: {
        "model": "the-model",
        "max_tokens": 64,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "t1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Ulm"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "t1", "content": "sun"},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]},
        ],
        "tools": [{"type": "function", "function": {"name": "weather", "description": "d", "parameters": TOOL}}],
        "tool_choice": "auto",
        "response_format": {"type": "json_object"},
        "reasoning_effort": "low",
        "stop": ["END"],
        "stream_options": {"include_usage": True},
    },
}


def places(value, path=()):
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def spoiled(value, dice):
    """A copy with one place made odd, or gone."""
    made = deepcopy(value)
    *path, last = dice.choice(list(places(made)))
    target = made
    for key in path:
        target = target[key]
    if dice.random() < 0.15:
        del target[last]
    else:
        target[last] = dice.choice(ODD)
    return made


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
async def test_odd_requests(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = stream(*upstream.events("x")) if streaming else whole(upstream.whole())
    dice = random.Random(f"{client.name} {upstream.name} {streaming}")
    base = {**REQUESTS[client.name], "stream": True} if streaming else REQUESTS[client.name]
    for _ in range(TIMES):
        asked = spoiled(base, dice)
        before = len(rig.upstream.seen)
        reply = await rig.chat(client, json.dumps(asked).encode())
        assert reply.status in (200, 400, 404), (reply.body, asked)
        if reply.status == 200:
            json.loads(rig.upstream.seen[-1].body, parse_int=str)
        else:
            assert len(rig.upstream.seen) == before
            assert reply.json()["error"]["message"]


def odd_stream(upstream, dice):
    events = upstream.events("Hello ", "there")
    at = dice.randrange(len(events))
    name, mark, data = events[at].rpartition(b"data: ")
    if data.strip() == b"[DONE]":
        return events
    events[at] = name + mark + json.dumps(spoiled(json.loads(data), dice)).encode() + b"\n\n"
    return events


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
async def test_odd_answers(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream)
    dice = random.Random(f"{client.name} {upstream.name} {streaming}")
    for count in range(1, TIMES + 1):
        if streaming:
            sent = odd_stream(upstream, dice)
            rig.upstream.script = stream(*sent)
        else:
            sent = json.dumps(spoiled(json.loads(upstream.whole()), dice)).encode()
            rig.upstream.script = whole(sent)
        reply = await rig.chat(client, stream=streaming)
        row = await rig.row(count)
        assert reply.status in (200, 500, 502, 503, 529), (reply.body, sent)
        assert row.error_kind != "internal", (row.error, sent)
        assert (row.state is State.DONE) == (reply.status == 200 and (not streaming or row.error == "")), sent
        usage = row.usage
        counts = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
        assert all(isinstance(one, int) and 0 <= one < 2**53 for one in counts), (usage, sent)
        if client is upstream and reply.status == 200:
            assert reply.body.startswith(b"".join(sent) if streaming else sent)
