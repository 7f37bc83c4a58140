"""F10: the user switches 200 times while 50 streams run. No stream is torn, and the last word counts everywhere."""

from __future__ import annotations

import asyncio
import random
import tomllib

from app.domain.exchange import Filter, State
from app.domain.status import ProxyState
from tests.fakes.rawclient import RawClient
from tests.fakes.scripted import LAST, Scripted, chunk, head
from tests.fakes.wires import ANTHROPIC
from tests.test_lifecycle import CLIENT_KEY, Running

STREAMS, SWITCHES, PIECES = 50, 200, 8
NAMES = ("A", "B")


def saying(name):
    """Streams whose every word names its provider, slow enough to be under way while the user switches."""

    async def script(line, seen):
        first, *rest = ANTHROPIC.events(*[name] * PIECES)
        await line.send(head(200, "text/event-stream"), chunk(first))
        for one in rest:
            await line.delay(0.01, chunk(one))
        await line.send(LAST)

    return script


async def one_stream(port):
    async with await RawClient.connect(port) as client:
        await client.request(
            ANTHROPIC.path,
            ANTHROPIC.request(model="claude-opus-4-8", stream=True),
            f"x-api-key: {CLIENT_KEY}",
            "Content-Type: application/json",
            *ANTHROPIC.headers,
        )
        reply = await client.reply()
        assert reply.status == 200
        assert ANTHROPIC.ended_well(reply.body)
        return ANTHROPIC.text_of(reply.body)


async def stream_on(port, enough):
    said = []
    while not enough.is_set():
        said.append(await one_stream(port))
    return said


async def test_f10_two_hundred_switches_under_fifty_streams(tmp_path):
    upstreams = [await Scripted(saying(name)).start() for name in NAMES]
    running = Running(tmp_path)
    running.write(
        "".join(
            f'[[provider]]\nname = "{name}"\nvendor = "anthropic-compatible"\nbase_url = "{one.url}"\nauth = "none"\n'
            for name, one in zip(NAMES, upstreams, strict=True)
        )
    )
    wishes = random.Random(10)
    async with running:
        port, routes, enough = running.services.proxy.port, running.services.routes, asyncio.Event()
        loop = asyncio.get_running_loop()
        streams = [loop.create_task(stream_on(port, enough), name=f"stream {number}") for number in range(STREAMS)]
        writing = []
        for _ in range(SWITCHES):
            last = wishes.choice(NAMES)
            writing.append(loop.create_task(routes.use(last), name="switch"))
            await asyncio.sleep(0)
            assert running.services.settings.current.provider == last
            await asyncio.sleep(wishes.random() * 0.01)
        await asyncio.gather(*writing)
        enough.set()
        said = [text for texts in await asyncio.gather(*streams) for text in texts]
        assert len(said) >= STREAMS
        assert {*said} == {name * PIECES for name in NAMES}
        await running.until(lambda now: now.today.exchanges == len(said))
        rows = await running.services.insight.page(Filter(), limit=len(said))
        assert {row.state for row in rows} == {State.DONE}
        counted = {name: sum(row.provider == name for row in rows) for name in NAMES}
        assert counted == {name: said.count(name * PIECES) for name in NAMES}
        shown = await running.until(lambda now: now.in_flight == 0)
        assert (shown.proxy, shown.active) == (ProxyState.RUNNING, last)
        assert not [one for one in shown.notices if one.severity.value == "error"]
        written = tomllib.loads(running.paths.config.read_text("utf-8"))
        assert written["config"]["provider"] == last
    for one in upstreams:
        await one.stop()
