from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.domain.errors import ConfigError
from app.domain.provider import CredentialState
from app.domain.status import AccountStatus
from app.ui.dialogs.account_editor import AccountEditor
from app.ui.dialogs.login import LoginDialog
from app.ui.dialogs.message import Question
from app.ui.pages.account_list import AccountList
from tests.fakes.accounts import give_accounts
from tests.fakes.services import ProbeResult
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down


@pytest.fixture
def accounts(show, services, tasks):
    give_accounts(services)
    made = show(AccountList(services, tasks), 800, 400)
    made.show_status(services.status.current.providers[0], built_in=False)
    yield made
    for kind in (AccountEditor, LoginDialog, Question):
        for dialog in made.findChildren(kind):
            take_down(dialog, tasks)


def select(accounts, name):
    accounts.table.setCurrentIndex(accounts.model.index(accounts.model.place(name), 0))


async def test_one_key_shows_what_further_ones_are_good_for(accounts, services):
    one = services.status.current.providers[1]
    accounts.show_status(one, built_in=False)
    assert accounts.hint.isVisible()
    assert not accounts.table.isVisible()
    assert accounts.add.isVisible()
    assert not accounts.login.isVisible()
    accounts.show_status(one, built_in=True)
    assert not accounts.isVisible()


async def test_several_are_listed_and_the_table_is_as_high_as_they_are(accounts):
    assert accounts.table.isVisible()
    assert accounts.model.rowCount() == 3
    assert not accounts.table.verticalScrollBar().isVisible()
    assert not accounts.hint.isVisible()


async def test_what_can_be_done_follows_the_selection(accounts):
    assert not accounts.edit.isEnabled()
    select(accounts, "")
    assert accounts.edit.isEnabled()
    assert not accounts.remove.isEnabled()
    select(accounts, "home")
    assert accounts.remove.isEnabled()


async def test_an_account_is_added_and_selected_when_it_comes(accounts, services, qtbot):
    qtbot.mouseClick(accounts.add, Qt.MouseButton.LeftButton)
    (dialog,) = accounts.findChildren(AccountEditor)
    dialog._told("new")
    status = services.status.current.providers[0]
    new = AccountStatus("new", CredentialState.READY, "system keyring")
    accounts.show_status(replace(status, accounts=(*status.accounts, new)), built_in=False)
    assert accounts._selected() == "new"


async def test_the_own_key_is_its_providers_affair(accounts, qtbot):
    select(accounts, "")
    with qtbot.waitSignal(accounts.own_key_wanted):
        qtbot.keyClick(accounts.table, Qt.Key.Key_F2)
    assert accounts.findChildren(AccountEditor) == []


async def test_return_opens_the_selected_one(accounts, qtbot):
    select(accounts, "home")
    qtbot.keyClick(accounts.table, Qt.Key.Key_Return)
    (dialog,) = accounts.findChildren(AccountEditor)
    assert dialog.name.text() == "home"


async def test_delete_asks_and_removes(accounts, services, qtbot):
    select(accounts, "work")
    qtbot.keyClick(accounts.table, Qt.Key.Key_Delete)
    (question,) = accounts.findChildren(Question)
    assert "work" in question.windowTitle()
    question.accept()
    await until(lambda: services.asked("remove_account") == [("Anthropic", "work")])


async def test_a_refused_removal_is_said(accounts, services):
    services.accounts.errors["remove_account"] = ConfigError("the file cannot be written")
    select(accounts, "work")
    accounts.remove.click()
    accounts.findChildren(Question)[0].accept()
    await until(accounts.told.isVisible)
    assert accounts.told.text() == "The file cannot be written."


async def test_one_account_is_tried(accounts, services):
    services.accounts.probe = ProbeResult(True, "Anthropic answered in 40 ms and lists 3 models.")
    select(accounts, "home")
    accounts.probe.click()
    await until(lambda: accounts.told.text().startswith("Account home: Anthropic answered"))
    assert services.asked("test_account") == [("Anthropic", "home", None)]
    assert accounts.probe.isEnabled()


async def test_a_login_is_offered_where_there_is_one_for_the_selected_account(accounts, services):
    assert not accounts.login.isVisible()
    services.accounts.offering["anthropic"] = "Anthropic"
    accounts.show_status(services.status.current.providers[0], built_in=False)
    assert accounts.login.text() == "Log in &with Anthropic…"
    select(accounts, "home")
    accounts.login.click()
    (dialog,) = accounts.findChildren(LoginDialog)
    assert dialog.chosen == "home"
