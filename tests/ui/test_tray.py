from __future__ import annotations

import asyncio

import pytest

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.money import NUSD_PER_USD as USD
from app.domain.provider import Tier
from app.domain.routing import Choice, Pin, Routing
from app.domain.status import ProxyState, RecordingMode
from app.ui.commands import Commands
from app.ui.tray import Tray
from app.ui.tray_model import CLIENTS, MODELS, PINS, PROVIDERS
from tests.fakes import sample
from tests.ui.conftest import until


@pytest.fixture
def tray(services, tasks, themes):
    made = Tray(Commands(services, tasks))
    services.status.subscribe(made.show_status)
    made.show_status(services.status.current)
    yield made
    made.remove()


def visible(menu):
    return [action for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def texts(menu):
    return [action.text() for action in visible(menu)]


def sub(menu, *names):
    """The menu below, by the beginning of each title."""
    for name in names:
        menu = next(action.menu() for action in visible(menu) if action.text().startswith(name))
    return menu


def every(menu):
    """All actions below a menu, seen or not."""
    for action in menu.actions():
        yield action
        if action.menu():
            yield from every(action.menu())


async def test_the_menu_says_everything(tray):
    assert texts(tray.menu)[0].startswith("● Running · port 8082")
    assert not tray.menu.actions()[0].isEnabled()
    assert texts(tray.menu)[1:] == [
        "Provider: Anthropic",
        "Model",
        "Pause",
        "Copy settings for",
        "Open window",
        "Export CSV…",
        "Settings",
        "Quit",
    ]
    providers = ["Auto", "Anthropic: ok", "OpenAI work: failing", "Ollama: not used yet"]
    assert texts(sub(tray.menu, "Provider")) == [*providers, "Only this one"]
    assert texts(sub(tray.menu, "Model", "Middle")) == ["As asked", "claude-sonnet-4-8", "claude-sonnet-4-5"]
    assert texts(sub(tray.menu, "Copy")) == [label for _, label in CLIENTS]
    assert texts(sub(tray.menu, "Copy"))[:3] == ["Claude Code", "Codex CLI", "Gemini CLI"]


async def test_a_provider_is_switched(tray, services):
    visible(sub(tray.menu, "Provider"))[2].trigger()
    await until(lambda: services.asked("use") == [("OpenAI work",)])
    await until(visible(sub(tray.menu, "Provider"))[2].isChecked)
    assert not visible(sub(tray.menu, "Provider"))[1].isChecked()


async def test_auto_is_a_choice_like_the_others(tray, services):
    visible(sub(tray.menu, "Provider"))[0].trigger()
    await until(lambda: services.asked("use") == [("",)])
    await until(visible(sub(tray.menu, "Provider: Auto"))[0].isChecked)
    only = visible(sub(tray.menu, "Provider"))[-1]
    assert not only.isEnabled()
    assert "Model of Anthropic" in texts(tray.menu)


async def test_only_this_one_is_a_choice_of_its_own(tray, services, tasks):
    only = visible(sub(tray.menu, "Provider"))[-1]
    only.trigger()
    await until(lambda: services.asked("only") == [(True,)])
    await until(only.isChecked)
    assert "Provider: only Anthropic" in texts(tray.menu)
    heard = []
    tasks.failed.connect(heard.append)
    services.routes.errors["only"] = OSError(28, "No space left on device")
    only.trigger()
    await until(lambda: heard)
    assert only.isChecked()


async def test_pins_copy_their_address(tray, services, qapp):
    assert not any(text.startswith("Pins") for text in texts(tray.menu))
    pins = tuple(Pin(f"p{number}", Choice("Ollama", "qwen")) for number in range(PINS + 3))
    services.status.set(routing=Routing(pins=pins))
    await until(lambda: "Pins" in texts(tray.menu))
    shown = texts(sub(tray.menu, "Pins"))
    assert shown[0] == "p0 → Ollama › qwen"
    assert shown[-1] == "Routes…"
    assert len(shown) == PINS + 1
    visible(sub(tray.menu, "Pins"))[1].trigger()
    assert qapp.clipboard().text() == "http://127.0.0.1:8082/p/p1"
    heard = []
    tray._commands.go_to.connect(lambda *where: heard.append(where))
    visible(sub(tray.menu, "Pins"))[-1].trigger()
    assert heard == [("routes", "pins")]


async def test_budget_and_recording_are_told_and_lead_on(tray, services):
    standing = BudgetStanding(Budget("b", Scope.ALL, "", Unit.MONEY, Period.MONTH, 20 * USD), 12_400_000_000, 0, 0)
    services.status.set(budgets=(standing,), recording=RecordingMode.COUNTERS)
    await until(lambda: "Budget: $12.40 of $20.00 this month" in texts(tray.menu))
    assert "Recording is paused, requests are only counted" in texts(tray.menu)
    heard = []
    tray._commands.go_to.connect(lambda *where: heard.append(where))
    for action in visible(tray.menu)[1:3]:
        action.trigger()
    assert heard == [("budgets", ""), ("settings", "")]
    services.status.set(budgets=(), recording=RecordingMode.EVERYTHING)
    await until(lambda: len(texts(tray.menu)) == 9)


async def test_a_model_is_chosen_and_given_back(tray, services):
    menu = sub(tray.menu, "Model", "Big")
    visible(menu)[1].trigger()
    await until(lambda: services.asked("choose") == [(Tier.BIG, "claude-opus-4-8")])
    await until(visible(menu)[1].isChecked)
    visible(menu)[0].trigger()
    await until(lambda: services.asked("choose")[-1] == (Tier.BIG, ""))


async def test_a_choice_that_fails_leaves_the_mark_where_it_was(tray, services, tasks):
    heard = []
    tasks.failed.connect(heard.append)
    services.routes.errors["use"] = OSError(28, "No space left on device")
    visible(sub(tray.menu, "Provider"))[2].trigger()
    await until(lambda: heard == ["Could not switch to OpenAI work: No space left on device"])
    assert [action.isChecked() for action in visible(sub(tray.menu, "Provider"))] == [False, True, False, False, False]


async def test_pause_and_resume(tray, services):
    pause = next(action for action in visible(tray.menu) if action.text() == "Pause")
    pause.trigger()
    assert services.asked("pause")
    await until(lambda: pause.text() == "Resume")
    pause.trigger()
    assert services.asked("resume")


async def test_settings_are_copied(tray, services, qapp):
    visible(sub(tray.menu, "Copy"))[0].trigger()
    await until(lambda: services.asked("snippet"))
    await until(lambda: "for claude-code" in qapp.clipboard().text())
    assert qapp.clipboard().mimeData().data("x-kde-passwordManagerHint") == b"secret"


async def test_without_a_provider_one_is_asked_for(tray, services):
    services.status.put(sample.empty_status())
    await until(lambda: "Add a provider…" in texts(tray.menu))
    assert "Provider" not in texts(tray.menu)
    assert "Model" not in texts(tray.menu)
    heard = []
    tray._commands.go_to.connect(lambda *where: heard.append(where))
    visible(tray.menu)[1].trigger()
    assert heard == [("providers", "add")]


async def test_the_actions_are_made_once(tray, services):
    before = list(every(tray.menu))
    many = tuple(sample.provider(f"P{number}") for number in range(40))
    for status in (sample.empty_status(), sample.status(providers=many, active="P39"), sample.status()):
        services.status.put(status)
        await asyncio.sleep(0.55)
    assert [id(action) for action in every(tray.menu)] == [id(action) for action in before]
    assert len(before) < PROVIDERS + 3 * MODELS + PINS + 50


async def test_what_is_beyond_the_pool_is_in_the_window(tray, services):
    many = tuple(sample.provider(f"P{number}") for number in range(40))
    services.status.put(sample.status(providers=many, active="P39"))
    await until(lambda: len(texts(sub(tray.menu, "Provider"))) == PROVIDERS + 3)
    heard = []
    tray._commands.go_to.connect(lambda *where: heard.append(where))
    visible(sub(tray.menu, "Provider"))[-2].trigger()
    assert heard == [("providers", "")]
    assert visible(sub(tray.menu, "Provider"))[-3].isChecked()


async def test_at_most_two_updates_a_second(tray, services):
    before = tray.applied
    for number in range(100):
        services.status.set(in_flight=number, port=9000 + number)
        await asyncio.sleep(0.01)
    assert tray.applied - before <= 3
    await until(lambda: "port 9099" in texts(tray.menu)[0])


async def test_nothing_changes_under_the_pointer(tray, services):
    tray.menu.aboutToShow.emit()
    before = texts(tray.menu)[0]
    services.status.set(port=9000)
    await asyncio.sleep(0.6)
    assert texts(tray.menu)[0] == before
    tray.menu.aboutToHide.emit()
    await until(lambda: "port 9000" in texts(tray.menu)[0])


async def test_a_host_that_never_says_closed_does_not_freeze_the_menu(tray, services):
    tray._forget_open.setInterval(50)
    tray.menu.aboutToShow.emit()
    services.status.set(port=9000)
    await until(lambda: "port 9000" in texts(tray.menu)[0])


async def test_the_icon_changes_only_with_its_state(tray, services, monkeypatch):
    tray.place()
    seen = []
    monkeypatch.setattr(tray._icon, "setIcon", seen.append)
    services.status.set(in_flight=7, port=9000)
    await until(lambda: ":9000" in tray._icon.toolTip())
    assert seen == []
    services.status.set(proxy=ProxyState.PAUSED)
    await until(lambda: len(seen) == 1)
    assert "Patchbay: Paused" in tray._icon.toolTip()


async def test_a_name_with_an_ampersand_is_shown_as_it_is(tray, services):
    services.status.put(sample.status(providers=(sample.provider("R&D <b>x</b>"),), active="R&D <b>x</b>"))
    await until(lambda: texts(sub(tray.menu, "Provider"))[1:2] == ["R&&D <b>x</b>: ok"])
    visible(sub(tray.menu, "Provider"))[1].trigger()
    await until(lambda: services.asked("use") == [("R&D <b>x</b>",)])


async def test_left_click_opens_the_window(tray):
    heard = []
    tray._commands.show_window.connect(lambda: heard.append(1))
    tray.place()
    reasons = type(tray._icon).ActivationReason
    for reason in (reasons.Trigger, reasons.DoubleClick, reasons.MiddleClick, reasons.Context):
        tray._icon.activated.emit(reason)
    assert len(heard) == 2
