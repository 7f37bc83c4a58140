from __future__ import annotations

import math
import random

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.rate_windows import Windows
from tests.fakes.clock import HandClock


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def windows(clock):
    return Windows("memory", clock)


async def test_b11_after_the_wait_exactly_one_more_passes(windows, clock):
    for _ in range(5):
        assert (await windows.take_request("k", 5)).wait_s == 0
        clock.forward(3)
    standing = await windows.take_request("k", 5)
    assert (standing.limit, standing.left, standing.wait_s) == (5, 0, pytest.approx(45))
    clock.forward(math.ceil(standing.wait_s))
    assert (await windows.take_request("k", 5)).wait_s == 0
    assert (await windows.take_request("k", 5)).wait_s == pytest.approx(3)


async def test_another_limit_does_not_begin_the_window_anew(windows):
    for _ in range(5):
        await windows.take_request("k", 5)
    assert (await windows.take_request("k", 4)).wait_s
    standing = await windows.take_request("k", 7)
    assert (standing.left, standing.wait_s) == (1, 0)


async def test_the_clock_on_the_wall_does_not_matter(windows, clock):
    await windows.take_request("k", 1)
    clock.us -= 86_400_000_000
    assert (await windows.take_request("k", 1)).wait_s <= 60
    clock.forward(60)
    assert (await windows.take_request("k", 1)).wait_s == 0


async def test_tokens_that_were_used_count_and_those_that_would_not_fit_wait(windows, clock):
    assert (await windows.tokens("k", 1_000, 400)).left == 1_000
    await windows.take_tokens("k", 1_000, 700)
    assert (await windows.tokens("k", 1_000, 300)).wait_s == 0
    standing = await windows.tokens("k", 1_000, 301)
    assert standing.left == 300
    clock.forward(math.ceil(standing.wait_s))
    assert (await windows.tokens("k", 1_000, 301)).wait_s == 0


async def test_the_wait_for_tokens_is_long_enough_and_not_much_longer(windows, clock):
    chance = random.Random(11)
    for _ in range(400):
        await windows.take_tokens("k", 1_000, chance.randrange(1, 600))
        clock.forward(chance.random() * 40)
        wanted = chance.randrange(1, 1_001)
        wait_s = (await windows.tokens("k", 1_000, wanted)).wait_s
        if wait_s > 2:
            clock.forward(wait_s - 1.5)
            assert (await windows.tokens("k", 1_000, wanted)).wait_s > 0
            clock.forward(1.6)
            assert (await windows.tokens("k", 1_000, wanted)).wait_s == 0


async def test_more_than_the_limit_closes_the_window_and_no_more(windows, clock):
    await windows.take_tokens("k", 1_000, 300)
    await windows.take_tokens("k", 1_000, 50_000)
    standing = await windows.tokens("k", 1_000, 1)
    assert standing.left == 0
    clock.forward(120)
    assert (await windows.tokens("k", 1_000, 1_000)).wait_s == 0


async def test_a_shared_store_that_cannot_be_reached_admits_nobody(clock):
    with pytest.raises(PatchbayError) as found:
        Windows("redis://127.0.0.1:1/0", clock)
    assert found.value.kind is ErrorKind.LEDGER_UNAVAILABLE
