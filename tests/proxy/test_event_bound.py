"""One event of a stream has a bound, however its bytes come."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.domain.errors import ErrorKind
from app.proxy.event_bound import EventBound
from tests.fakes.rig import QUICK
from tests.fakes.scripted import LAST, chunk, head

ENDS = [b"\n\n", b"\r\n\r\n", b"\r\r"]


def kept(data, size, most=100):
    bound = EventBound(most)
    return all(bound.keeps(data[at : at + size]) for at in range(0, len(data), size))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 10_000])
def test_a_long_stream_of_short_events_is_kept(end, size):
    assert kept((b"data: " + b"x" * 80 + end) * 50, size)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 10_000])
@pytest.mark.parametrize("before", [0, 1, 5])
@pytest.mark.parametrize("after", [0, 5])
def test_one_long_event_is_noticed_wherever_it_stands(end, size, before, after):
    short = b"data: x" + end
    assert not kept(short * before + b"data: " + b"x" * 120 + end + short * after, size)


def test_a_line_without_an_end_is_noticed_as_soon_as_it_is_too_long():
    bound = EventBound(100)
    assert bound.keeps(b"x" * 100)
    assert not bound.keeps(b"x")


async def test_the_answer_is_cut_with_an_error(rig, pair):
    client, upstream = pair
    rig.configure(upstream, limits=replace(QUICK, max_event_bytes=20_000))
    first = upstream.events("Hello")[:3]

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, first))
        await asyncio.sleep(0.05)  # so that they are read by themselves
        await line.send(chunk(b"data: " + b"x" * 30_000 + b"\n\n"), LAST)

    rig.upstream.script = script
    reply = await rig.chat(client, stream=True)
    assert not client.ended_well(reply.body)
    assert client.stream_error(reply.body)
    assert (await rig.row()).error_kind == ErrorKind.BAD_REPLY.word
