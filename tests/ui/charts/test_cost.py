from __future__ import annotations

import asyncio

from app.ui import theme
from tests.fakes import sample
from tests.fakes.services import FakeServices
from tests.ui.charts.conftest import picture


async def test_cost_is_stacked_in_the_colors_of_the_providers(make):
    chart = await make("cost")
    colors = set(picture(chart))
    assert theme.series(0).name() in colors
    assert theme.series(1).name() in colors
    values, words = chart.read_at(None)
    assert words == "last 24 h"
    total = sum(hour.cost_nusd for hour in sample.hours() if hour.provider == "Anthropic")
    assert values["Anthropic"] == f"${total / 1e9:.2f}"


async def test_cost_is_read_anew_when_the_history_grows_but_not_at_each_request(make, moment):
    services = FakeServices.lively()
    chart = await make("cost", services)
    assert len(services.asked("hours")) == 1
    services.insight.grow()
    chart.looks()
    assert len(services.asked("hours")) == 1
    moment.past_s += 6
    chart.looks()
    await asyncio.sleep(0.02)
    assert len(services.asked("hours")) == 2


async def test_a_provider_that_is_no_more_is_grey_and_named(make):
    services = FakeServices.lively()
    services.status.set(providers=services.status.current.providers[:1])
    chart = await make("cost", services)
    assert [one.label for one in (entry.series for entry in chart.legend._entries)] == ["Anthropic", "OpenAI work"]
    assert chart.legend._entries[1].series.number == 7


async def test_the_hour_under_the_cursor_is_read(make):
    chart = await make("cost")
    values, words = chart.read_at(23.5)
    last = max(hour.hour_us for hour in sample.hours())
    cost = next(hour.cost_nusd for hour in sample.hours() if hour.hour_us == last and hour.provider == "Anthropic")
    assert values["Anthropic"] == f"${cost / 1e9:.2f}"
    assert " to " in words
