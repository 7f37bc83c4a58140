from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.ui.icons import RESOURCES
from app.ui.pages.help import TOPICS, HelpPage
from tests.ui.conftest import until


@pytest.fixture
async def page(show, services, tasks):
    return show(HelpPage(services, tasks), 900, 700)


def words(page):
    return [label.text() for label in page.area.findChildren(QLabel)]


def test_every_topic_has_its_text_and_every_text_its_topic():
    assert {file.stem for file in (RESOURCES / "help").iterdir()} == {topic for topic, _ in TOPICS}
    for topic, name in TOPICS:
        assert (RESOURCES / "help" / f"{topic}.md").read_text("utf-8").startswith(f"# {name}\n")


async def test_it_opens_with_the_first_topic_and_goes_to_the_one_asked_for(page):
    await until(lambda: "Getting started" in words(page))
    page.arrive("security")
    await until(lambda: "Accepted risks" in words(page))
    assert page.topics["security"].isChecked()
    assert "Three steps" not in words(page)
    page.arrive("no such topic")
    await until(lambda: "Three steps" in words(page))


async def test_a_button_leads_to_its_topic(page, qtbot):
    await until(lambda: words(page))
    qtbot.mouseClick(page.topics["security"], Qt.MouseButton.LeftButton)
    await until(lambda: "Accepted risks" in words(page))


async def test_the_text_is_plain_can_be_copied_and_scrolled_by_keyboard(page, qtbot):
    page.arrive("security")
    await until(lambda: "Accepted risks" in words(page))
    labels = page.area.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    await until(lambda: page.area.verticalScrollBar().maximum())
    page.area.setFocus()
    qtbot.keyClick(page.area, Qt.Key.Key_PageDown)
    assert page.area.verticalScrollBar().value() > 0
