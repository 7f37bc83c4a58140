"""What clients, providers and models say is text wherever it is shown: never HTML, never a link that is followed."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QModelIndex
from PySide6.QtGui import QAction, QHelpEvent, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QListView,
    QMessageBox,
    QPlainTextEdit,
    QTextBrowser,
    QTextEdit,
    QToolTip,
    QWidget,
)

from app.domain.budget import Scope
from app.domain.exchange import Detail, State, StoredSide
from app.domain.provider import Account, Secret
from app.domain.routing import Choice, Pin, Routing, Rule
from app.domain.settings import Theme
from app.domain.status import Notice, Severity
from app.importers.report import ImportReport
from app.ui.dialogs.about import open_about
from app.ui.dialogs.account_editor import open_account
from app.ui.dialogs.budget_editor import open_budget
from app.ui.dialogs.export import open_export
from app.ui.dialogs.importer import open_preview
from app.ui.dialogs.key_editor import open_key
from app.ui.dialogs.key_rotation import open_rotation
from app.ui.dialogs.key_text import open_key_text
from app.ui.dialogs.login import open_login
from app.ui.dialogs.message import tell
from app.ui.dialogs.models_editor import open_models
from app.ui.dialogs.pin_editor import open_pin
from app.ui.dialogs.provider_editor import open_editor
from app.ui.dialogs.rule_editor import open_rule
from app.ui.pages import load
from tests.fakes import limits, sample
from tests.fakes.conversations import agent_detail
from tests.fakes.services import FakeServices, ProbeResult
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down

PROBE = "probe.png"


def canary(port):
    return f'<h1>x</h1><img src="http://127.0.0.1:{port}/{PROBE}"><a href="file:///etc/passwd">&amp;</a>'


@pytest.fixture
async def port():
    """A port that nobody may knock at."""
    knocks = []

    async def knocked(_reader, writer):
        knocks.append(1)
        writer.close()

    server = await asyncio.start_server(knocked, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    assert knocks == []


@pytest.fixture
def services(port, tmp_path):
    evil = canary(port)
    status = sample.status(
        providers=tuple(
            replace(
                one,
                name=f"{evil}{one.name}",
                vendor_label=evil,
                health_text=evil,
                base_url=f"https://x/{evil}",
                credential_source=evil,
                models=(evil,),
            )
            for one in sample.providers()
        ),
        active=f"{evil}Anthropic",
        detail=evil,
        notices=(Notice("n", Severity.ERROR, evil),),
        routing=Routing(
            rules=(
                Rule(
                    evil,
                    models=(evil,),
                    keys=(evil,),
                    clients=(evil,),
                    to=(Choice(evil, evil), Choice(f"{evil}Ollama")),
                ),
            ),
            pins=(Pin(evil, Choice(evil, evil), evil),),
        ),
    )
    made = FakeServices(status, tmp_path)
    made.insight.rows = tuple(
        replace(
            row, client=evil, client_key=evil, session_id=evil, provider=evil, vendor=evil, requested_model=evil,
            sent_model=f"{evil}2", error=evil, error_kind=evil, stop_reason=evil,
            state=(State.FAILED, State.DONE)[at % 2],
        )
        for at, row in enumerate(sample.rows(40))
    )  # fmt: skip
    now_us = time.time_ns() // 1_000
    made.keys.kept = tuple(
        replace(
            key, name=f"{evil}{key.name}", tags=(evil,), policy=replace(key.policy, models=(evil,), clients=(evil,))
        )
        for key in limits.keys(now_us)
    )
    made.status.set(
        budgets=tuple(
            replace(one, budget=replace(one.budget, subject=evil))
            if one.budget.scope in (Scope.MODEL, Scope.PROVIDER)
            else one
            for one in limits.standings(now_us)
        )
    )
    made.insight.detail = lambda _id: _detail(made.insight.rows[0], evil)
    made.providers.probe = ProbeResult(False, evil, (evil,))
    made.imports.report = ImportReport(1, 0, (evil,), (replace(made.providers.entries()[0], base_url=evil),))
    return made


async def _detail(row, evil) -> Detail:
    body = json.dumps({"messages": [{"role": "user", "content": evil}], "tools": [{"name": evil}], evil: evil}).encode()
    headers = ((evil, evil), ("content-encoding", evil))
    one = StoredSide(evil, headers, body, len(body))
    detail = agent_detail(row)
    attempts = tuple(replace(each, provider=evil, model=evil, error=evil) for each in detail.attempts)
    return replace(
        detail, row=row, client_request=one, upstream_request=one, upstream_reply=one, client_reply=one, answer=evil,
        dropped=(evil,), attempts=attempts,
    )  # fmt: skip


def check(widget: QWidget) -> int:
    """Every text of a widget; gives how many of them hold the canary literally."""
    assert not isinstance(widget, QTextBrowser | QMessageBox), widget
    assert not isinstance(widget, QTextEdit), widget
    seen = 0
    if isinstance(widget, QLabel):
        text = widget.text()
        if Qt.mightBeRichText(text):
            assert widget.textFormat() is Qt.TextFormat.PlainText, (widget, text)
        assert not widget.openExternalLinks()
        seen += PROBE in text
    if isinstance(widget, QPlainTextEdit):
        seen += PROBE in widget.toPlainText()
    if isinstance(widget, QAbstractButton):
        seen += PROBE in widget.text()
    for action in widget.findChildren(QAction, options=Qt.FindChildOption.FindDirectChildrenOnly):
        assert_plain(action.toolTip())
    assert_plain(widget.toolTip())
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        seen += check_items(widget)
    return seen


def check_items(view: QAbstractItemView) -> int:
    seen = 0
    model = view.model()
    for row in range(min(model.rowCount(QModelIndex()), 5)):
        for column in range(1 if isinstance(view, QListView) else model.columnCount(QModelIndex())):
            index = model.index(row, column)
            seen += PROBE in str(index.data())
            tip = index.data(Qt.ItemDataRole.ToolTipRole)
            if tip:
                assert_plain(tip)
    return seen


def assert_plain(tip: str) -> None:
    """A tooltip has no plain mode: what looks like HTML must have been escaped."""
    if PROBE in tip:
        assert "<img" not in tip, tip


def check_all(top: QWidget) -> int:
    return sum(check(widget) for widget in (top, *top.findChildren(QWidget)))


async def test_every_page_shows_foreign_text_as_text(show, services, tasks, port, themes):
    seen = {}
    for kind in load():
        page = show(kind(services, tasks), 1200, 800)
        await asyncio.sleep(0.05)
        if kind.name == "history":
            await until(page.feed.model.rowCount)
            page.table.selectRow(0)
            await until(page.detail.isVisible)
            for place in range(page.detail.tabs.count()):
                page.detail.tabs.setCurrentIndex(place)
                await asyncio.sleep(0.1)
            page.detail.tabs.setCurrentIndex(1)
            page.detail.tabs.currentWidget().sides.button(1).click()
            await asyncio.sleep(0.1)
            page.table.customContextMenuRequested.emit(page.table.rect().center())
        if kind.name == "routes":
            page.attempt.pin.setCurrentIndex(1)
            for place in range(page.tabs.count()):
                page.tabs.setCurrentIndex(place)
                page.grab()
        if kind.name == "providers":
            page.panel.test.click()
            await until(lambda page=page: PROBE in page.panel.told.text())
        for wanted in (Theme.DARK, Theme.LIGHT):
            themes.use(wanted)
            QApplication.processEvents()
            page.grab()
        seen[kind.name] = check_all(page)
    assert seen["history"] > 5
    assert seen["providers"] > 5
    assert seen["live"] > 3
    assert seen["keys"] > 5
    assert seen["routes"] > 10
    assert seen["budgets"] >= 2


async def test_every_dialog_shows_foreign_text_as_text(show, services, tasks, port):
    evil, window = canary(port), show(QWidget(), 1000, 800)
    entry = services.providers.entries()[0]
    provider = replace(services.providers.provider(entry.name), big_models=(evil,), models=(f"{evil}3",))
    services.exports.errors["export"] = OSError(28, evil)
    dialogs = [
        open_editor(window, services, tasks, entry),
        open_models(window, services, tasks, entry, provider),
        open_preview(window, services, tasks, Path(f"{evil.replace('/', '')}.toml")),
        open_export(window, services, tasks, sample_filter(evil)),
        open_about(window, services, tasks),
        tell(window, evil, evil),
        open_key(window, services, tasks, services.keys.kept[1], now_us=0, made=lambda *_: None),
        open_rotation(window, services, tasks, services.keys.kept[1], lambda *_: None),
        open_key_text(window, services, tasks, Secret("pb_x"), evil),
        open_budget(window, services, tasks, services.status.current.budgets[0].budget),
        open_account(window, services, tasks, evil, Account(evil[:32], evil), saved=lambda _name: None),
        open_login(window, services, tasks, evil, [evil]),
        open_rule(window, services, tasks, 0),
        open_pin(window, services, tasks, services.status.current.routing.pins[0], saved=lambda _name: None),
    ]
    dialogs[0].test.click()
    dialogs[1].fetch.click()
    dialogs[3].export(Path(f"/nowhere/{PROBE}<b>.csv"))
    await asyncio.sleep(0.2)
    await until(lambda: check_all(dialogs[2]))
    seen = []
    for dialog in dialogs:
        dialog.grab()
        seen.append(check_all(dialog))
        take_down(dialog, tasks)
    assert min(seen[:4] + seen[5:6] + seen[7:9]) >= 1, seen  # a long name is cut in the others


def sample_filter(evil):
    from app.domain.exchange import Filter

    return Filter(providers=(evil,))


async def test_a_tooltip_over_a_foreign_name_is_drawn_without_a_look_at_the_network(show, services, tasks, port):
    page = show(next(kind for kind in load() if kind.name == "history")(services, tasks), 1200, 800)
    await until(page.feed.model.rowCount)
    for column in range(page.table.model().columnCount()):
        index: QModelIndex = page.table.model().index(1, column)
        place = page.table.visualRect(index).center()
        event = QHelpEvent(QEvent.Type.ToolTip, place, page.table.viewport().mapToGlobal(place))
        QApplication.sendEvent(page.table.viewport(), event)
        QApplication.processEvents()
        assert "<img" not in QToolTip.text()
    QToolTip.hideText()
