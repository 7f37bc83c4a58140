from __future__ import annotations

import os
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QDialog

from app.domain.settings import Theme
from app.domain.status import Notice, Severity
from app.ui import app as module
from app.ui import theme
from app.ui.app import Desktop
from app.ui.main_window import MainWindow
from app.ui.palette import DARK
from app.ui.tray_host import TrayHost
from tests.ui.conftest import until


class Panel:
    """Whether there is a place for tray icons."""

    there = True


@pytest.fixture
def panel(monkeypatch):
    made = Panel()
    monkeypatch.setattr(module, "TrayHost", lambda parent: TrayHost(parent, ask=lambda: made.there))
    return made


@pytest.fixture
async def make(services, tmp_path, panel, themes):
    made = []

    def make(*, hidden=False):
        quits = []
        desktop = Desktop(services, layout_path=tmp_path / "layout.ini", hidden=hidden, quit=lambda: quits.append(1))
        desktop.quits, desktop.told = quits, []
        desktop.tray.notify = lambda *words: desktop.told.append(words)
        desktop.start()
        made.append(desktop)
        return desktop

    yield make
    for desktop in made:
        await desktop.close()


async def opened(desktop):
    await until(lambda: desktop.window is not None and desktop.window.isVisible())
    return desktop.window


async def test_it_starts_with_tray_and_window(make):
    desktop = make()
    await opened(desktop)
    assert desktop.tray.placed
    assert not QApplication.quitOnLastWindowClosed()


async def test_a_hidden_start_makes_no_window_until_it_is_wanted(make):
    desktop = make(hidden=True)
    assert desktop.window is None
    assert not desktop._patience.isActive()
    desktop.show_window()
    await opened(desktop)


async def test_a_program_that_ends_while_its_window_is_made_shows_none(make, monkeypatch):
    made, fill = [], MainWindow._fill_middle

    def fill_and_stop(window):
        made.append(window)
        fill(window)
        desktop.stop()

    monkeypatch.setattr(MainWindow, "_fill_middle", fill_and_stop)
    desktop = make()
    await until(lambda: made and not desktop.tasks.running(desktop))
    assert desktop.window is None
    assert not made[0].isVisible()


async def test_without_a_panel_the_window_comes_even_in_a_hidden_start(make, panel):
    panel.there = False
    desktop = make(hidden=True)
    assert not desktop.tray.placed
    desktop._patience.start(10)
    await opened(desktop)


async def test_a_panel_that_comes_in_time_is_enough(make, panel):
    panel.there = False
    desktop = make(hidden=True)
    panel.there = True
    desktop.tray_host._look()
    assert desktop.tray.placed
    desktop._no_panel_came()
    assert desktop.window is None
    assert not desktop.tasks.running(desktop)


async def test_a_panel_that_comes_late_gets_a_new_icon(make, panel):
    desktop = make(hidden=True)
    first = desktop.tray._icon
    panel.there = False
    desktop.tray_host._look()
    assert not desktop.tray.placed
    panel.there = True
    desktop.tray_host._look()
    assert desktop.tray._icon is not first
    assert "Patchbay: Running" in desktop.tray._icon.toolTip()


async def test_closing_hides_where_there_is_a_tray_and_says_so_once(make):
    desktop = make()
    window = await opened(desktop)
    window.close()
    assert not window.isVisible()
    assert [title for title, _ in desktop.told] == ["Patchbay goes on running"]
    desktop.show_window()
    window.close()
    assert len(desktop.told) == 1
    assert desktop.quits == []


async def test_the_note_can_be_switched_off(make, services):
    services.settings.current = replace(services.settings.current, notify_on_close=False)
    desktop = make()
    (await opened(desktop)).close()
    assert desktop.told == []


async def test_closing_without_a_tray_asks_before_it_ends_the_program(make, panel):
    panel.there = False
    desktop = make()
    window = await opened(desktop)
    window.close()
    question = window.findChild(QDialog)
    assert window.isVisible()
    assert desktop.quits == []
    question.accept()
    assert desktop.quits == [1]


async def test_raising_passes_the_token_on(make, monkeypatch):
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    desktop = make()
    window = await opened(desktop)
    window.showMinimized()
    desktop.show_window("token-4711")
    assert not window.isMinimized()
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "token-4711"
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN")


async def test_a_command_opens_the_window_on_its_page(make):
    desktop = make(hidden=True)
    desktop.commands.go_to.emit("settings", "")
    window = await opened(desktop)
    assert window.current.name == "settings"


async def test_export_opens_its_dialog(make):
    desktop = make(hidden=True)
    desktop.commands.export.emit()
    window = await opened(desktop)
    await until(lambda: window.findChild(QDialog) is not None)


async def test_quit_is_passed_on(make):
    desktop = make(hidden=True)
    desktop.commands.quit.emit()
    desktop._session_ends(None)
    assert desktop.quits == [1, 1]


async def test_an_error_without_a_window_is_told_by_the_tray(make):
    desktop = make(hidden=True)
    desktop.tasks.failed.emit("Could not switch")
    assert desktop.told == [("Patchbay", "Could not switch")]


async def test_an_error_is_told_while_nobody_looks(make, services):
    desktop = make(hidden=True)
    services.status.set(notices=(Notice("port", Severity.ERROR, "Port 8082 is taken"),))
    services.status.set(in_flight=9)
    assert desktop.told == [("Patchbay", "Port 8082 is taken")]


async def test_what_failed_before_the_window_came_stands_in_it(make):
    desktop = make(hidden=True)
    for number in range(1000):
        desktop.tasks.failed.emit(f"Could not {number}")
    assert len(desktop.told) == 1
    desktop.show_window()
    window = await opened(desktop)
    assert [notice.text for notice in window.notices.shown] == ["Could not 999"]


async def test_a_theme_written_into_the_file_is_taken(make, services):
    make(hidden=True)
    services.settings.current = replace(services.settings.current, theme=Theme.DARK)
    services.status.set(in_flight=9)
    assert theme.colors() is DARK


async def test_after_the_end_nothing_is_left(make, services):
    desktop = make()
    window = await opened(desktop)
    window.resize(777, 555)
    await desktop.close()
    assert not desktop.tray.placed
    await until(lambda: services.status.listeners == [])
    assert not shiboken6.isValid(window)
    desktop.show_window()
    assert desktop.window is None
    assert not desktop.tray_host._timer.isActive()


async def test_a_budget_that_runs_low_is_told_beside_the_tray_while_nobody_looks(make, services):
    desktop = make(hidden=True)
    services.budgets.warned("The daily budget of all requests:\n$8.00 of $10.00 used.")
    assert desktop.told == [("Patchbay", "The daily budget of all requests: $8.00 of $10.00 used.")]
    desktop.show_window()
    await opened(desktop)
    services.budgets.warned("used up")
    assert len(desktop.told) == 1
