"""A stream cut at any byte, in any way: what looks whole to a client is whole, and what is not says so."""

from __future__ import annotations

import asyncio
import random

import pytest

from app.dialects.openai_chat.stream_read import ChatStreamReader
from app.domain.exchange import State
from tests.fakes.rig import KEY
from tests.fakes.scripted import LAST, chunk, head, stream, whole
from tests.fakes.wires import CHAT

SAID = ("Hello ", "é 漢 😀 ", "there.")
STEP = 13


def breaking(data, how, size):
    """A script that sends so much of a stream, in pieces, and breaks off."""

    async def script(line, seen):
        pieces = [chunk(data[at : at + size]) for at in range(0, len(data), size)]
        await line.send(head(200, "text/event-stream"), *pieces)
        if how == "end":
            await line.send(LAST)
        else:
            await asyncio.sleep(0.001)
            (line.reset if how == "reset" else line.close)()

    return script


def looks_whole(client, reply):
    """Whether a client would take the answer for a complete one."""
    return reply.status == 200 and reply.complete and client.ended_well(reply.body)


def says_that_it_is_cut(client, reply):
    if reply.status != 200:
        return reply.json()["error"]["message"] != ""
    return not reply.complete or bool(client.stream_error(reply.body)["message"])


@pytest.mark.parametrize("how", ["reset", "close", "end"])
async def test_no_cut_answer_looks_whole(rig, pair, how):
    client, upstream = pair
    rig.configure(upstream)
    whole = b"".join(upstream.events(*SAID))
    terminator = whole.rindex(b"event: message_stop" if upstream.is_anthropic else b"data: [DONE]")
    dice = random.Random(f"{client.name} {upstream.name} {how}")
    places = [*range(dice.randrange(STEP), len(whole), STEP), len(whole) - 1, len(whole)]
    for count, place in enumerate(places, 1):
        rig.forgive()
        rig.upstream.script = breaking(whole[:place], how, dice.choice((3, 40, 4000)))
        reply = await rig.chat(client, stream=True)
        row = await rig.row(count)
        if row.state is State.DONE:
            assert place > terminator or not upstream.is_anthropic
            assert row.answer == "".join(SAID)
            assert reply.complete
            assert looks_whole(client, reply) or client is upstream
        else:
            assert row.state is State.FAILED
            assert row.error_kind in ("upstream_stream_cut", "upstream_unreachable")
            assert "".join(SAID).startswith(row.answer)
            assert not looks_whole(client, reply), place
            assert says_that_it_is_cut(client, reply), place
        if place == len(whole):
            assert row.state is State.DONE or how == "reset"  # a reset may overtake what was sent


@pytest.mark.parametrize("ended", [True, False])
async def test_a_reader_that_fails_takes_no_cut_stream_for_a_whole_one(rig, monkeypatch, ended):
    """Where we cannot follow an answer, its terminator alone tells whether it is whole."""
    monkeypatch.setattr(ChatStreamReader, "feed", lambda self, data: 1 / 0)
    rig.configure(CHAT)
    rig.upstream.script = stream(*CHAT.events("Hello", ended=ended))
    reply = await rig.chat(CHAT, stream=True)
    row = await rig.row()
    assert (row.state is State.DONE) is ended
    assert (b'"error"' in reply.body) is not ended


async def test_after_an_answer_that_was_cut_its_connection_takes_the_next_request(rig, pair):
    """The error event stands in a body that has its end: a client's pool keeps the connection."""
    client, upstream = pair
    rig.configure(upstream)
    body = client.request(stream=True)
    headers = (f"x-api-key: {KEY}", "Content-Type: application/json", *client.headers)
    async with await rig.connect() as connection:
        rig.upstream.script = breaking(b"".join(upstream.events(*SAID)[:-1]), "close", 4000)
        await connection.request(client.path, body, *headers)
        cut = await connection.reply()
        assert cut.complete
        assert client.stream_error(cut.body)["message"]
        await rig.row(1)
        rig.forgive()
        rig.upstream.script = whole(upstream.whole("again"))
        await connection.request(client.path, client.request(), *headers)
        assert b"again" in (await connection.reply()).body
