from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from app.control.keys import ENVIRONMENT
from app.domain.client_key import ClientKey
from app.domain.provider import Secret
from app.ui.dialogs.key_editor import KeyEditor
from app.ui.dialogs.key_rotation import RotationDialog
from app.ui.dialogs.key_text import KeyTextDialog
from app.ui.dialogs.message import Question
from app.ui.models.client_keys import NAME, STATE, USED
from app.ui.pages.keys import KeysPage
from tests.fakes.limits import TEXT, keys, standings
from tests.fakes.sample import NOW_US
from tests.fakes.services import FakeServices
from tests.ui.conftest import focus_chain, until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
async def page(show, services, tasks):
    services.keys.kept = keys(NOW_US)
    services.status.set(budgets=standings(NOW_US))
    made = show(KeysPage(services, tasks, now_us=lambda: NOW_US), 1100, 700)
    made.arrive("k-laptop")
    yield made
    for kind in (KeyEditor, RotationDialog, KeyTextDialog, Question):
        for dialog in made.findChildren(kind):
            take_down(dialog, tasks)


def cell(page, key_id, column):
    return page.model.index(page.model.place(key_id), column).data()


async def test_every_key_and_the_selected_one_in_words(page):
    assert page.model.rowCount() == 7
    assert page.summary.title.whole == "laptop"
    assert page.summary.words.text().startswith("May use claude-* from 192.168.1.0/24")
    assert page.summary.rows[0].amount.text() == "$15.80 of $20.00"
    assert not page.summary.rows[1].bar.isVisible()


async def test_creating_shows_the_text_once(page, services, qtbot):
    page.make.click()
    editor = page.findChild(KeyEditor)
    qtbot.keyClicks(editor.form.name, "robot")
    editor.action.click()
    await until(lambda: page.findChild(KeyTextDialog) is not None)
    shown = page.findChild(KeyTextDialog)
    assert shown.text.text() == TEXT
    assert page.model.place("id-robot") >= 0
    assert page.summary.title.whole == "robot"
    shown.copy.click()
    shown.action.click()
    assert closed(shown)


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_Return])
async def test_editing_from_the_keyboard(page, services, qtbot, key):
    qtbot.keyClick(page.table, key)
    editor = page.findChild(KeyEditor)
    assert editor.form.name.text() == "laptop"
    editor.form.name.setText("notebook")
    editor.action.click()
    await until(lambda: cell(page, "k-laptop", NAME) == "notebook")
    assert page.summary.title.whole == "notebook"


async def test_rotating_asks_for_the_overlap_and_shows_the_new_text(page, services):
    page.rotate.click()
    page.findChild(RotationDialog).action.click()
    await until(lambda: page.findChild(KeyTextDialog) is not None)
    assert services.asked("rotate") == [("k-laptop", 86_400)]
    assert page.findChild(KeyTextDialog)._secret == Secret(TEXT)


async def test_disabling_and_enabling(page, services):
    page.enable.click()
    await until(lambda: cell(page, "k-laptop", STATE) == "disabled")
    assert page.enable.text() == "E&nable"
    assert services.asked("change")[0][2].models == ("claude-*",)
    page.enable.click()
    await until(lambda: cell(page, "k-laptop", STATE) == "active")
    assert page.enable.text() == "&Disable"


async def test_revoking_says_what_happens_first(page, services, qtbot):
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    question = page.findChild(Question)
    assert "end within a second" in question.accessibleDescription()
    assert "Its budgets stay" in question.accessibleDescription()
    assert not question.action.isDefault()
    qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert services.asked("revoke") == []
    said = []
    page.said.connect(said.append)
    row = page.table.currentIndex().row()
    page.revoke.click()
    next(one for one in page.findChildren(Question) if not closed(one)).action.click()
    await until(lambda: said)
    assert said == ["Key laptop revoked"]
    assert page.model.place("k-laptop") < 0
    assert page.table.currentIndex().row() == row
    assert page.summary.title.whole == cell(page, page._chosen, NAME) != "laptop"


async def test_the_environments_key_cannot_be_changed_here(page, qtbot):
    page.arrive(ENVIRONMENT)
    assert not any(button.isEnabled() for button in (page.edit, page.rotate, page.enable, page.revoke))
    assert "changed there" in page.summary.words.text()
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    assert page.findChild(Question) is None
    assert page.findChild(KeyEditor) is None


async def test_lines_for_a_client(page, services):
    said = []
    page.said.connect(said.append)
    labels = [action.text() for action in page.copy.menu().actions()]
    assert labels[:3] == ["Claude Code", "Codex CLI", "Gemini CLI"]
    page.copy.menu().actions()[1].trigger()
    await until(lambda: said)
    assert "for codex" in QGuiApplication.clipboard().text()
    assert said == ["Settings for Codex CLI copied; paste them into a terminal"]


