from __future__ import annotations

import pytest

from app.domain.provider import Tier
from app.domain.routing import Choice, Pin, Routing
from app.domain.settings import Theme
from app.domain.status import ProxyState
from app.ui import theme
from app.ui.commands import Commands
from app.ui.layout import Layout
from app.ui.main_window import MainWindow
from app.ui.palette import DARK
from tests.fakes import sample
from tests.ui.conftest import until
from tests.ui.test_tray import sub, texts, visible


@pytest.fixture
async def window(services, tasks, show, tmp_path):
    made = MainWindow(services, tasks, Commands(services, tasks), Layout(tmp_path / "layout.ini"))
    made.complete()
    made.go("history")
    return show(made, 900, 600)


def menu(window, name, *below):
    found = next(action.menu() for action in window.menuBar().actions() if action.text() == name)
    return sub(found, *below) if below else found


async def test_the_bar_has_the_usual_menus(window):
    assert [action.text() for action in window.menuBar().actions()] == ["&File", "&View", "&Proxy", "&Help"]
    assert texts(menu(window, "&File")) == ["&Export…", "&Import…", "&Settings", "&Close window", "&Quit"]
    topics, files = ["&Getting started", "&Security and privacy"], ["Open &log folder", "Open &configuration file"]
    assert texts(menu(window, "&Help")) == [*topics, *files, "&About Patchbay"]
    sent = []
    window.commands.go_to.connect(lambda *where: sent.append(where))
    visible(menu(window, "&Help"))[1].trigger()
    assert sent == [("help", "security")]


async def test_charts_are_brought_beside_any_page(window):
    action = next(action for action in visible(menu(window, "&View")) if action.text() == "Requests in flight")
    assert not action.isChecked()
    action.trigger()
    assert window.charts.docks[3].isVisible()
    await until(lambda: window.charts.docks[3].chart is not None)


async def test_the_theme_is_chosen(window, services, themes):
    themes_menu = menu(window, "&View", "&Theme")
    assert texts(themes_menu) == ["As the system", "Light", "Dark"]
    visible(themes_menu)[2].trigger()
    assert theme.colors() is DARK
    await until(lambda: services.asked("change") == [({"theme": Theme.DARK},)])
    themes_menu.aboutToShow.emit()
    assert visible(themes_menu)[2].isChecked()


async def test_provider_and_model_are_chosen_as_in_the_tray(window, services):
    assert texts(menu(window, "&Proxy", "&Provider"))[0] == "Auto"
    visible(menu(window, "&Proxy", "&Provider"))[2].trigger()
    await until(lambda: services.asked("use") == [("OpenAI work",)])
    visible(menu(window, "&Proxy", "&Model", "Middle"))[2].trigger()
    await until(lambda: services.asked("choose") == [(Tier.MIDDLE, "claude-sonnet-4-5")])


async def test_auto_only_and_pins_are_there_as_in_the_tray(window, services, qapp):
    services.status.set(routing=Routing(pins=(Pin("web", Choice("Ollama")),)))
    visible(menu(window, "&Proxy", "P&ins"))[0].trigger()
    assert qapp.clipboard().text().endswith("/p/web")
    visible(menu(window, "&Proxy", "&Provider"))[-1].trigger()
    await until(lambda: services.asked("only") == [(True,)])
    visible(menu(window, "&Proxy", "&Provider"))[0].trigger()
    await until(lambda: services.asked("use") == [("",)])
    assert visible(menu(window, "&Proxy", "&Provider"))[0].isChecked()
    assert not visible(menu(window, "&Proxy", "&Provider"))[-1].isEnabled()


async def test_pause_follows_the_state(window, services):
    pause = visible(menu(window, "&Proxy"))[0]
    pause.trigger()
    await until(lambda: pause.text() == "Resume")
    services.status.set(proxy=ProxyState.PORT_TAKEN)
    assert not pause.isEnabled()


async def test_without_a_provider_the_lists_are_closed(window, services):
    services.status.put(sample.empty_status())
    assert not menu(window, "&Proxy", "&Provider").isEnabled()
    assert not menu(window, "&Proxy", "&Model").isEnabled()


async def test_quit_and_export_ask_for_themselves(window):
    heard = []
    window.commands.quit.connect(lambda: heard.append("quit"))
    window.commands.export.connect(lambda: heard.append("export"))
    visible(menu(window, "&File"))[0].trigger()
    visible(menu(window, "&File"))[-1].trigger()
    assert heard == ["export", "quit"]
