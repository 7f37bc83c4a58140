from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextFormat

from app.domain.exchange import StoredSide
from app.ui import theme
from app.ui.pages.detail.conversation import ConversationTab
from app.ui.widgets.striped_edit import STRIPE
from tests.fakes import sample
from tests.fakes.conversations import agent_detail
from tests.ui.conftest import until

DETAIL = agent_detail(sample.rows(3)[2])


async def opened(show, tasks, detail=DETAIL, words=""):
    tab = show(ConversationTab(tasks), 600, 600)
    tab.show_detail(detail, words)
    await until(lambda: tab.text.edit.toPlainText() and not tab.text._waiting)
    return tab


async def test_the_newest_turns_first_and_the_rest_on_demand(show, tasks, qtbot):
    tab = await opened(show, tasks)
    assert "Nothing else" in tab.text.edit.toPlainText()
    assert "earlier turns" in tab._before.text()
    qtbot.mouseClick(tab._whole, Qt.MouseButton.LeftButton)
    await until(lambda: "Add a timeout to the keyring calls." in tab.text.edit.toPlainText())


async def test_html_in_an_answer_is_text(show, tasks):
    tab = await opened(show, tasks)
    assert "<b>Nothing else</b> was touched. & the 214" in tab.text.edit.toPlainText()


async def test_speakers_have_stripes_and_thinking_is_quiet(show, tasks):
    tab = await opened(show, tasks)
    seen = {}
    block = tab.text.edit.document().begin()
    while block.isValid():
        if not block.begin().atEnd():
            look = block.begin().fragment().charFormat()
            seen[block.text()] = (look.property(STRIPE), look.foreground().color())
        block = block.next()
    assert seen["Assistant"][0] == "ok"
    assert seen["Tool"][0] == "warning"
    assert seen["All tests pass; I should sum up and check the formatting with one command."][1] == theme.color("muted")
    assert int(QTextFormat.Property.UserProperty) < STRIPE


async def test_searched_words_are_marked(show, tasks):
    tab = await opened(show, tasks, words="deadline")
    await until(tab.text.edit.extraSelections)
    assert {one.cursor.selectedText().lower() for one in tab.text.edit.extraSelections()} == {"deadline"}


async def test_a_lost_body_is_said(show, tasks):
    gone = StoredSide("POST /", (), b"", 900, dropped=True)
    detail = replace(DETAIL, client_request=gone, upstream_request=gone)
    tab = await opened(show, tasks, detail)
    assert "removed to keep the history within its size" in tab.text.edit.toPlainText()


async def test_a_slow_one_says_that_it_is_read_and_a_forgotten_one_is_not_shown(show, tasks):
    tab = show(ConversationTab(tasks), 600, 600)
    tab.show_detail(DETAIL, "")
    tab._slow.timeout.emit()
    await until(lambda: tab.text.edit.toPlainText() == "Reading the conversation…" or tab._read)
    tab.forget()
    await asyncio.sleep(0.05)
    assert tab.text.edit.toPlainText() == ""
    assert not tab._slow.isActive()
