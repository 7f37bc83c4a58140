"""Group L: whatever anybody sends, the answer is one of a few, and nothing takes longer than its length."""

from __future__ import annotations

import asyncio
import json
import random
import time

import hypothesis
import pytest
from hypothesis import strategies as st

from app.dialects.sse import SseReader
from app.domain.errors import PatchbayError
from app.domain.redact import Redactor
from app.proxy.event_bound import EventBound
from app.proxy.held import Held
from tests.acceptance.contract import alive
from tests.fakes.scripted import whole
from tests.fakes.wires import WIRES

LIMITS = {"max_in_flight_per_key": 64}
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=20), st.just("user")
)
VALUES = st.recursive(
    SCALARS, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3)
)
NAMES = (
    *("role", "content", "type", "text", "name", "id", "input", "tool_use_id", "source", "system", "thinking", "index"),
    *(
        "arguments",
        "function",
        "tool_calls",
        "tool_call_id",
        "image_url",
        "cache_control",
        "parameters",
        "input_schema",
    ),
)
PARTS = st.dictionaries(
    st.sampled_from(NAMES), VALUES | st.sampled_from(["text", "tool_use", "user", "tool"]), max_size=5
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["A:model-a", "C:model-c", "A:x"]) | VALUES,
        "messages": st.lists(PARTS | VALUES, max_size=4) | VALUES,
        "max_tokens": st.integers(1, 100) | VALUES,
        "stream": st.booleans() | VALUES,
        "tools": st.lists(PARTS, max_size=3) | VALUES,
        **dict.fromkeys(("system", "temperature", "tool_choice", "metadata", "stop_sequences", "thinking"), VALUES),
        **dict.fromkeys(("stop", "response_format", "n", "user", "reasoning_effort", "stream_options"), VALUES),
    },
)


async def swarm(p, wire, count, seed):
    """So many requests of the grammar, eight at a time; every status that came, and the worst of it."""
    generated = []

    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, derandomize=True, phases=(hypothesis.Phase.generate,)
    )
    @hypothesis.given(BODIES)
    @hypothesis.seed(seed)
    def collect(body):
        generated.append(json.dumps(body).encode())

    collect()
    statuses: dict[int, bytes] = {}
    queue = list(generated)

    async def worker():
        while queue:
            body = queue.pop()
            reply = await p.ask(wire.path, body, *wire.headers)
            statuses[reply.status] = body

    await asyncio.gather(*(worker() for _ in range(8)))
    return statuses


async def never_a_failure_of_ours(p, wire, count, seed=1):
    p.upstream.script = whole(wire.whole())
    statuses = await swarm(p, wire, count, seed)
    await p.upstream.hang_up()
    await p.settle()
    allowed = {200, 400, 404, 413, 502}  # 502: the scripted answer is in the other dialect, or no stream
    assert set(statuses) <= allowed, {status: body for status, body in statuses.items() if status not in allowed}
    assert 400 in statuses
    await alive(p)
    log = (p.data_dir / "logs" / "patchbay.log").read_text("utf-8")
    assert "Traceback" not in log


@pytest.mark.time_limit(60)
@pytest.mark.parametrize("wire", WIRES, ids=["anthropic", "chat"])
async def test_l01_no_request_is_a_failure_of_ours(p, wire):
    await never_a_failure_of_ours(p, wire, 150)


@pytest.mark.slow
@pytest.mark.time_limit(600)
@pytest.mark.timeout(700)
@pytest.mark.parametrize("wire", WIRES, ids=["anthropic", "chat"])
async def test_l01_of_five_thousand(p, wire):
    for seed in range(10):
        await never_a_failure_of_ours(p, wire, 500, seed)


@hypothesis.given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"data: x\n", b"\n", b"\r\n", b"\r", b"event: e\n"]))
)
def test_l07_any_bytes_are_events_or_the_one_declared_error(chunks):
    reader, bound, held = SseReader(500), EventBound(500), Held()
    try:
        for chunk in chunks:
            reader.feed(chunk)
        reader.close()
    except PatchbayError:
        pass
    for chunk in chunks:
        bound.keeps(chunk)
    assert b"".join([*map(held.take, chunks), held.rest()]) == b"".join(chunks)


PATTERNS = [
    b"a",
    b"\n",
    b"data: x\n\n",
    b"data:",
    b"\r",
    b": c\n",
    b"sk-ant-",
    b"eyJ",
    b"-----BEGIN PRIVATE KEY-----",
    b"Bearer ",
]


def spent_s(what, size, pattern):
    data = (pattern * (size // len(pattern) + 1))[:size]
    runs = []
    for _ in range(3):
        began = time.perf_counter()
        what(data)
        runs.append(time.perf_counter() - began)
    return min(runs)


def split(data):
    reader = SseReader(10**9)
    for at in range(0, len(data), 4096):
        reader.feed(data[at : at + 4096])


def hold(data):
    held = Held()
    for at in range(0, len(data), 4096):
        held.take(data[at : at + 4096])


@pytest.mark.parametrize("what", [split, hold, Redactor(("secret-of-ours-1",)).data], ids=["sse", "held", "redactor"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_l07_ten_times_as_much_takes_ten_times_as_long(what, pattern):
    """Linear: a constant that is paid once makes the ratio smaller, never larger."""
    small, large = spent_s(what, 100_000, pattern), spent_s(what, 1_000_000, pattern)
    assert large < 30 * max(small, 0.001)


async def test_l07_noise_on_the_wire_leaves_nothing_behind(p):
    noise = random.Random(7)
    before = await p.figures()
    for _ in range(150):
        async with await p.connect() as client:
            await client.send(noise.randbytes(noise.randint(1, 300)) + noise.choice([b"", b"\r\n\r\n"]))
            client.writer.write_eof()
            await client.ended()
    async with asyncio.timeout(5):
        while (await p.figures()).connections:
            await asyncio.sleep(0.02)
    after = await p.figures()
    assert after.fds <= before.fds + 1
    assert after.rss_mb - before.rss_mb < 8
    await alive(p)
