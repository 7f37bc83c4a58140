from __future__ import annotations

import asyncio
import time

import pytest

from app.system.clock import ResumeDetector, SystemClock, watch_for_resume


class HandClock:
    def __init__(self):
        self.wall_s = self.monotonic_s = 1000.0

    def pass_time(self, wall_s, monotonic_s):
        self.wall_s += wall_s
        self.monotonic_s += monotonic_s

    def now_us(self):
        return int(self.wall_s * 1e6)

    def monotonic_ns(self):
        return int(self.monotonic_s * 1e9)


def test_the_system_clock_tells_the_units_it_says():
    clock = SystemClock()
    assert abs(clock.now_us() / 1e6 - time.time()) < 5
    assert abs(clock.monotonic_ns() / 1e9 - time.monotonic()) < 5


@pytest.mark.parametrize(
    ("wall_s", "monotonic_s", "slept_s"),
    [
        (15, 15, 0),
        (40, 15, 0),  # the clock was set a little
        (-7200, 15, 0),  # set back two hours
        (3615, 15, 3600),  # Linux, macOS: the monotonic clock stood still
        (3615, 3615, 3600),  # Windows: it went on, and the question comes late
    ],
)
def test_a_sleep_is_told_from_ordinary_time(wall_s, monotonic_s, slept_s):
    clock = HandClock()
    detector = ResumeDetector(clock)
    clock.pass_time(wall_s, monotonic_s)
    assert detector.slept_s() == slept_s
    clock.pass_time(15, 15)
    assert detector.slept_s() == 0


async def test_the_watcher_tells_each_sleep_once():
    clock, told = HandClock(), []
    task = asyncio.get_running_loop().create_task(watch_for_resume(clock, told.append, every_s=0.01), name="resume")
    await asyncio.sleep(0.03)
    clock.pass_time(600, 0)
    while not told:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.03)
    task.cancel()
    assert told == [600]
