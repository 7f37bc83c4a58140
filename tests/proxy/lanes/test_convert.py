"""Two dialects: what happens on the way besides the translation itself."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from app.domain.exchange import State
from tests.fakes.rig import QUICK
from tests.fakes.scripted import LAST, chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT, PAIRS, pair_name

CONVERSIONS = pytest.mark.parametrize("pair", PAIRS[2:], ids=map(pair_name, PAIRS[2:]))


async def test_what_was_left_out_is_named(rig):
    rig.configure(CHAT)
    rig.upstream.script = whole(CHAT.whole())
    reply = await rig.chat(ANTHROPIC, ANTHROPIC.request(whatever="c", top_k=5))
    dropped = (reply.get("x-patchbay-dropped") or "").split(", ")
    assert {"whatever", "top_k"} <= set(dropped)
    assert {told.partition(" (")[0] for told in (await rig.row()).dropped} == set(dropped)
    assert "top_k (the upstream takes no such sampling)" in (await rig.row()).dropped


async def test_nothing_left_out_names_nothing(rig):
    rig.configure(CHAT)
    rig.upstream.script = whole(CHAT.whole())
    assert (await rig.chat(ANTHROPIC)).get("x-patchbay-dropped") is None


@CONVERSIONS
async def test_a_request_that_cannot_be_read_names_its_field(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    reply = await rig.chat(client, client.request(messages=[{"role": 5, "content": "x"}]))
    assert reply.status == 400
    assert "messages.0.role" in reply.json()["error"]["message"]
    assert rig.upstream.lines == []
    row = await rig.row()
    assert (row.state, row.error_kind, row.attempts) == (State.FAILED, "invalid_request", ())


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/messages", {"model": "the-model", "max_tokens": 9, "messages": []}, "messages"),
        ("/v1/responses", {"model": "the-model", "input": []}, "input"),
        ("/v1/responses", {"model": "the-model"}, "input"),
        ("/v1beta/models/the-model:generateContent", {"contents": []}, "contents"),
    ],
)
async def test_nobody_is_asked_what_nobody_said(rig, path, body, field):
    rig.configure(CHAT)
    reply = await rig.ask(path, json.dumps(body).encode())
    assert reply.status == 400
    assert reply.json()["error"]["message"].startswith(f"{field}: ")
    assert rig.upstream.lines == []


@CONVERSIONS
async def test_a_silent_upstream_does_not_leave_the_client_in_silence(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, keep_alive_s=0.1, idle_s=2.0, first_byte_s=2.0))
    events = upstream.events("one ", "two")

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, events[:3]))
        await asyncio.sleep(0.5)
        await line.send(*map(chunk, events[3:]), LAST)

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    sign = b"event: ping" if client.is_anthropic else b": keep-alive"
    assert reply.body.count(sign) >= 2
    assert client.text_of(b"\n\n".join(one for one in reply.events if not one.startswith(sign))) == "one two"
    assert client.ended_well(reply.body)
    assert (await rig.row()).state is State.DONE


@CONVERSIONS
async def test_the_limit_holds_in_spite_of_signs_of_life(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, keep_alive_s=0.1))

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("one", ended=False)))
        await line.stall()

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert client.stream_error(reply.body)["message"] == f"Provider Up sent nothing more for {QUICK.idle_s:g} s."


async def test_the_same_request_is_written_the_same(rig):
    rig.configure(CHAT)
    rig.upstream.script = whole(CHAT.whole())
    tools = [{"name": "t", "description": "d", "input_schema": {"type": "object", "properties": {"a": {}}}}]
    for _ in range(3):
        await rig.chat(ANTHROPIC, ANTHROPIC.request(tools=tools))
    assert len({one.body for one in rig.upstream.seen}) == 1


async def test_a_tool_call_arrives_as_one(rig):
    rig.configure(CHAT)
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": "é"}'}}
    answer = json.loads(CHAT.whole())
    answer["choices"][0] = {
        "index": 0,
        "message": {"role": "assistant", "tool_calls": [call]},
        "finish_reason": "tool_calls",
    }
    rig.upstream.script = whole(json.dumps(answer).encode())
    tools = [{"name": "look", "input_schema": {"type": "object"}}]
    reply = await rig.chat(ANTHROPIC, ANTHROPIC.request(tools=tools))
    (block,) = reply.json()["content"]
    assert (block["type"], block["name"], block["input"]) == ("tool_use", "look", {"at": "é"})
    assert reply.json()["stop_reason"] == "tool_use"
    assert (await rig.row()).stop_reason == "tool_use"
