"""A request for no token: answered here, unless it goes to Anthropic."""

from __future__ import annotations

import json

import pytest

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.fakes.more_wires import GEMINI, RESPONSES
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_a_request_that_only_warms_a_cache_is_answered_here(rig, stream):
    rig.configure(CHAT)
    reply = await rig.chat(ANTHROPIC, ANTHROPIC.request(max_tokens=0, stream=stream), stream=stream)
    assert reply.status == 200
    assert rig.upstream.seen == []
    if stream:
        assert ANTHROPIC.ended_well(reply.body)
        assert b'"stop_reason":"max_tokens"' in reply.body
        assert b"content_block" not in reply.body
    else:
        message = reply.json()
        assert (message["content"], message["stop_reason"]) == ([], "max_tokens")
        assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (0, 0)
    row = await rig.row()
    assert (row.state, row.upstream_status, row.attempts) == (State.DONE, 0, ())
    assert (row.usage.source, row.stop_reason) == (UsageSource.NONE, "max_tokens")


async def test_anthropic_itself_warms_its_cache(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.whole(""))
    await rig.chat(ANTHROPIC, ANTHROPIC.request(max_tokens=0))
    assert json.loads(rig.upstream.seen[0].body)["max_tokens"] == 0


@pytest.mark.parametrize("events", [True, False], ids=["events", "array"])
async def test_each_client_is_answered_in_its_own_framing(rig, events):
    rig.configure(CHAT)
    body = GEMINI.request(generationConfig={"maxOutputTokens": 0})
    reply = await rig.ask(GEMINI.path(stream=True, events=events), body)
    assert reply.status == 200
    told = json.loads(reply.body)[-1] if not events else json.loads(reply.body.split(b"data: ")[-1])
    assert told["candidates"][0]["finishReason"] == "MAX_TOKENS"


async def test_the_answer_has_a_time_and_repeats_what_its_dialect_repeats(rig):
    rig.configure(CHAT)
    reply = await rig.chat(RESPONSES, RESPONSES.request(max_output_tokens=0, instructions="Be short."))
    assert reply.status == 200
    assert reply.json()["created_at"] > 1_700_000_000
    assert reply.json()["instructions"] == "Be short."
