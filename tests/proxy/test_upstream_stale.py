"""Connections out of the pool that turn out to be dead: when a request may be sent again, and what the record says."""

from __future__ import annotations

import pytest

from app.domain.exchange import State
from tests.fakes.scripted import head, whole

BEGINNINGS = {
    "half a status line": b"HTTP/1.1 2",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
}


async def used_before(rig, wire, then):
    """A pool with one connection, on which the next request meets `then`."""
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    assert (await rig.chat(wire)).status == 200

    async def script(line, seen):
        if line.requests > 1:
            await then(line)
        else:
            await whole(wire.whole("again"))(line, seen)

    rig.upstream.script = script
    return await rig.chat(wire)


async def test_the_second_try_is_on_the_record(rig, wire):
    async def close(line):
        line.close()

    assert b"again" in (await used_before(rig, wire, close)).body
    row = await rig.row(2)
    assert row.state is State.DONE
    assert [(one.status, one.error) for one in row.attempts] == [(0, "stale_connection"), (200, "")]


async def test_both_tries_are_on_the_record_where_the_fresh_connection_is_closed_as_well(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    assert (await rig.chat(wire)).status == 200

    async def close(line, _seen):
        line.close()

    rig.upstream.script = close
    assert (await rig.chat(wire)).status == 502
    row = await rig.row(2)
    assert len(rig.upstream.seen) == 3
    assert [(one.status, one.error) for one in row.attempts] == [(0, "stale_connection"), (0, row.error_kind)]
    first, second = row.attempts
    assert first.started_us <= second.started_us


@pytest.mark.parametrize("how", BEGINNINGS)
async def test_after_the_first_byte_nothing_is_sent_again(rig, wire, how):
    """The provider was at work: it may have billed the request."""

    async def begin(line):
        await line.send(BEGINNINGS[how])
        line.close()

    reply = await used_before(rig, wire, begin)
    assert reply.status == 502
    assert len(rig.upstream.seen) == 2
    assert (await rig.row(2)).state is State.FAILED


async def test_a_reset_before_any_byte_is_stale_as_well(rig, wire):
    async def reset(line):
        line.reset()

    assert (await used_before(rig, wire, reset)).status == 200
    assert len(rig.upstream.seen) == 3


async def test_a_cut_body_on_an_old_connection_is_a_cut_body(rig, wire):
    async def begin(line):
        await line.send(head(200, "application/json", length=100) + b'{"id":')
        line.close()

    assert (await used_before(rig, wire, begin)).status == 502
    assert len(rig.upstream.seen) == 2
