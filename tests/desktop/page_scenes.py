"""Scenes of history, providers, settings, welcome and the dialogs, for `shots`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.budget import Period
from app.domain.exchange import Filter, State
from app.domain.periods import period_at
from app.domain.provider import CredentialState
from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Routing, Rule, Strategy
from app.domain.settings import AuthMode
from app.domain.status import Encryption, Health, VaultStatus
from tests.fakes.conversations import agent_detail
from tests.fakes.limits import keys, standings
from tests.fakes.services import FakeServices

if TYPE_CHECKING:
    from tests.desktop.shots import Stage


async def _history(stage: Stage):
    services = stage.lively()

    async def detail(exchange_id: str):
        return next((agent_detail(row) for row in services.insight.rows if row.id == exchange_id), None)

    services.insight.detail = detail
    await stage.open(services)
    stage.window.go("history")
    await stage.settle()
    return stage.window.current


async def history(stage: Stage) -> None:
    await _history(stage)
    stage.shot("history")


async def history_filters(stage: Stage) -> None:
    page = await _history(stage)
    page.filters.status.choose((State.FAILED, State.CANCELLED))
    page.filters.provider.choose(("Anthropic",))
    page.filters.clear_all.show()
    page.filters.provider.changed.emit()
    await stage.settle()
    page.filters.model.click()
    await stage.settle()
    stage.shot("history-filters")
    page.filters.model.menu().close()


async def history_detail(stage: Stage) -> None:
    page = await _history(stage)
    page.table.setCurrentIndex(page.feed.model.index(4, 0))
    await stage.settle(1.0)
    stage.shot("detail-conversation")
    tabs = page.detail.tabs
    tabs.widget(0)._whole.click()
    await stage.settle()
    stage.shot("detail-conversation-all")
    for place, name in enumerate(("raw", "headers", "timeline", "cost"), start=1):
        tabs.setCurrentIndex(place)
        await stage.settle()
        if name == "raw":
            tabs.currentWidget().sides.button(1).click()
            await stage.settle()
            stage.shot("detail-raw")
            tabs.currentWidget().changes.click()
            await stage.settle()
            stage.shot("detail-raw-changes")
        else:
            stage.shot(f"detail-{name}")


async def history_failed(stage: Stage) -> None:
    page = await _history(stage)
    place = next(at for at, row in enumerate(page.feed.model.rows) if row.state is State.FAILED)
    page.table.setCurrentIndex(page.feed.model.index(place, 0))
    await stage.settle(1.0)
    stage.shot("detail-failed")


async def history_empty(stage: Stage) -> None:
    await stage.open(FakeServices.empty())
    stage.window.go("history")
    await stage.settle()
    stage.shot("history-empty")


async def history_nothing(stage: Stage) -> None:
    page = await _history(stage)
    page.filters.search.setText("flux capacitor")
    await stage.settle(1.0)
    stage.shot("history-nothing")


async def export(stage: Stage) -> None:
    from app.ui.dialogs.export import open_export

    page = await _history(stage)
    dialog = open_export(page, stage.services, page._tasks, Filter(providers=("Anthropic",)))
    await stage.settle()
    stage.shot("export")
    dialog.export(Path("/nowhere/patchbay-2026-05-03.csv"))
    await stage.settle()
    stage.shot("export-done")
    dialog.accept()


async def erase(stage: Stage) -> None:
    from app.ui.dialogs.erase import EraseDialog

    page = await _history(stage)
    page.filters.narrow(provider="Anthropic")
    await stage.settle()
    page.totals.delete.click()
    await stage.settle()
    stage.shot("delete-question")
    for dialog in page.findChildren(EraseDialog):
        dialog.reject()


async def _providers(stage: Stage):
    await stage.open(stage.lively())
    stage.window.go("providers")
    await stage.settle()
    return stage.window.current


async def providers(stage: Stage) -> None:
    page = await _providers(stage)
    stage.shot("providers")
    page.list.setCurrentIndex(page.model.index(1))
    page.panel.test.click()
    await stage.settle()
    stage.shot("providers-tested")


async def providers_locked(stage: Stage) -> None:
    services = stage.lively()
    first, *rest = services.status.current.providers
    first = replace(
        first, credential=CredentialState.LOCKED, health=Health.DOWN, health_text="the system keyring is locked"
    )
    services.status.set(providers=(first, *rest))
    await stage.open(services)
    stage.window.go("providers")
    await stage.settle()
    stage.window.current.panel.busy.start("Waiting for the system keyring; it may ask for your password…")
    await stage.settle()
    stage.shot("providers-locked")
    stage.window.current.panel.busy.stop()


async def providers_empty(stage: Stage) -> None:
    await stage.open(FakeServices.empty())
    stage.window.go("providers")
    await stage.settle()
    stage.shot("providers-empty")


async def editor(stage: Stage) -> None:
    from app.ui.dialogs.provider_editor import open_editor

    page = await _providers(stage)
    dialog = open_editor(page, stage.services, page._tasks)
    await stage.settle()
    dialog.form.key.setText("sk-proj-not-the-right-one")
    dialog.test.click()
    await stage.settle()
    stage.shot("editor-add")
    dialog.vendors.setCurrentRow(dialog.vendors.count() - 1)
    dialog.form.key.clear()
    dialog.form.base_url.setText("http://models.example/v1")
    await stage.settle()
    dialog.form.fail("base_url", "The address must begin with https:// (or http:// for a server on this machine).")
    await stage.settle()
    stage.shot("editor-compatible")
    dialog.close()


async def editor_no_keyring(stage: Stage) -> None:
    from app.ui.dialogs.provider_editor import open_editor

    page = await _providers(stage)
    stage.services.settings.vault = VaultStatus(
        "no keyring", usable=False, problem="This desktop has no Secret Service. Install gnome-keyring or KWallet."
    )
    dialog = open_editor(page, stage.services, page._tasks)
    await stage.settle()
    stage.shot("editor-no-keyring")
    dialog.close()


async def models(stage: Stage) -> None:
    from app.ui.dialogs.models_editor import open_models

    page = await _providers(stage)
    entry = stage.services.providers.entries()[1]
    dialog = open_models(page, stage.services, page._tasks, entry, stage.services.providers.provider(entry.name))
    dialog.fetch.click()
    await stage.settle()
    stage.shot("models")
    dialog.close()


async def confirm(stage: Stage) -> None:
    from app.ui.dialogs.message import Question

    page = await _providers(stage)
    page.panel.remove.click()
    await stage.settle()
    stage.shot("remove-provider")
    for question in page.panel.findChildren(Question):
        question.reject()


async def importing(stage: Stage) -> None:
    from app.ui.dialogs.importer import open_preview

    page = await _providers(stage)
    dialog = open_preview(page, stage.services, page._tasks, Path("providers.toml"))
    await stage.settle()
    stage.shot("import")
    dialog.close()


def _routing() -> Routing:
    rules = (
        Rule("Long prompts", min_tokens=60_000, thinking=True, to=(Choice("OpenAI work", "gpt-5.2"), Choice("Ollama"))),
        Rule("Side tasks", subagent=True, to=(Choice("Ollama"), Choice("OpenAI work")), strategy=Strategy.CHEAPEST),
        Rule(models=("claude-opus-*",), between=(22 * 60, 6 * 60), enabled=False, to=(Choice("Ollama"),), only=True),
    )
    pins = (Pin("website", Choice("Ollama", "qwen3-coder:30b")), Pin("ci", Choice("Anthropic"), "ci"))
    errors = (
        ErrorRule(Meaning.OVERLOADED, status=400, text="try again later", provider="OpenAI work"),
        ErrorRule(Meaning.RATE_LIMITED, status=403, text="quota"),
        ErrorRule(Meaning.REFUSED, status=403, text="monthly quota of the organization"),
    )
    return Routing(rules=rules, pins=pins, error_rules=errors)


async def routes(stage: Stage) -> None:
    services = stage.lively()
    first, second, third = services.status.current.providers
    until_us = time.time_ns() // 1_000 + 600_000_000
    rests = replace(second, resting_until_us=until_us, resting_why="rate limited")
    services.status.set(providers=(first, rests, third), routing=_routing())
    await stage.open(services)
    stage.window.go("routes")
    page = stage.window.current
    for name in ("order", "rules", "pins", "errors", "try"):
        page.arrive(name)
        await stage.settle()
        stage.shot(f"routes-{name}")
    before = stage.window.size()
    stage.window.resize(1, 1)
    await stage.settle()
    stage.shot("routes-small")
    page.arrive("order")
    await stage.settle()
    stage.shot("routes-small-order")
    stage.window.resize(before)
    page.rules.list.select(0)
    page.rules.edit_selected()
    await stage.settle(1.0)
    stage.shot("routes-rule")


async def routes_error(stage: Stage) -> None:
    services = stage.lively()
    services.status.set(routing=_routing())
    await stage.open(services)
    stage.window.go("routes", "errors")
    page = stage.window.current
    page.errors.list.select(2)
    page.errors.edit_selected()
    await stage.settle(1.0)
    stage.shot("routes-error")


async def routes_plain(stage: Stage) -> None:
    await stage.open(stage.lively())
    stage.window.go("routes", "rules")
    await stage.settle()
    stage.shot("routes-no-rules")
    stage.window.current.arrive("pins")
    await stage.settle()
    stage.shot("routes-no-pins")
    stage.window.current.arrive("errors")
    await stage.settle()
    stage.shot("routes-no-errors")


async def budgets(stage: Stage) -> None:
    services, now_us = stage.lively(), time.time_ns() // 1_000
    services.keys.kept = keys(now_us)
    ends_us = period_at(Period.DAY, now_us)[1]
    used_up, soft, key, every = standings(now_us)
    short = replace(key, used=19_970_000_000, reserved=0, resets_us=ends_us, too_little=True)
    services.status.set(budgets=(used_up, soft, short, every))
    await stage.open(services)
    stage.window.go("budgets")
    await stage.settle()
    stage.shot("budgets")
    services.status.set(budgets=(short, soft, every))
    tray = stage.desktop.tray.menu
    tray.popup(stage.window.mapToGlobal(stage.window.rect().center()))
    await stage.settle()
    stage.shot("budgets-tray")
    tray.close()


async def settings(stage: Stage) -> None:
    await stage.open(stage.lively())
    stage.window.go("settings")
    await stage.settle()
    stage.shot("settings")
    await stage.services.settings.change(auth=AuthMode.OPEN)
    page = stage.window.current
    page._fill(stage.services.settings.current)
    page.access.fail("port", "Port 8080 is used by python3 (process 4711). Choose another.")
    await stage.settle()
    stage.shot("settings-open")


async def settings_history(stage: Stage) -> None:
    await stage.open(stage.lively())
    stage.window.go("settings")
    page = stage.window.current
    await stage.services.settings.change(encrypt_bodies=True, redaction=("ACME-[0-9]{6}",))
    stage.services.status.set(encryption=Encryption.LOCKED)
    page.area.ensureWidgetVisible(page.history.erase)
    await stage.settle()
    stage.shot("settings-history")


async def about(stage: Stage) -> None:
    from app.ui.dialogs.about import open_about

    await stage.open(stage.lively())
    stage.window.go("settings")
    page = stage.window.current
    dialog = open_about(page, stage.services, page._tasks)
    await stage.settle(1.0)
    stage.shot("about")
    dialog.close()


async def welcome(stage: Stage) -> None:
    await stage.open(FakeServices.empty())
    stage.window.go("welcome")
    await stage.settle()
    stage.shot("welcome")


SCENES: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "history": history,
    "history-filters": history_filters,
    "history-detail": history_detail,
    "history-failed": history_failed,
    "history-empty": history_empty,
    "history-nothing": history_nothing,
    "export": export,
    "erase": erase,
    "providers": providers,
    "providers-locked": providers_locked,
    "providers-empty": providers_empty,
    "editor": editor,
    "editor-no-keyring": editor_no_keyring,
    "models": models,
    "confirm": confirm,
    "import": importing,
    "routes": routes,
    "routes-error": routes_error,
    "routes-plain": routes_plain,
    "budgets": budgets,
    "settings": settings,
    "settings-history": settings_history,
    "about": about,
    "welcome": welcome,
}
