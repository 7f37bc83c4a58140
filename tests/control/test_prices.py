from __future__ import annotations

import asyncio
import threading

import pytest

from app.control import prices as module
from app.control.background import Background
from app.control.prices import Prices
from app.domain.money import Price, PriceRule
from tests.fakes.clock import HandClock

LISTED = Price(1, 2, 3, 4, 5, source="the list")
LONG = Price(10, 20, 30, 40, 50, source="the list, long")
OWN = Price(7, 7, 7, 7, 7, source="patchbay.toml")


class List:
    """A price list that counts who asks it, and from where."""

    def __init__(self):
        self.asked = []
        self.threads = set()
        self.gate = threading.Event()
        self.gate.set()
        self.steps = ((100, LONG), (-1, LISTED))

    def __call__(self, vendor, model, at_us):
        self.threads.add(threading.current_thread())
        self.asked.append((vendor, model))
        assert self.gate.wait(5)
        return self.steps if vendor == "openai" else ()


@pytest.fixture
async def told():
    made = Background()
    yield made
    await made.close()


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def listed():
    return List()


async def test_the_list_is_asked_once_for_many_in_a_thread(told, clock, listed):
    prices = Prices(lambda: (), told, clock, listed)
    found = await asyncio.gather(*(prices.steps("openai", "gpt-5") for _ in range(50)))
    assert set(found) == {listed.steps}
    assert listed.asked == [("openai", "gpt-5")]
    assert threading.main_thread() not in listed.threads


async def test_the_loop_is_told_what_is_known_by_now_and_nothing_waits(told, clock, listed):
    prices = Prices(lambda: (), told, clock, listed)
    listed.gate.clear()
    assert prices.known("openai", "gpt-5") is None
    assert prices.known("openai", "gpt-5") is None
    listed.gate.set()
    await asyncio.gather(*told.tasks)
    assert prices.known("openai", "gpt-5") == listed.steps
    assert listed.asked == [("openai", "gpt-5")]


async def test_on_another_day_the_old_price_holds_until_the_new_one_is_there(told, clock, listed):
    prices = Prices(lambda: (), told, clock, listed)
    before = await prices.steps("openai", "gpt-5")
    clock.forward(86_400)
    listed.steps = ((-1, LONG),)
    assert prices.known("openai", "gpt-5") == before
    await asyncio.gather(*told.tasks)
    assert prices.known("openai", "gpt-5") == ((-1, LONG),)


async def test_the_users_price_wins_and_the_first_rule_that_fits_counts(told, clock, listed):
    rules = [PriceRule("gpt-*", OWN, provider="Mine"), PriceRule("gpt-*", LONG, provider="Mine")]
    prices = Prices(lambda: rules, told, clock, listed)
    assert prices.known("openai", "gpt-5", "Mine") == ((-1, OWN),)
    assert await prices.steps("openai", "gpt-5", "Other") == listed.steps
    assert prices.at("openai", "gpt-5", 0, 500, "Mine") == OWN
    assert prices.at("openai", "gpt-5", 0, 500, "Other") == LONG
    rules.clear()
    assert prices.at("openai", "gpt-5", 0, 0, "Mine") == LISTED


async def test_an_unknown_price_is_remembered_as_unknown(told, clock, listed):
    prices = Prices(lambda: (), told, clock, listed)
    assert await prices.steps("nobody", "x") == ()
    assert prices.known("nobody", "x") == ()
    assert prices.at("nobody", "x", 0) is None


async def test_a_list_that_fails_knows_no_price(told, clock, caplog):
    def broken(*_):
        raise RuntimeError("no data")

    assert await Prices(lambda: (), told, clock, broken).steps("openai", "x") == ()
    assert "the price list failed" in caplog.text


async def test_invented_names_do_not_fill_the_memory(told, clock, listed, monkeypatch):
    monkeypatch.setattr(module, "MOST_KNOWN", 4)
    prices = Prices(lambda: (), told, clock, listed)
    for number in range(20):
        await prices.steps("openai", f"invented-{number}")
    assert len(prices._known) <= 4


async def test_one_who_gives_up_does_not_end_the_question_for_the_others(told, clock, listed):
    prices = Prices(lambda: (), told, clock, listed)
    listed.gate.clear()
    first = asyncio.get_running_loop().create_task(prices.steps("openai", "gpt-5"), name="gives up")
    second = asyncio.get_running_loop().create_task(prices.steps("openai", "gpt-5"), name="stays")
    await asyncio.sleep(0)
    first.cancel()
    listed.gate.set()
    assert await second == listed.steps
    assert first.cancelled()
