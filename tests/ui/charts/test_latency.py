from __future__ import annotations

import numpy as np

from app.domain.measure import Latency, Meter
from tests.fakes.services import FakeServices
from tests.ui.charts.conftest import NOW_S


async def test_a_click_on_a_latency_leads_to_its_exchange(make):
    chart = await make("latency")
    heard = []
    chart.open_exchange.connect(heard.append)
    points = chart._points
    x = points.at_s[-1] - chart.origin_s
    chart.plot.clicked.emit(x, 3.0)
    assert heard == [points.exchange_ids[-1]]
    chart.plot.clicked.emit(x + 1_000, 3.0)
    assert len(heard) == 1


async def test_failures_are_told_from_answers_by_their_shape(make):
    services = FakeServices.empty()
    services.insight.meter = meter = Meter()
    meter.end(NOW_S - 9, Latency(NOW_S - 9, "good", "Anthropic", 400, 4_000, True))
    meter.end(NOW_S - 5, Latency(NOW_S - 5, "bad", "Anthropic", None, 900, False))
    chart = await make("latency", services)
    assert {key: len(dots.data) for key, dots in chart._dots.items()} == {"first": 1, "total": 1, "failed": 1}
    assert chart._dots["failed"].opts["symbol"] != chart._dots["total"].opts["symbol"]
    values, moment = chart.read_at(chart.origin_s - chart.origin_s - 5.0)
    assert values == {"first": "–", "failed": "900\u00a0ms"}
    assert moment.startswith("Anthropic, ")


async def test_without_a_cursor_medians_are_read(make):
    services = FakeServices.empty()
    services.insight.meter = meter = Meter()
    for number, first in enumerate((100, 200, 9_000)):
        meter.end(NOW_S - 9, Latency(NOW_S - 9, f"e{number}", "Anthropic", first, first * 10, True))
    chart = await make("latency", services)
    assert chart.read_at(None) == ({"first": "200\u00a0ms", "total": "2.0\u00a0s", "failed": ""}, "")


async def test_the_axis_holds_every_point(make):
    chart = await make("latency")
    low, high = chart.plot.getPlotItem().vb.viewRange()[1]
    every = np.concatenate((chart._points.first_token_ms, chart._points.total_ms))
    every = np.log10(every[np.isfinite(every)])
    assert low < every.min()
    assert high > every.max()
