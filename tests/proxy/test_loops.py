"""The same proxy on every loop: the other tests run on the desktop's, these on uvloop and on asyncio's own."""

from __future__ import annotations

import asyncio
import sys

import pytest

from app.domain.exchange import State
from tests.fakes.rawclient import RawClient
from tests.fakes.rig import KEY, Rig
from tests.fakes.scripted import cut, stream, whole
from tests.fakes.wires import PAIRS

LOOPS = ["asyncio"] if sys.platform == "win32" else ["asyncio", "uvloop"]


def run(name, coroutine):
    if name == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    else:
        factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(asyncio.wait_for(coroutine, 20))


async def every_road():
    rig = await Rig().start()
    try:
        for client, upstream in PAIRS:
            rig.configure(upstream)
            rig.upstream.script = whole(upstream.whole("Hello"))
            assert (await rig.chat(client)).status == 200
            rig.upstream.script = stream(*upstream.events("Hel", "lo"))
            reply = await rig.chat(client, stream=True)
            assert client.text_of(reply.body) == "Hello"
            assert client.ended_well(reply.body)
            rig.upstream.script = cut(*upstream.events("Hel", ended=False), how="reset")
            reply = await rig.chat(client, stream=True)
            assert client.stream_error(reply.body)
            rig.upstream.script = cut(*upstream.events("Hel", ended=False), how="stall")
            reply = await rig.chat(client, stream=True)
            assert client.stream_error(reply.body)
        assert [end.state for end in rig.recorder.ends] == [State.DONE, State.DONE, State.FAILED, State.FAILED] * 4
    finally:
        await rig.stop()


async def a_client_that_leaves():
    rig = await Rig().start()
    try:
        client, upstream = PAIRS[0]
        rig.configure(upstream)
        rig.upstream.script = cut(*upstream.events("Hel", ended=False), how="stall")
        one = await RawClient.connect(rig.port)
        headers = (f"x-api-key: {KEY}", "Content-Type: application/json", *client.headers)
        await one.request(client.path, client.request(stream=True), *headers)
        await one.head()
        await one.close()
        assert (await rig.row()).state is State.CANCELLED
        async with asyncio.timeout(1):
            await rig.upstream.lines[0].closed.wait()
    finally:
        await rig.stop()


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("what", [every_road, a_client_that_leaves], ids=lambda one: one.__name__)
def test_on_this_loop(name, what):
    run(name, what())
