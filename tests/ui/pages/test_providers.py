from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from app.ui.dialogs.provider_editor import ProviderEditor
from app.ui.pages.providers import ProvidersPage
from app.ui.widgets.provider_list import radio_place
from tests.fakes import sample
from tests.fakes.services import FakeServices
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down


@pytest.fixture
def page(show, services, tasks):
    return show(ProvidersPage(services, tasks), 1100, 700)


async def test_the_active_one_is_shown_first(page):
    assert page.panel.name == "Anthropic"
    assert page.model.rowCount() == 3


async def test_selecting_shows_and_the_radio_switches(page, services, qtbot):
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.panel.name == "OpenAI work"
    third = radio_place(page.list.visualRect(page.model.index(2))).center()
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=third)
    await until(lambda: services.asked("use") == [("Ollama",)])
    assert services.status.current.active == "Ollama"


async def test_with_auto_none_is_marked_and_each_may_be_chosen(page, services):
    services.status.set(auto=True)
    assert not any(page.model.status(row).active for row in range(3))
    assert page.panel.use.isVisible()


async def test_a_provider_that_was_just_added_is_selected(page, services):
    added = sample.provider("Zed", color=3)
    services.status.set(providers=(*services.status.current.providers, added))
    assert page.panel.name == "Zed"


async def test_one_that_is_gone_gives_way_to_the_active_one(page, services):
    page.list.setCurrentIndex(page.model.index(2))
    services.status.set(providers=services.status.current.providers[:2])
    assert page.panel.name == "Anthropic"


async def test_news_keep_the_selection(page, services):
    page.list.setCurrentIndex(page.model.index(1))
    first, second, third = services.status.current.providers
    services.status.set(providers=(first, replace(second, health_text="answered now"), third))
    assert page.panel.name == "OpenAI work"
    assert page.panel.health.text() == "Answered now"


async def test_where_others_send_one(page, tasks):
    page.arrive("Ollama")
    assert page.panel.name == "Ollama"
    page.arrive("nobody")
    assert page.panel.name == "Ollama"
    page.arrive("add")
    editor = page.findChild(ProviderEditor)
    assert editor.isVisible()
    take_down(editor, tasks)
    page.arrive("import")
    chooser = page.findChild(QFileDialog)
    assert chooser.isVisible()
    chooser.reject()


async def test_without_any_it_leads_to_the_first(show, tasks, qtbot):
    page = show(ProvidersPage(FakeServices.empty(), tasks), 1100, 700)
    assert page._stack.currentWidget() is page.empty
    first = next(one for one in page.empty.findChildren(QPushButton) if one.isVisible())
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    editor = page.findChild(ProviderEditor)
    assert editor.isVisible()
    take_down(editor, tasks)


async def test_refresh_reads_the_file_anew(page, services):
    page.refresh()
    await until(lambda: services.asked("reload"))
