"""When a stream is over, and how long each silence in it may last."""

from __future__ import annotations

import time

import pytest

from app.domain.errors import ErrorKind
from app.domain.exchange import State
from app.proxy import source
from tests.fakes.scripted import cut
from tests.fakes.wires import ANTHROPIC, CHAT


def without_terminator():
    return CHAT.events("Hello")[:-1]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "gathered"])
@pytest.mark.parametrize("client", [CHAT, ANTHROPIC], ids=["passed", "converted"])
@pytest.mark.timed
async def test_a_server_that_holds_the_line_after_the_finish_reason_is_done(rig, monkeypatch, client, stream):
    monkeypatch.setattr(source, "ENDING_S", 0.1)
    rig.configure(CHAT)
    rig.upstream.script = cut(*without_terminator(), how="stall")
    begun = time.monotonic()
    reply = await rig.chat(client, stream=stream)
    assert time.monotonic() - begun < 0.35
    assert (reply.status, reply.complete) == (200, True)
    if stream:
        assert client.text_of(reply.body) == "Hello"
    row = await rig.row()
    assert (row.state, row.answer, row.usage.output_tokens) == (State.DONE, "Hello", 7)
    await rig.upstream.lines[0].closed.wait()


async def test_before_the_finish_reason_a_silence_is_no_end(rig, monkeypatch, pair):
    monkeypatch.setattr(source, "ENDING_S", 0.05)
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("Hel", "lo", ended=False), how="stall")
    reply = await rig.chat(client, stream=True)
    assert not client.ended_well(reply.body)
    assert client.stream_error(reply.body)["type"] == ("timeout_error" if client is ANTHROPIC else "server_error")
    assert (await rig.row()).error_kind == ErrorKind.STREAM_STALLED.word
