from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton

from app.domain.errors import ConfigError
from app.domain.settings import AuthMode, Theme
from app.domain.status import VaultStatus
from app.ui import theme
from app.ui.dialogs.about import AboutDialog
from app.ui.pages.settings import SettingsPage
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down


@pytest.fixture
async def page(show, services, tasks):
    made = show(SettingsPage(services, tasks), 1000, 900)
    await until(made.lines.copy.isEnabled)
    return made


def button(page, text):
    return next(one for one in page.findChildren(QPushButton) if one.text().replace("&", "") == text)


async def changed(services, **values):
    await until(lambda: (values,) in services.asked("change"))


async def test_every_change_is_one_setting(page, services, qtbot):
    page.history.bodies.click()
    await changed(services, record_bodies=False)
    page.at_start.click()
    await changed(services, open_window_at_start=True)
    page.notify.click()
    await changed(services, notify_on_close=False)
    page.history.days.setValue(30)
    page.history.days.editingFinished.emit()
    await changed(services, history_days=30)
    page.history.budget.setValue(512)
    page.history.budget.editingFinished.emit()
    await changed(services, history_mib=512)
    page.history.days.editingFinished.emit()
    assert len(services.asked("change")) == 5


async def test_a_port_moves_only_when_told_to(page, services, qtbot):
    page.port.lineEdit().selectAll()
    qtbot.keyClicks(page.port.lineEdit(), "9090")
    assert services.asked("change") == []
    assert page.port_apply.isEnabled()
    qtbot.mouseClick(page.port_apply, Qt.MouseButton.LeftButton)
    await changed(services, port=9090)
    await until(lambda: not page.port_apply.isEnabled())
    page.port.setValue(9091)
    qtbot.keyClick(page.port.lineEdit(), Qt.Key.Key_Return)
    await changed(services, port=9091)


async def test_where_any_port_will_do_the_one_in_use_is_shown(page, services):
    services.settings.current = replace(services.settings.current, port=0)
    services.status.set(port=40791)
    assert page.port.value() == 40791
    assert not page.port_apply.isEnabled()


async def test_a_refused_port_is_said_beside_it(page, services):
    services.settings.errors["change"] = ConfigError("port 9090 is used by python3; choose another", key="port")
    page.port.setValue(9090)
    page.port_apply.click()
    await until(lambda: page.access.rows["port"].error)
    assert page.access.rows["port"].error == "Port 9090 is used by python3; choose another."
    assert page.port.value() == 9090


async def test_an_open_door_is_red(page, services, qtbot):
    assert not page.open_warning.isVisible()
    page.open.click()
    await changed(services, auth=AuthMode.OPEN)
    await until(page.open_warning.isVisible)
    assert page.open_warning.palette().windowText().color() == theme.color("error")
    page.with_key.click()
    await changed(services, auth=AuthMode.KEY)
    await until(lambda: not page.open_warning.isVisible())


async def test_colors_change_at_once_and_are_kept(page, services, themes):
    place = page.theme.findData(Theme.DARK)
    page.theme.setCurrentIndex(place)
    page.theme.activated.emit(place)
    assert theme.colors().dark
    await changed(services, theme=Theme.DARK)


async def test_what_the_file_says_meanwhile_is_shown_but_not_over_what_is_edited(page, services):
    page.history.days.setFocus()
    page.history.days.setValue(77)
    services.settings.current = replace(services.settings.current, history_days=5, record_bodies=False, port=9999)
    services.status.set(port=9999)
    assert page.history.days.value() == 77 or not page.history.days.hasFocus()
    assert not page.history.bodies.isChecked()
    assert page.port.value() == 9999
    assert page.address.text() == "http://127.0.0.1:9999"


async def test_the_keyring_is_named_or_its_trouble(page, services, tasks):
    assert page.keyring.text() == "GNOME Keyring or another Secret Service"
    services.settings.vault = VaultStatus("no keyring", usable=False, problem="Install one.")
    page.hide()
    page.show()
    await until(lambda: page.keyring.text() == "no keyring: Install one.")


async def test_files_are_opened_by_the_desktop(page, services, tasks, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr("app.ui.pages.settings.QDesktopServices.openUrl", lambda url: opened.append(url) or False)
    with qtbot.waitSignal(tasks.failed) as caught:
        button(page, "Open the file").click()
    assert opened[0].toLocalFile() == str(services.settings.config_path)
    assert "Nothing on this desktop opens" in caught.args[0]
    button(page, "Open the folder").click()
    assert opened[1].toLocalFile() == str(services.settings.data_dir)


async def test_lines_for_clients_are_anew_after_a_change_and_said_when_copied(page, services, qtbot):
    before = len(services.asked("snippet"))
    page.history.bodies.click()
    await until(lambda: len(services.asked("snippet")) > before)
    with qtbot.waitSignal(page.said):
        page.lines.copy.click()
    page.arrive("client")
    assert page.focusWidget() is page.lines.client


async def test_about_opens(page, tasks):
    button(page, "About Patchbay…").click()
    dialog = page.findChild(AboutDialog)
    assert dialog.isVisible()
    await until(dialog.libraries.edit.toPlainText)
    take_down(dialog, tasks)


async def test_every_letter_with_alt_leads_to_one_place(page):
    labels = (one.text() for one in page.findChildren(QLabel) if one.buddy() is not None)
    buttons = (one.text() for one in page.findChildren(QAbstractButton))
    letters = [letter.lower() for text in (*labels, *buttons) for letter in re.findall("&([^&])", text)]
    assert sorted(letters) == sorted(set(letters))
    assert not set(letters) & set("fvph"), "those of the menu bar"
