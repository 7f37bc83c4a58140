from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from app.ui import warm_up

PROGRAM = """
import sys
from PySide6 import QtWidgets
from app.loop import run
from app.ui import warm_up
assert not {"numpy", "pyqtgraph", "app.ui.pages.history"} & set(sys.modules)

async def main():
    await warm_up.window()
    assert "app.ui.pages.history" in sys.modules
    assert not {"numpy", "pyqtgraph", "qtpy"} & set(sys.modules)
    await warm_up.charts()
    assert {"numpy.ma", "pyqtgraph", "app.ui.charts.tokens", "app.ui.charts.flights"} <= set(sys.modules)

run(main())
"""


def test_what_is_heavy_is_loaded_when_it_is_wanted_and_not_before():
    assert subprocess.run([sys.executable, "-c", PROGRAM], check=False, timeout=60).returncode == 0


@pytest.mark.timed
async def test_the_loop_goes_on_meanwhile(qapp, monkeypatch):
    monkeypatch.setattr(warm_up, "_named", set())
    turns = 0

    async def count():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.get_running_loop().create_task(count(), name="count")
    begun = time.perf_counter()
    await warm_up.charts()
    counting.cancel()
    assert turns >= (time.perf_counter() - begun) / 0.05
