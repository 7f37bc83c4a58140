from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.domain.exchange import StoredSide
from app.ui.pages.detail.raw import RawTab
from tests.fakes import sample
from tests.fakes.conversations import agent_detail
from tests.ui.conftest import until

ROW = sample.rows(3)[2]


@pytest.fixture
def tab(show, tasks):
    return show(RawTab(tasks), 600, 600)


async def showing(tab, words):
    await until(lambda: words in tab.text.edit.toPlainText() and not tab.text._waiting)


async def test_each_side_is_one_click_away(tab, qtbot):
    tab.show_detail(agent_detail(ROW), "")
    await showing(tab, '"max_tokens": 32000')
    assert tab.about.text().startswith("POST /v1/messages?beta=true · ")
    for place, words in ((1, '"max_completion_tokens"'), (2, "The deadline works"), (3, "event: message_start")):
        qtbot.mouseClick(tab.sides.button(place), Qt.MouseButton.LeftButton)
        await showing(tab, words)


async def test_a_conversion_says_what_it_changed_and_shows_it(tab, qtbot):
    tab.show_detail(agent_detail(ROW), "")
    tab.sides.button(1).click()
    await showing(tab, '"max_completion_tokens"')
    assert "Only before: max_tokens" in tab.hints.text()
    assert "The conversion dropped: thinking.budget_tokens; metadata.user_id" in tab.hints.text()
    qtbot.mouseClick(tab.changes, Qt.MouseButton.LeftButton, pos=tab.changes.rect().center() / 4)
    await showing(tab, '-  "max_tokens": 32000,')


async def test_shared_bytes_are_named_and_shown(tab):
    tab.show_detail(agent_detail(ROW, passthrough=True), "")
    tab.sides.button(1).click()
    await until(lambda: "the same bytes as the client request" in tab.about.text())
    await showing(tab, '"max_tokens": 32000')
    assert not tab.changes.isEnabled()
    assert not tab.hints.isVisible()


async def test_the_exact_bytes_can_be_seen_and_copied(tab):
    detail = agent_detail(ROW)
    tab.show_detail(detail, "")
    await showing(tab, '\n  "max_tokens": 32000')
    tab.pretty.click()
    await showing(tab, '"max_tokens": 32000, "stream"')
    tab.copy.click()
    assert QGuiApplication.clipboard().text().encode() == detail.client_request.body


async def test_a_body_is_saved_as_it_was(tab, tmp_path):
    detail = agent_detail(ROW)
    tab.show_detail(detail, "")
    await showing(tab, "max_tokens")
    tab.save.click()
    chooser = tab.findChild(QFileDialog)
    assert chooser.isVisible()
    path = tmp_path / "body.json"
    chooser.fileSelected.emit(str(path))
    await until(path.exists)
    await until(lambda: path.read_bytes() == detail.client_request.body)
    chooser.reject()


async def test_compressed_missing_and_dropped_bodies_are_told_apart(tab):
    packed = gzip.compress(json.dumps({"hello": "there"}).encode())
    sides = {
        "gzip, shown unpacked": StoredSide("200 OK", (("content-encoding", "gzip"),), packed, len(packed)),
        "zstd": StoredSide("200 OK", (("content-encoding", "zstd"),), b"\x28\xb5\x2f\xfd", 4),
        "removed to keep the history within its size": StoredSide("POST /", (), b"", 9, dropped=True),
        "no body": StoredSide("POST /"),
        "the body was not recorded": StoredSide("POST /", (), b"", 12),
    }
    for words, side in sides.items():
        tab.show_detail(replace(agent_detail(ROW), client_request=side), "")
        await until(lambda words=words: words in tab.about.text())
        assert tab.copy.isEnabled() == bool(side.body)
        assert not tab.pretty.isEnabled() or words.startswith("gzip")


async def test_forgetting_lets_go_of_the_bodies(tab):
    tab.show_detail(agent_detail(ROW), "")
    await showing(tab, "max_tokens")
    tab.forget()
    assert tab._shown is None
    await until(lambda: not tab.text.edit.toPlainText())
