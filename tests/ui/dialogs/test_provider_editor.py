from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.errors import ConfigError, VaultError, VaultProblem
from app.domain.provider import Account, LoginWay, Secret
from app.domain.status import VaultStatus
from app.ui.dialogs.login import LoginDialog
from app.ui.dialogs.provider_editor import open_editor
from tests.fakes import sample
from tests.fakes.services import ProbeResult
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down

KEY = "sk-ant-" + "x" * 40


@pytest.fixture
def start(show, services, tasks):
    window = show(QWidget(), 900, 700)
    made = []

    def start(entry=None, **rest):
        made.append(open_editor(window, services, tasks, entry, **rest))
        made[-1].activateWindow()
        return made[-1]

    yield start
    for dialog in made:
        take_down(dialog, tasks)


async def test_choose_enter_and_add(start, services, qtbot):
    dialog = start()
    qtbot.keyClick(dialog.vendors, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.vendors, Qt.Key.Key_Up)
    dialog.form.name.selectAll()
    qtbot.keyClicks(dialog.form.name, "Claude at work")
    qtbot.keyClicks(dialog.form.key, KEY)
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    await until(lambda: closed(dialog))
    (added,) = services.asked("add")
    assert (added[0].name, added[0].vendor, added[1], added[2]) == (
        "Claude at work",
        "anthropic",
        Secret(KEY),
        "keyring",
    )


async def test_a_missing_key_is_said_at_its_field(start, services, qtbot):
    dialog = start()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert "needs a key" in dialog.form.rows["key"].error
    assert services.asked("add") == []
    qtbot.keyClicks(dialog.form.key, "s")
    assert dialog.form.rows["key"].error == ""


async def test_what_control_refuses_stands_at_the_field_at_fault(start, services, qtbot):
    dialog = start()
    qtbot.keyClicks(dialog.form.key, KEY)
    services.providers.errors["add"] = ConfigError("is taken by another provider; choose another", key="name")
    dialog.action.click()
    await until(lambda: dialog.form.rows["name"].error)
    assert dialog.form.rows["name"].error == "Is taken by another provider; choose another."
    services.providers.errors["add"] = ConfigError("the address names no host", key="provider 'X', base_url")
    dialog.action.click()
    await until(lambda: dialog.form.rows["base_url"].error)
    assert dialog.form.rows["name"].error == ""
    services.providers.errors["add"] = ConfigError("the file cannot be written", key="")
    dialog.action.click()
    await until(dialog.error.text)
    assert dialog.form.key.text() == KEY


async def test_waiting_for_the_keyring_can_be_cancelled_and_loses_nothing(start, services, qtbot):
    dialog = start()
    qtbot.keyClicks(dialog.form.key, KEY)
    services.providers.gate = asyncio.Event()
    dialog.action.click()
    await until(dialog.busy.isVisible)
    assert dialog.busy._text.text() == "Waiting for the system keyring…"
    assert not dialog.form.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.form.isEnabled()
    assert dialog.form.key.text() == KEY
    assert dialog.busy.isHidden()


async def test_a_keyring_that_fails_offers_the_other_places(start, services, qtbot):
    dialog = start()
    qtbot.keyClicks(dialog.form.key, KEY)
    services.providers.errors["add"] = VaultError(VaultProblem.LOCKED, "The keyring is locked.")
    dialog.action.click()
    await until(lambda: dialog.form.rows["key"].error)
    assert "keep the key for this session only, or in an environment variable" in dialog.form.rows["key"].error
    services.providers.errors.clear()
    dialog.form.session.click()
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("add")[-1][2] == "session"


async def test_without_a_keyring_the_choice_is_made_before_saving(start, services):
    services.settings.vault = VaultStatus("no keyring", usable=False, problem="This desktop has none.")
    dialog = start()
    await until(lambda: not dialog.form.keyring.isEnabled())
    assert dialog.form.session.isChecked()


