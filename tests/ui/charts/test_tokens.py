from __future__ import annotations

from app.domain.measure import Flight, Meter
from tests.fakes.services import FakeServices
from tests.ui.charts.conftest import NOW_S, picture


async def test_a_series_that_is_switched_off_is_not_drawn(make):
    chart = await make("tokens")
    color = chart.series[0].color().name()
    assert color in picture(chart)
    chart.legend._entries[0].click()
    chart.draw()
    assert color not in picture(chart)


async def test_each_half_has_a_scale_of_its_own(make):
    services = FakeServices.empty()
    services.insight.meter = meter = Meter()
    meter.begin(NOW_S - 20, Flight("a", "Anthropic", "m", NOW_S - 20))
    meter.tokens(NOW_S - 20, 90_000, 0)
    meter.tokens(NOW_S - 10, 0, 75)
    chart = await make("tokens", services)
    ticks = [text.replace("\u00a0", " ") for _, text in chart.plot._ticks["left"]]
    assert ticks == ["80", "40", "0", "50.0 k", "100 k"]


async def test_now_is_the_last_whole_second(make):
    services = FakeServices.empty()
    services.insight.meter = meter = Meter()
    meter.begin(NOW_S - 20, Flight("a", "Anthropic", "m", NOW_S - 20))
    meter.tokens(NOW_S - 1, 0, 60)
    meter.tokens(NOW_S, 0, 7)
    chart = await make("tokens", services)
    assert chart.read_at(None) == ({"output": "60.0", "input": "0"}, "")


async def test_a_request_that_waits_is_a_hairline_and_no_gap(make):
    services = FakeServices.empty()
    services.insight.meter = meter = Meter()
    meter.begin(NOW_S - 20, Flight("a", "Anthropic", "m", NOW_S - 20))
    chart = await make("tokens", services)
    heights = chart._areas["output"].yData
    assert ((heights > 0).sum(), (heights == 0).sum()) == (20, len(heights) - 20)
    assert chart.read_at(-5.0)[0] == {"output": "0", "input": "0"}
    assert chart.read_at(-100.0)[0] == {"output": "–", "input": "–"}
