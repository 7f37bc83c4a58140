from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from app.domain.errors import ConfigError
from app.domain.routing import Routing, Strategy
from app.ui.pages.routes_order import RoutesOrder, in_order
from app.ui.widgets.reorder_list import ITEM_HEIGHT
from tests.fakes import sample
from tests.ui.conftest import until

NAMES = ("Anthropic", "OpenAI work", "Ollama")


@pytest.fixture
def part(show, services, tasks):
    made = RoutesOrder(services, tasks)
    services.status.subscribe(lambda status: made.show_status(status, time.time_ns() // 1_000))
    made.show_status(services.status.current, sample.NOW_US)
    return show(made, 420, 640)


def test_who_is_not_named_comes_after_as_in_the_file():
    status = sample.status(routing=Routing(order=("Ollama", "gone")))
    assert [one.name for one in in_order(status)] == ["Ollama", "Anthropic", "OpenAI work"]


async def test_the_keyboard_puts_providers_in_order(part, services, qtbot):
    part.list.select(2)
    qtbot.keyClick(part.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: services.asked("order") == [(("Anthropic", "Ollama", "OpenAI work"),)])
    assert part.list.rows.keys == ("Anthropic", "Ollama", "OpenAI work")
    assert part.list.row == 1
    assert part.list.rows.listed(1).number == "2"


async def test_a_drag_puts_providers_in_order(part, services, qtbot):
    port = part.list.viewport()
    start = part.list.visualRect(part.list.rows.index(0)).center()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(port, start + QPoint(0, 30))
    qtbot.mouseMove(port, QPoint(start.x(), 3 * ITEM_HEIGHT))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(start.x(), 3 * ITEM_HEIGHT))
    await until(lambda: services.asked("order") == [(("OpenAI work", "Ollama", "Anthropic"),)])


async def test_the_buttons_move_and_know_the_ends(part, services, qtbot):
    part.list.select(0)
    assert not part.up.isEnabled()
    qtbot.mouseClick(part.down, Qt.MouseButton.LeftButton)
    await until(lambda: services.asked("order"))
    assert part.list.rows.keys[1] == "Anthropic"
    part.list.select(2)
    assert not part.down.isEnabled()


async def test_an_order_that_cannot_be_kept_is_taken_back(part, services, tasks):
    heard = []
    tasks.failed.connect(heard.append)
    services.routes.errors["order"] = ConfigError("the disk is full")
    part.list.select(0)
    part.list.step(1)
    await until(lambda: heard)
    assert part.list.rows.keys == NAMES


async def test_who_may_stand_in_is_ticked(part, services, qtbot):
    part.list.select(2)
    qtbot.keyClick(part.list, Qt.Key.Key_Space)
    await until(lambda: services.asked("failover") == [("Ollama", False)])
    assert part.list.rows.listed(2).ticked is False


async def test_strategy_affinity_and_checks(part, services):
    part.strategy.activated.emit(part.strategy.findData("latency"))
    await until(lambda: services.asked("strategy") == [(Strategy.LATENCY,)])
    assert part.strategy.currentText() == "Fastest"
    assert part.strategy_row.field.accessibleDescription().startswith("Whoever lately began to answer soonest.")
    part.affinity.click()
    await until(lambda: services.asked("affinity") == [(False,)])
    part.checks.activated.emit(part.checks.findData(300))
    await until(lambda: services.asked("health_checks") == [(300,)])


async def test_another_number_in_the_file_is_shown(part, services):
    services.status.set(routing=Routing(health_check_s=77))
    assert part.checks.currentText() == "Every 77 s"


async def test_each_says_how_it_stands(part, services):
    first, *others = services.status.current.providers
    soon_us = time.time_ns() // 1_000 + 600_000_000
    services.status.set(providers=(replace(first, resting_until_us=soon_us, resting_why="rate limited"), *others))
    note = part.list.rows.listed(0).note
    assert note.startswith("preferred  ·  rests until ")
    assert note.endswith(": rate limited")
    assert part.list.rows.listed(2).note == "not used yet"


async def test_the_strategy_says_when_it_decides_nothing(part, services):
    def hint():
        return part.strategy_row.field.accessibleDescription()

    services.status.set(auto=True)
    assert hint() == "The first of the list that can answer."
    services.status.set(auto=False)
    assert hint() == "The first of the list that can answer. It orders those that stand in for Anthropic."
    services.status.set(only=True)
    assert hint() == "Not used now: requests go to Anthropic only."
