"""A compressed answer that would fill the memory: stopped at its budget, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
from dataclasses import replace

import brotli
import pytest
import zstandard

from tests.fakes.rig import QUICK
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

MIB = 1024 * 1024
ZEROS = bytes(64 * MIB)
BOMBS = {
    "gzip": lambda: gzip.compress(ZEROS, 9),
    "br": lambda: brotli.compress(ZEROS, quality=1),
    "zstd": lambda: zstandard.compress(ZEROS, 1),
}


async def longest_pause(until):
    longest, before = 0.0, time.perf_counter()
    while not until.is_set():
        await asyncio.sleep(0.001)
        longest, before = max(longest, time.perf_counter() - before), time.perf_counter()
    return longest


@pytest.mark.parametrize("coding", BOMBS)
async def test_a_bomb_costs_little(rig, coding):
    budget = 16 * MIB
    rig.configure(ANTHROPIC, limits=replace(QUICK, max_reply_bytes=budget, reply_total_s=10.0))
    bomb = BOMBS[coding]()
    rig.upstream.script = whole(bomb, f"Content-Encoding: {coding}")
    done = asyncio.Event()
    watching = asyncio.get_running_loop().create_task(longest_pause(done), name="watch the loop")
    tracemalloc.start()
    reply = await rig.chat(ANTHROPIC)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    done.set()
    assert await watching < 0.5
    assert reply.status == 502
    assert peak < 2 * budget
    assert (await rig.row()).error_kind == "bad_upstream_reply"
