"""A place that comes free at the very moment when the waiting for it is over."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from app.domain.errors import PatchbayError
from app.proxy.limiter import Limiter
from tests.fakes.rig import QUICK

ONE = replace(QUICK, in_flight=1, queue_wait_s=0.02)


async def test_a_place_given_as_time_runs_out_is_not_lost():
    limiter, loop = Limiter(), asyncio.get_running_loop()
    await limiter.enter(ONE)
    # Both are due when the loop looks again, the place first: the turn is given, then the waiting is called off.
    loop.call_later(0.01, limiter.leave, 0)
    loop.call_soon(time.sleep, 0.05)
    try:
        await limiter.enter(ONE)
    except PatchbayError:
        assert limiter.in_flight == 0, "the place is taken by nobody"
    else:
        assert limiter.in_flight == 1
        limiter.leave(0)
    await limiter.enter(ONE)
    assert limiter.in_flight == 1