async def test_last_use_comes_from_control(page, services):
    services.keys.used = {"k-laptop": NOW_US - 120_000_000}
    page._look()
    await until(lambda: cell(page, "k-laptop", USED).endswith("ago"))


async def test_news_keep_the_selection(page, services):
    services.keys.kept = tuple(replace(key, name="zzz") if key.id == "k-ci" else key for key in services.keys.kept)
    services.status.set(in_flight=5)
    assert page.summary.title.whole == "laptop"
    assert page.table.currentIndex().row() == page.model.place("k-laptop")


async def test_a_key_made_elsewhere_shows_at_once_and_takes_no_selection(page, services):
    services.keys.kept += (ClientKey("k-aaa", "aaa"),)
    assert page.model.place("k-aaa") == 0
    assert page.summary.title.whole == "laptop"
    assert page._current().id == "k-laptop"


async def test_a_change_made_elsewhere_shows_at_once(page, services):
    off = [replace(key, policy=replace(key.policy, enabled=False)) for key in services.keys.kept]
    services.keys.kept = tuple(off)
    assert cell(page, "k-laptop", STATE) == "disabled"
    assert page.enable.text() == "E&nable"


async def test_a_key_revoked_elsewhere_leaves_none_selected(page, services):
    services.keys.kept = tuple(key for key in services.keys.kept if key.id != "k-laptop")
    assert page._current() is None
    assert not any(button.isEnabled() for button in (page.edit, page.rotate, page.enable, page.revoke))
    assert not page.summary.isVisible()
    services.keys.kept += (ClientKey("k-aaa", "aaa"),)
    assert page._current() is None


async def test_long_names_take_the_room_there_is(page, services):
    long = "ci runner, an extremely long name that goes on and on and on"
    services.keys.kept += (ClientKey("k-long", long),)
    page.arrive("k-long")
    page.resize(1800, 700)
    QApplication.processEvents()
    assert page.table.columnWidth(NAME) > page.table.fontMetrics().horizontalAdvance(long)
    assert page.summary.title.text() == long
    page.resize(1100, 700)
    QApplication.processEvents()
    assert page.table.horizontalScrollBar().maximum() == 0


async def test_nobody_looks_no_timer(page, services):
    assert page._tick.isActive()
    page.hide()
    assert not page._tick.isActive()
    asked = len(services.asked("used_lately"))
    services.status.set(in_flight=6)
    assert len(services.asked("used_lately")) == asked


async def test_what_fails_is_told(page, services, tasks):
    told = []
    tasks.failed.connect(told.append)
    services.keys.errors["change"] = OSError(28, "No space left on device")
    page.enable.click()
    await until(lambda: told)
    assert told[0].startswith("Could not change the client key: No space left")


async def test_the_context_menu_does_what_the_buttons_do(page):
    page.table.customContextMenuRequested.emit(QPoint(5, 5))
    menu = next(one for one in page.table.findChildren(QMenu) if one.isVisible())
    assert [action.text() for action in menu.actions()] == ["&Edit…", "&Rotate…", "&Disable", "Revo&ke…"]
    menu.close()


async def test_to_the_budgets_and_the_requests_of_this_key(page):
    went = []
    page.go_to.connect(lambda *where: went.append(where))
    page.summary.add.click()
    page.summary.more.click()
    page.summary.requests.click()
    assert went == [("budgets", "key k-laptop"), ("budgets", "b-key"), ("history", "key laptop")]


async def test_tab_goes_along_the_eye(page):
    foot = [page.summary.requests, page.summary.more, page.summary.add]
    wanted = [page.make, page.edit, page.rotate, page.enable, page.revoke, page.copy, page.table, *foot]
    assert [one for one in focus_chain(page.make) if one in wanted] == wanted
    assert page.focusProxy() is page.table


async def test_refresh_reads_anew(page, services):
    page.refresh()
    await until(lambda: services.asked("reload_keys"))


async def test_widths_are_remembered_and_nonsense_is_not(page, show, services, tasks):
    page.table.setColumnWidth(0, 222)
    other = show(KeysPage(services, tasks, now_us=lambda: NOW_US), 1100, 700)
    other.restore_layout(page.save_layout())
    assert other.table.columnWidth(0) == 222
    for state in (b"", b"{}", b"[1]", json.dumps({"version": 9, "table": ""}).encode()):
        other.restore_layout(state)
    assert other.table.columnWidth(0) == 222


async def test_without_any_it_leads_to_the_first(show, tasks, qtbot):
    page = show(KeysPage(FakeServices.empty(), tasks), 1100, 700)
    assert page._stack.currentWidget() is page.empty
    qtbot.mouseClick(next(one for one in page.empty.findChildren(QPushButton)), Qt.MouseButton.LeftButton)
    editor = page.findChild(KeyEditor)
    assert editor.isVisible()
    take_down(editor, tasks)