async def test_the_test_says_what_it_found_or_what_is_wrong(start, services, qtbot):
    dialog = start()
    qtbot.keyClicks(dialog.form.key, KEY)
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    await until(dialog.trial.text)
    assert dialog.trial.text() == "answered with 3 models"
    assert services.asked("test")[-1][1] == Secret(KEY)
    services.providers.probe = ProbeResult(False, "The provider rejected the key (401).")
    dialog.test.click()
    await until(lambda: "rejected" in dialog.trial.text())
    services.providers.errors["test"] = ConfigError("needs the address of your server", key="base_url")
    dialog.test.click()
    await until(lambda: dialog.form.rows["base_url"].error)
    services.providers.errors["test"] = TimeoutError()
    dialog.test.click()
    await until(lambda: "did not work" in dialog.trial.text())


async def test_a_slow_test_can_be_cancelled(start, services, qtbot):
    dialog = start()
    services.providers.gate = asyncio.Event()
    dialog.test.click()
    await until(dialog.busy.isVisible)
    qtbot.mouseClick(dialog.busy._cancel, Qt.MouseButton.LeftButton)
    assert dialog.test.isEnabled()
    assert dialog.isVisible()


async def test_editing_keeps_the_key_unless_a_new_one_is_entered(start, services, qtbot):
    entry = services.providers.entries()[0]
    dialog = start(entry)
    assert not dialog.vendors.isVisible()
    dialog.form.name.selectAll()
    qtbot.keyClicks(dialog.form.name, "Renamed")
    dialog.test.click()
    await until(dialog.trial.text)
    assert services.asked("test")[-1][0].name == "Anthropic"
    dialog.action.click()
    await until(lambda: closed(dialog))
    name, changed, secret, _keep = services.asked("edit")[-1]
    assert (name, changed.name, secret) == ("Anthropic", "Renamed", None)


async def test_replacing_a_key_begins_at_its_field(start, services, qtbot):
    dialog = start(services.providers.entries()[0], at_key=True)
    assert dialog.focusWidget() is dialog.form.key
    qtbot.keyClicks(dialog.form.key, KEY)
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("edit")[-1][2] == Secret(KEY)


async def test_leaving_forgets_the_key(start, qtbot):
    dialog = start()
    key = dialog.form.key
    qtbot.keyClicks(key, KEY)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert closed(dialog)
    assert key.text() == ""


async def test_tab_comes_to_the_buttons_after_the_fields(start, services):
    for entry in (None, services.providers.entries()[0]):
        dialog = start(entry)
        chain, one = [], dialog.nextInFocusChain()
        while one is not dialog:
            if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus:
                chain.append(one)
            one = one.nextInFocusChain()
        first = dialog.vendors if entry is None else dialog.form.name
        chain = chain[chain.index(first) :] + chain[: chain.index(first)]
        wanted = [dialog.form.name, dialog.form.base_url, dialog.form.key, dialog.test, dialog.dismiss, dialog.action]
        assert [one for one in chain if one in wanted] == wanted
        assert chain[-2:] == [dialog.dismiss, dialog.action]


async def test_an_account_that_came_while_the_dialog_stood_open_stays(start, services, tasks):
    entry = services.providers.entries()[0]
    dialog = start(entry)
    services.providers.set_entries((replace(entry, accounts=(Account("work"),)), *services.providers.entries()[1:]))
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("edit")[-1][1].accounts == (Account("work"),)


async def test_a_vendor_with_a_login_needs_no_key_and_leads_on_to_it(start, services, tasks, monkeypatch):
    way = LoginWay("https://login.example/authorize", "https://login.example/token")
    offering = replace(sample.VENDORS[0], login=way)
    monkeypatch.setattr(sample, "VENDORS", (offering, *sample.VENDORS[1:]))
    services.accounts.offering[offering.name] = offering.label
    dialog = start()
    window = dialog.parentWidget()
    assert "log in with the browser" in dialog.form.rows["key"]._hint.text()
    dialog.form.environment.click()
    assert not dialog.form.logs_in
    dialog.form.keyring.click()
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("add")[-1][1] is None
    (login,) = window.findChildren(LoginDialog)
    assert login.chosen == ""
    take_down(login, tasks)
