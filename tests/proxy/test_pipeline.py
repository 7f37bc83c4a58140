"""The good road, in all four pairs of dialects: what the client gets and what the record says."""

from __future__ import annotations

import asyncio
import json

import pytest

from app.dialects import DIALECTS
from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.fakes.rig import KEY, SECRET, error_type
from tests.fakes.scripted import chunk, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT, PAIRS, pair_name


async def test_a_whole_answer(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.whole("Hello there"), "request-id: req_up", "x-request-id: req_up")
    reply = await rig.chat(client)
    assert reply.status == 200
    assert b"Hello there" in reply.body
    row = await rig.row()
    assert row.state is State.DONE
    assert (row.client_status, row.upstream_status) == (200, 200)
    assert (row.usage.input_tokens, row.usage.output_tokens, row.usage.source) == (11, 7, UsageSource.REPORTED)
    assert row.answer == "Hello there"
    assert row.stop_reason == "end_turn"
    assert row.reply_bytes == len(upstream.whole("Hello there"))
    assert [(one.provider, one.model, one.status, one.error) for one in row.attempts] == [("Up", "the-model", 200, "")]
    assert rig.told.answered == ["Up"]
    assert rig.meter.flights == {}
    assert rig.server.in_flight == 0


async def test_a_stream(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = stream(*upstream.events("Hel", "lo ", "there"))
    reply = await rig.chat(client, stream=True)
    assert reply.status == 200
    assert (reply.get("content-type") or "").startswith("text/event-stream")
    assert client.text_of(reply.body) == "Hello there"
    assert client.ended_well(reply.body)
    row = await rig.row()
    assert (row.state, row.answer, row.stop_reason) == (State.DONE, "Hello there", "end_turn")
    assert (row.usage.input_tokens, row.usage.output_tokens) == (11, 7)
    assert row.first_byte_ms is not None
    assert row.first_token_ms is not None
    assert (
        sum(size for _, size in row.timeline)
        == row.reply_bytes
        == len(b"".join(upstream.events("Hel", "lo ", "there")))
    )


async def test_a_pass_through_changes_no_byte(rig, wire):
    rig.configure(wire)
    sent = b' {"messages": [{"role": "user", "content": "\\u00e9 \xe2\x82\xac"}],\n '
    sent += b'"model": "the-model", "max_tokens":5,"odd":1.0}'
    answer = b' {"odd": [1, 2.50],' + wire.whole()[1:]
    rig.upstream.script = whole(answer)
    reply = await rig.ask(f"{wire.path}?beta=true&x=%7E", sent, *wire.headers)
    assert reply.body == answer
    assert rig.upstream.seen[0].body == sent
    assert rig.upstream.seen[0].line.endswith("?beta=true&x=%7E HTTP/1.1")
    row = await rig.row()
    assert row.sides.client_request.body is row.sides.upstream_request.body
    assert row.sides.upstream_reply.body is row.sides.client_reply.body
    assert b"".join(row.sides.client_reply.body) == answer
    assert row.sides.client_request.line == f"POST {wire.path}?beta=true&x=%7E"


async def test_a_passed_stream_changes_no_byte_and_is_stored_once(rig, wire):
    rig.configure(wire)
    events = wire.events("é 漢", " \u2028 x")
    rig.upstream.script = stream(*events)
    reply = await rig.chat(wire, stream=True)
    assert reply.body == b"".join(events)
    row = await rig.row()
    assert row.sides.upstream_reply.body is row.sides.client_reply.body


async def test_a_mapped_model_is_all_that_changes(rig, wire):
    rig.configure(wire, big_models=("huge",), models=())
    rig.upstream.script = whole(wire.whole())
    await rig.chat(wire, wire.request("claude-opus-4-8"))
    assert rig.upstream.seen[0].body == wire.request("huge")
    assert (rig.recorder.starts[0].requested_model, rig.recorder.starts[0].sent_model) == ("claude-opus-4-8", "huge")


async def test_the_row_is_there_before_the_upstream_sees_anything(rig, wire):
    rig.configure(wire)
    seen = []

    async def script(line, request):
        seen.append(len(rig.recorder.starts))
        await whole(wire.whole())(line, request)

    rig.upstream.script = script
    await rig.ask(wire.path, wire.request(), *wire.headers, "User-Agent: claude-cli/2.1 (external, cli)")
    assert seen == [1]
    start = rig.recorder.starts[0]
    assert (start.client, start.client_key, start.provider, start.streaming) == ("claude-code", "default", "Up", False)
    assert start.client_dialect == start.upstream_dialect == wire.name
    assert len(start.id) == 32


async def test_converted_answers_bear_the_requested_name(rig):
    rig.configure(CHAT, models=("served",))
    rig.upstream.script = whole(CHAT.whole())
    reply = await rig.chat(ANTHROPIC, ANTHROPIC.request("claude-opus-4-8"))
    assert reply.json()["model"] == "claude-opus-4-8"
    assert json.loads(rig.upstream.seen[0].body)["model"] == "served"


async def test_no_secret_goes_where_it_should_not(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.whole())
    reply = await rig.chat(client)
    seen = rig.upstream.seen[0]
    assert KEY not in str(seen)
    assert SECRET not in str(reply)
    assert (seen.get("x-api-key"), seen.get("authorization")) == (
        (SECRET, None) if upstream.is_anthropic else (None, f"Bearer {SECRET}")
    )


async def test_requests_on_one_connection_are_answered_in_their_order(rig, wire):
    rig.configure(wire)

    async def script(line, seen):
        text = json.loads(seen.body)["messages"][0]["content"]
        await whole(wire.whole(f"answer to {text}"))(line, seen)

    rig.upstream.script = script
    async with await rig.connect() as client:
        for number in range(20):
            body = wire.request(messages=[{"role": "user", "content": str(number)}])
            await client.request(wire.path, body, f"x-api-key: {KEY}", "Content-Type: application/json", *wire.headers)
        for number in range(20):
            assert f'"answer to {number}"'.encode() in (await client.reply()).body
    assert len(rig.upstream.lines) == 1


async def test_a_slow_record_does_not_hold_the_request(rig, wire):
    rig.configure(wire)
    rig.recorder.stuck = True
    rig.upstream.script = whole(wire.whole())
    reply = await rig.chat(wire)
    assert reply.status == 200
    assert (await rig.row()).state is State.DONE


class Broken:
    """A reader with a defect."""

    finished = ending = False

    def __init__(self, after):
        self.left = after

    def feed(self, data):
        self.left -= 1
        if self.left < 0:
            raise TypeError("a defect")
        return []

    def close(self):
        raise TypeError("a defect")


def break_readers(monkeypatch, after=0):
    for one in DIALECTS:
        monkeypatch.setattr(type(one), "stream_reader", lambda self, road: Broken(after))


async def test_a_defect_in_a_reader_does_not_touch_what_passes_through(rig, wire, monkeypatch):
    rig.configure(wire)
    break_readers(monkeypatch)
    rig.upstream.script = stream(*wire.events("Hello"))
    reply = await rig.chat(wire, stream=True)
    assert reply.body == b"".join(wire.events("Hello"))
    assert (await rig.row()).state is State.DONE


@pytest.mark.parametrize("pair", PAIRS[2:], ids=map(pair_name, PAIRS[2:]))
async def test_a_defect_in_a_conversion_is_told_as_ours(rig, pair, monkeypatch):
    client, upstream = pair
    rig.configure(upstream)
    break_readers(monkeypatch)
    rig.upstream.script = stream(*upstream.events("Hello"))
    reply = await rig.chat(client, stream=True)
    assert reply.status == 500
    assert error_type(client, reply) == ("api_error" if client is ANTHROPIC else "server_error")
    assert "defect" not in reply.body.decode()
    assert ((await rig.row()).state, rig.recorder.ends[0].error_kind) == (State.FAILED, "internal")


async def test_a_defect_in_the_middle_cuts_the_connection(rig, monkeypatch):
    rig.configure(CHAT)
    real = type(DIALECTS[1]).stream_reader

    def failing(self, road):
        reader = real(road)
        feed, reader.feed = reader.feed, lambda data: feed(data) if b"Hello" in data else 1 / 0
        return reader

    monkeypatch.setattr(type(DIALECTS[1]), "stream_reader", failing)

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), chunk(b"".join(CHAT.events("Hello", ended=False))))
        await asyncio.sleep(0.05)
        await line.send(chunk(CHAT.events("more")[1]))

    rig.upstream.script = script
    reply = await rig.chat(ANTHROPIC, stream=True)
    assert (reply.status, reply.complete) == (200, False)
    assert ANTHROPIC.text_of(reply.body) == "Hello"
    assert (await rig.row()).error_kind == "internal"
