from __future__ import annotations

import pytest

from app.ui import tray_host
from app.ui.tray_host import TrayHost


@pytest.fixture
def desk(qapp):
    there = [False]
    host = TrayHost(ask=lambda: there[0], quick_ms=10_000_000)
    heard = []
    host.came.connect(lambda: heard.append("came"))
    host.went.connect(lambda: heard.append("went"))
    yield host, there, heard
    host.stop()


def test_edges_are_told_once(desk):
    host, there, heard = desk
    host.start()
    assert heard == []
    there[0] = True
    host._look()
    host._look()
    assert heard == ["came"]
    assert host.there
    there[0] = False
    host._look()
    there[0] = True
    host._look()
    assert heard == ["came", "went", "came"]


def test_a_panel_that_is_there_is_told_at_the_start(desk):
    host, there, heard = desk
    there[0] = True
    host.start()
    assert heard == ["came"]


def test_the_looks_become_rare(desk):
    host, _, _ = desk
    host.start()
    for _ in range(tray_host.QUICK_TIMES):
        host._look()
    assert host._timer.interval() == tray_host.SLOW_MS
