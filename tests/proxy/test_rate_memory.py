from __future__ import annotations

import asyncio
import time

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from app.proxy.rate_memory import MemoryStorage


class Now:
    def __init__(self):
        self.s = 1_000.0

    def __call__(self):
        return self.s


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def storage(now):
    return MemoryStorage(now)


async def test_the_moving_window_lets_exactly_so_many_through_in_any_minute(storage, now):
    limiter, item = MovingWindowRateLimiter(storage), RateLimitItemPerMinute(3)
    passed = []
    for _ in range(3_000):
        if await limiter.hit(item, "k"):
            passed.append(now.s)
        now.s += 0.37
    assert len(passed) > 30
    for first in passed:
        assert sum(first <= at < first + 60 for at in passed) <= 3
    for first, fourth in zip(passed, passed[3:], strict=False):
        assert fourth - first < 60 + 0.37, "nobody waits longer than a minute"


async def test_a_hit_counts_for_a_minute_and_not_a_moment_longer(storage, now):
    limiter, item = MovingWindowRateLimiter(storage), RateLimitItemPerMinute(1)
    assert await limiter.hit(item, "k")
    now.s += 59.999
    assert not await limiter.hit(item, "k")
    assert (await limiter.get_window_stats(item, "k")).reset_time == pytest.approx(1_060)
    now.s = 1_060.0
    assert await limiter.hit(item, "k")
    assert await limiter.hit(item, "other")


async def test_the_sliding_counter_weighs_the_minute_before(storage, now):
    now.s = 1_200.0  # a fixed window begins
    limiter, item = SlidingWindowCounterRateLimiter(storage), RateLimitItemPerMinute(100)
    assert await limiter.hit(item, "k", cost=80)
    assert not await limiter.hit(item, "k", cost=21)
    now.s = 1_260.0
    assert not await limiter.hit(item, "k", cost=21), "all of the minute before weighs"
    now.s = 1_290.0
    assert (await limiter.get_window_stats(item, "k")).remaining == 60
    assert await limiter.hit(item, "k", cost=60)
    assert not await limiter.hit(item, "k", cost=1)
    now.s = 1_400.0
    assert (await limiter.get_window_stats(item, "k")).remaining == 100
    await limiter.clear(item, "k")
    assert await limiter.hit(item, "k", cost=100)


async def test_it_can_be_emptied(storage):
    item = RateLimitItemPerMinute(1)
    limiter = MovingWindowRateLimiter(storage)
    await limiter.hit(item, "k")
    await limiter.clear(item, "k")
    assert await limiter.hit(item, "k")
    await SlidingWindowCounterRateLimiter(storage).hit(item, "k")
    assert await storage.reset() == 2
    assert await storage.check()
    assert await limiter.hit(item, "k")
    for work in (storage.incr("k", 60), storage.get("k"), storage.get_expiry("k")):
        with pytest.raises(NotImplementedError):
            await work


async def test_it_leaves_no_task_and_costs_little(storage):
    limiter, item = MovingWindowRateLimiter(storage), RateLimitItemPerMinute(1_000)
    before = asyncio.all_tasks()
    began = time.perf_counter()
    for number in range(1_000):
        await limiter.hit(item, f"k{number % 100}")
    spent_us = (time.perf_counter() - began) * 1e6 / 1_000
    assert asyncio.all_tasks() == before
    assert spent_us < 200, f"{spent_us:.0f} us a hit; it takes about 10 on an idle machine"
