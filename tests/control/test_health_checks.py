"""Checks run in the background, one after the other, where the user wants them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from app.control.health_checks import HealthChecks


async def test_nothing_is_asked_unless_wanted_and_never_two_at_once(desk):
    await desk.begin()
    checks = HealthChecks(desk.core, desk.server)
    checks.tick()
    await asyncio.sleep(0)
    assert desk.server.calls == []
    desk.core.snapshots.configure(desk.snapshot.settings, (), replace(desk.snapshot.routing, health_check_s=60))
    gate, begun = asyncio.get_running_loop().create_future(), []

    async def check():
        begun.append(True)
        await gate

    desk.server.check_health = check
    checks.tick()
    await asyncio.sleep(0)
    checks.tick()
    await asyncio.sleep(0)
    assert len(begun) == 1
    gate.set_result(None)
    await asyncio.wait(desk.core.background.tasks, timeout=1)
    checks.tick()
    await asyncio.sleep(0)
    assert len(begun) == 2
