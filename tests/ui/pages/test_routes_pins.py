from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from app.domain.client_key import ClientKey
from app.domain.routing import Choice, Pin, Routing
from app.ui.dialogs.message import Question
from app.ui.dialogs.pin_editor import PinEditor
from app.ui.pages.routes_pins import RoutesPins
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down

PINS = (Pin("website", Choice("Ollama", "qwen3-coder:30b")), Pin("ci", Choice("Gone"), "ci"))


@pytest.fixture
def part(show, services, tasks):
    services.keys.kept = (ClientKey("k1", "default"), ClientKey("k2", "ci"))
    services.status.set(routing=Routing(pins=PINS))
    made = RoutesPins(services, tasks)
    services.status.subscribe(made.show_status)
    made.show_status(services.status.current)
    return show(made, 460, 600)


async def test_each_pin_shows_where_it_leads_and_its_address(part):
    assert part.list.row == 0
    assert part.list.rows.listed(0).note == "Ollama › qwen3-coder:30b"
    assert part.list.rows.listed(1).note == "Gone › by tier  ·  client key ci"
    assert (part.list.rows.listed(0).color, part.list.rows.listed(1).color) == (2, None)
    assert part.address.text() == "http://127.0.0.1:8082/p/website"
    part.select("ci")
    assert part.address.text() == "http://127.0.0.1:8082/p/ci"


async def test_the_address_is_copied(part, qapp):
    heard = []
    part.said.connect(heard.append)
    part.copy.click()
    assert qapp.clipboard().text() == "http://127.0.0.1:8082/p/website"
    assert heard == ["Base URL of website copied"]


async def test_the_address_follows_the_port(part, services):
    services.status.set(port=9000)
    assert part.address.text() == "http://127.0.0.1:9000/p/website"


async def test_a_new_pin_is_selected(part, services):
    part.add.click()
    editor = part.findChild(PinEditor)
    editor.name.setText("blog")
    editor.action.click()
    await until(lambda: services.asked("put_pin") == [(Pin("blog", Choice("Anthropic")), "")])
    await until(lambda: part.list.row == 2)
    assert part.address.text().endswith("/p/blog")


async def test_a_pin_is_changed(part, services):
    part.select("ci")
    part.edit.click()
    editor = part.findChild(PinEditor)
    editor.name.setText("build")
    editor.action.click()
    await until(lambda: services.asked("put_pin") == [(Pin("build", Choice("Gone"), "ci"), "ci")])
    await until(lambda: part.address.text().endswith("/p/build"))


async def test_removing_asks_first(part, services):
    part.select("ci")
    part.remove.click()
    question = part.findChild(Question)
    assert "client key ci" in question.accessibleDescription()
    question.action.click()
    await until(lambda: services.asked("remove_pin") == [("ci",)])


async def test_without_pins_it_says_what_one_is_for(part, services, tasks):
    services.status.set(routing=Routing())
    assert part.empty.isVisible()
    next(one for one in part.empty.findChildren(QPushButton) if one.isVisible()).click()
    take_down(part.findChild(PinEditor), tasks)
