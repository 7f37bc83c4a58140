from __future__ import annotations

from app.domain.measure import Flight, Latency, Meter
from tests.fakes.services import FakeServices
from tests.ui.charts.conftest import NOW_S


async def test_it_counts_what_runs_and_marks_what_failed(make):
    services = FakeServices.empty()
    services.insight.meter = meter = Meter()
    for number in range(6):
        meter.begin(NOW_S - 60, Flight(f"f{number}", "Anthropic", "m", NOW_S - 60))
    meter.end(NOW_S - 30, Latency(NOW_S - 30, "f0", "Anthropic", None, 30_000, False))
    chart = await make("flights", services)
    assert chart.read_at(-45.0)[0] == {"running": "6"}
    assert chart.read_at(-29.9)[0] == {"running": "6", "failed": "1"}
    assert chart.read_at(-10.0)[0] == {"running": "5"}
    assert chart.read_at(None)[0] == {"running": "5"}
    assert [text for _, text in chart.plot._ticks["left"]] == ["0", "3", "6"]
    assert chart.describe() == "5 requests in flight now, at most 6 at once in the last 5 min; 1 failed."
