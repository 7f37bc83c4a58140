"""Everything can be reached and told apart without a mouse and without eyes."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QTabWidget, QWidget

from app.domain.exchange import Filter
from app.domain.provider import Account, Secret
from app.domain.routing import Choice, Pin, Routing, Rule
from app.ui.dialogs.account_editor import open_account
from app.ui.dialogs.budget_editor import open_budget
from app.ui.dialogs.export import open_export
from app.ui.dialogs.importer import open_preview
from app.ui.dialogs.key_editor import open_key
from app.ui.dialogs.key_rotation import open_rotation
from app.ui.dialogs.key_text import open_key_text
from app.ui.dialogs.login import open_login
from app.ui.dialogs.models_editor import open_models
from app.ui.dialogs.period import open_period
from app.ui.dialogs.pin_editor import open_pin
from app.ui.dialogs.provider_editor import open_editor
from app.ui.dialogs.rule_editor import open_rule
from app.ui.pages import load
from tests.fakes import limits
from tests.fakes.accounts import give_accounts
from tests.fakes.services import FakeServices
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down

MENUS = frozenset("fvph")
"""File, View, Proxy and Help stand above every page."""


ROUTING = Routing(rules=(Rule("Long", min_tokens=5, to=(Choice("Ollama"),)),), pins=(Pin("web", Choice("Ollama")),))


def nameless(top: QWidget) -> list[str]:
    """Controls that Tab reaches and that nobody could announce."""
    found = []
    for widget in top.findChildren(QWidget):
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(top)
        inside = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QTabWidget)
        if reached and not inside and not said(widget):
            found.append(repr(widget))
    return found


def said(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text or (widget.placeholderText() if isinstance(widget, QLineEdit) else "")


def mnemonics(top: QWidget) -> Counter[str]:
    """The letters behind Alt among what is visible."""
    texts = [one.text() for one in top.findChildren(QAbstractButton) if one.isVisibleTo(top)]
    texts += [one.text() for one in top.findChildren(QLabel) if one.buddy() is not None and one.isVisibleTo(top)]
    for tabs in top.findChildren(QTabWidget):
        if tabs.isVisibleTo(top):
            texts += [tabs.tabText(place) for place in range(tabs.count())]
    found = (re.search(r"&([^&])", text.replace("&&", "")) for text in texts)
    return Counter(match.group(1).lower() for match in found if match)


def twice(top: QWidget) -> dict[str, int]:
    return {letter: times for letter, times in mnemonics(top).items() if times > 1}


@pytest.mark.parametrize("empty", [False, True], ids=["lively", "empty"])
async def test_every_page(show, services, tasks, empty):
    shown = FakeServices.empty() if empty else services
    if not empty:
        shown.keys.kept = limits.keys(10**15)
        shown.status.set(budgets=limits.standings(10**15))
    for kind in load():
        page = show(kind(shown, tasks), 1200, 900)
        await asyncio.sleep(0.05)
        if kind.name == "history" and not empty:
            await until(page.feed.model.rowCount)
            page.table.selectRow(1)
            await until(page.detail.isVisible)
            for place in range(page.detail.tabs.count()):
                page.detail.tabs.setCurrentIndex(place)
                assert nameless(page) == []
                assert twice(page) == {}, page.detail.tabs.tabText(place)
        if kind.name == "routes" and not empty:
            services.status.set(routing=ROUTING)
            for place in range(page.tabs.count()):
                page.tabs.setCurrentIndex(place)
                assert nameless(page) == []
                assert twice(page) == {}, page.tabs.tabText(place)
                assert not MENUS & set(mnemonics(page)), page.tabs.tabText(place)
        assert nameless(page) == [], kind.name
        assert twice(page) == {}, kind.name
        assert not MENUS & set(mnemonics(page)), kind.name


async def test_a_provider_with_several_accounts(show, services, tasks):
    give_accounts(services)
    services.accounts.offering["anthropic"] = "Anthropic"
    page = show(next(kind for kind in load() if kind.name == "providers")(services, tasks), 1200, 900)
    assert page.panel.accounts.table.isVisible()
    assert nameless(page) == []
    assert twice(page) == {}
    assert not MENUS & set(mnemonics(page))


async def test_every_dialog(show, services, tasks):
    services.keys.kept = limits.keys(10**15)
    services.status.set(budgets=limits.standings(10**15))
    window = show(QWidget(), 1000, 800)
    entry = services.providers.entries()[0]
    dialogs = [
        open_editor(window, services, tasks),
        open_editor(window, services, tasks, entry),
        open_models(window, services, tasks, entry, services.providers.provider(entry.name)),
        open_preview(window, services, tasks, Path("providers.toml")),
        open_export(window, services, tasks, Filter()),
        open_rule(window, services, tasks, None),
        open_pin(window, services, tasks, None, saved=lambda _name: None),
        open_period(window, 0, 0, 10**15, lambda *_: None),
        open_key(window, services, tasks, now_us=10**15, made=lambda *_: None),
        open_key(window, services, tasks, services.keys.kept[1], now_us=10**15, made=lambda *_: None),
        open_rotation(window, services, tasks, services.keys.kept[1], lambda *_: None),
        open_key_text(window, services, tasks, Secret("pb_x"), "laptop"),
        open_account(window, services, tasks, "Anthropic", None, saved=lambda _name: None),
        open_account(window, services, tasks, "Anthropic", Account("work"), saved=lambda _name: None),
        open_login(window, services, tasks, "Anthropic", ["work"]),
        open_budget(window, services, tasks),
        open_budget(window, services, tasks, services.status.current.budgets[0].budget),
    ]
    await asyncio.sleep(0.05)
    for dialog in dialogs:
        assert nameless(dialog) == [], dialog.windowTitle()
        if hasattr(dialog, "vendors") and dialog.vendors.isVisible():
            for row in range(dialog.vendors.count()):
                dialog.vendors.setCurrentRow(row)
                assert twice(dialog) == {}, dialog.vendors.currentItem().text()
        dialog.busy.start("Waiting…")
        assert twice(dialog) == {}, dialog.windowTitle()
        take_down(dialog, tasks)
