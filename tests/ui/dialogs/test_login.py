from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from app.domain.errors import ConfigError, ErrorKind, PatchbayError, VaultError, VaultProblem
from app.domain.provider import CredentialState
from app.domain.status import AccountStatus, VaultStatus
from app.ui.dialogs.login import open_login
from tests.fakes.accounts import ADDRESS
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def browser(monkeypatch):
    """The addresses that were opened; `works` is whether there is one."""
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) is None)
    return opened


@pytest.fixture
def dialogs(show, services, tasks, browser):
    window, opened, done = show(QWidget(), 900, 700), [], []
    services.accounts.offering["anthropic"] = "Anthropic"

    def open_one(**how):
        opened.append(open_login(window, services, tasks, "Anthropic", ["work"], done=done.append, **how))
        opened[-1].told = done
        return opened[-1]

    yield open_one
    for one in opened:
        take_down(one, tasks)


async def test_the_browser_is_opened_and_the_dialog_waits_for_it(dialogs, services, browser, qtbot):
    services.accounts.browser = asyncio.Event()
    dialog = dialogs()
    done = dialog.told
    assert dialog.windowTitle() == "Log in with Anthropic"
    assert not dialog.copy.isVisible()
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    await until(lambda: len(browser) == 1)
    assert dialog.busy.isVisible()
    assert not dialog.form.isEnabled()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == ADDRESS
    services.accounts.browser.set()
    await until(lambda: closed(dialog))
    assert services.asked("login") == [("Anthropic", "", "keyring")]
    assert done == [""]


async def test_a_key_that_is_there_is_not_replaced_by_a_slip(dialogs, services):
    assert dialogs().chosen == ""
    first, *others = services.status.current.providers
    for state, place in ((CredentialState.READY, 2), (CredentialState.MISSING, 0), (CredentialState.REJECTED, 0)):
        shown = replace(first, accounts=(AccountStatus("", state, "system keyring"),))
        services.status.set(providers=(shown, *others))
        assert dialogs().account.currentIndex() == place


async def test_the_login_is_for_whom_one_chooses(dialogs, services, qtbot):
    dialog = dialogs(chosen="work")
    assert dialog.chosen == "work"
    assert not dialog.name.isVisible()
    dialog.account.setCurrentIndex(dialog.account.count() - 1)
    assert dialog.name.isVisible()
    dialog.action.click()
    assert "needs a name" in dialog.form.rows["account"].error
    qtbot.keyClicks(dialog.name, "second")
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("login") == [("Anthropic", "second", "keyring")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PatchbayError(ErrorKind.CREDENTIAL_REJECTED, "The login was declined there."),
            "The login was declined there.",
        ),
        (VaultError(VaultProblem.LOCKED, "The login worked, but holds only until Patchbay ends."), "The login worked"),
        (ConfigError("Local offers no login", key="login"), "Local offers no login."),
    ],
)
async def test_what_went_wrong_stands_in_the_dialog(dialogs, services, error, words):
    services.accounts.errors["came_back"] = error
    dialog = dialogs()
    dialog.action.click()
    await until(dialog.error.isVisible)
    assert dialog.error.text().startswith(words)
    assert dialog.action.isEnabled()
    assert not dialog.busy.isVisible()


async def test_a_login_can_be_given_up(dialogs, services, tasks, qtbot):
    services.accounts.browser = asyncio.Event()
    dialog = dialogs()
    dialog.action.click()
    await until(dialog.copy.isVisible)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert not tasks.running(dialog, "log in")
    assert dialog.action.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert closed(dialog)


async def test_without_a_browser_the_address_can_be_copied(dialogs, services, monkeypatch):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    services.accounts.browser = asyncio.Event()
    dialog = dialogs()
    dialog.action.click()
    await until(dialog.copy.isVisible)
    assert "No browser could be opened" in dialog.busy._text.text()


async def test_without_a_keyring_it_says_where_the_key_goes(dialogs, services):
    services.settings.vault = VaultStatus("no keyring", usable=False, problem="Start one.")
    dialog = dialogs()
    await until(lambda: "until Patchbay ends" in dialog.words.text())
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("login") == [("Anthropic", "", "session")]
