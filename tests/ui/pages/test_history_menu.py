from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.ui.pages.history_menu import row_menu
from tests.fakes import sample

ROW = sample.rows(5)[3]


@pytest.fixture
def made(show):
    window, calls = show(QWidget()), []

    def build(row):
        menu = row_menu(
            window,
            row,
            copy_rows=lambda: calls.append("rows"),
            copy_curl=lambda: calls.append("curl"),
            narrow=lambda **what: calls.append(what),
        )
        return menu, calls

    return build


def choose(menu, word):
    next(action for action in menu.actions() if word in action.text().replace("&", "")).trigger()


def test_every_entry_does_what_it_says(made):
    menu, calls = made(ROW)
    choose(menu, "Copy id")
    assert QGuiApplication.clipboard().text() == ROW.id
    for word in ("Copy row", "curl", "this provider", "this model", "this key", "this session"):
        choose(menu, word)
    assert calls == [
        "rows",
        "curl",
        {"provider": ROW.provider},
        {"model": ROW.sent_model},
        {"key": ROW.client_key},
        {"session_id": ROW.session_id},
    ]


def test_foreign_names_are_one_line_without_mnemonics_and_missing_ones_cannot_be_chosen(made):
    menu, _calls = made(replace(ROW, provider="A&B\n<b>", sent_model="", requested_model="", session_id=""))
    texts = [action.text() for action in menu.actions()]
    assert "Only this provider: A&&B <b>" in texts
    enabled = {action.text().split(":")[0].replace("&", ""): action.isEnabled() for action in menu.actions()}
    assert not enabled["Only this model"]
    assert not enabled["Only this session"]
