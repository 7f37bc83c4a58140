from __future__ import annotations

import asyncio


async def test_callbacks_run_in_the_order_they_were_given():
    loop, seen = asyncio.get_running_loop(), []
    loop.call_later(0, seen.append, 2)
    loop.call_soon(seen.append, 1)
    await asyncio.sleep(0.01)
    assert seen == [1, 2]
