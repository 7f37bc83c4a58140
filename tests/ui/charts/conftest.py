"""Charts over believable data, at a moment that the test moves on."""

from __future__ import annotations

import asyncio

import pytest

from app.ui.charts import CHARTS
from app.ui.charts.span import Span
from tests.fakes import sample
from tests.fakes.services import FakeServices

NOW_S = sample.MONOTONIC_S


class Moment:
    """A clock moved by hand, both kinds of time."""

    def __init__(self):
        self.past_s = 0.0

    def s(self):
        return NOW_S + self.past_s

    def us(self):
        return sample.NOW_US + int(self.past_s * 1_000_000)


@pytest.fixture
def moment():
    return Moment()


@pytest.fixture
def make(show, tasks, moment):
    async def make(name, services=None, width=600, height=240):
        entry = next(entry for entry in CHARTS if entry.name == name)
        made = entry.load()(services or FakeServices.lively(), tasks, Span(), now_s=moment.s, now_us=moment.us)
        show(made, width, height)
        made.looks()
        await asyncio.sleep(0.02)  # the cost is read
        made.draw()
        return made

    return make


def picture(chart):
    """The colors of its pixels."""
    image = chart.plot.grab().toImage()
    return [image.pixelColor(x, y).name() for x in range(60, image.width(), 3) for y in range(0, image.height(), 3)]
