from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.ui.layout import Layout
from app.ui.pages import Page


@pytest.fixture
def window(show):
    made = QMainWindow()
    made.setObjectName("main")
    made.docks = [QDockWidget(name, made) for name in "ab"]
    for dock in made.docks:
        dock.setObjectName(dock.windowTitle())
        made.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    return show(made, 700, 500)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "layout.ini"


def again(path):
    """What the next start reads."""
    return Layout(path)


def test_docks_come_back_beside_their_page(window, path):
    layout = Layout(path)
    layout.save_docks(window, "live")
    for dock in window.docks:
        dock.hide()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks[0])
    layout.save_docks(window, "history")
    layout.sync()
    read = again(path)
    assert read.restore_docks(window, "live")
    assert window.docks[1].isVisible()
    assert window.dockWidgetArea(window.docks[0]) is Qt.DockWidgetArea.RightDockWidgetArea
    assert read.restore_docks(window, "history")
    assert not window.docks[1].isVisible()
    assert not read.restore_docks(window, "providers")


def test_the_window_comes_back_where_it_was(window, path):
    window.resize(666, 444)
    layout = Layout(path)
    layout.save_window(window)
    layout.current_page = "history"
    layout.chart_window_s = 900
    layout.told_about_tray = True
    layout.sync()
    window.resize(500, 400)
    read = again(path)
    assert read.restore_window(window)
    assert (window.width(), window.height()) == (666, 444)
    assert (read.current_page, read.chart_window_s, read.told_about_tray) == ("history", 900, True)


def test_a_first_start_knows_nothing(window, path):
    layout = Layout(path)
    assert not layout.restore_window(window)
    assert not layout.restore_docks(window, "live")
    assert (layout.current_page, layout.chart_window_s, layout.told_about_tray) == ("", 300, False)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff" * 500,
        b"[window]\ngeometry=garbage\npage=@Variant(\\0\\0\\0\\x7f)\n[docks]\nlive=1, 2, 3\n[charts]\nwindow_s=-5\n",
        b'[docks]\nlive=@ByteArray(\\0\\0\\0\\xff broken)\n[window]\ngeometry="@ByteArray(x)"\npage=a, b\n',
        b"]]][[[",
    ],
)
def test_garbage_is_refused_without_harm(window, path, content):
    path.write_bytes(content)
    layout = Layout(path)
    assert not layout.restore_window(window)
    assert not layout.restore_docks(window, "live")
    assert layout.current_page == ""
    assert layout.chart_window_s == 300
    assert all(dock.isVisible() for dock in window.docks)
    layout.save_docks(window, "live")
    layout.sync()
    assert again(path).restore_docks(window, "live")


def test_another_version_is_refused(window, path, monkeypatch):
    Layout(path).save_docks(window, "live")
    monkeypatch.setattr("app.ui.layout.VERSION", 99)
    assert not again(path).restore_docks(window, "live")


def test_a_folder_that_cannot_be_written_is_no_disaster(window, tmp_path):
    layout = Layout(tmp_path / "missing" / "layout.ini")
    layout.save_docks(window, "live")
    layout.sync()


class KeepsPage(Page):
    name, title, icon = "keeps", "Keeps", "close"
    given = None

    def save_layout(self):
        return b"\x00wide"

    def restore_layout(self, state):
        self.given = state


def test_a_page_gets_back_what_it_saved(path, services, tasks, qtbot):
    page = KeepsPage(services, tasks)
    qtbot.addWidget(page)
    layout = Layout(path)
    layout.restore_page(page)
    assert page.given == b""
    layout.save_page(page)
    layout.sync()
    again(path).restore_page(page)
    assert page.given == b"\x00wide"


def test_the_file_is_one_that_people_can_read(window, path):
    layout = Layout(path)
    layout.current_page = "live"
    layout.sync()
    assert QSettings(str(path), QSettings.Format.IniFormat).value("window/page") == "live"
    assert QByteArray(path.read_bytes()).contains(b"page=live")
