from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.domain.errors import ConfigError, VaultError, VaultProblem
from app.domain.provider import Account, Login, Secret
from app.domain.status import VaultStatus
from app.ui.dialogs.account_editor import open_account
from tests.fakes.services import ProbeResult
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down

WORK = Account("work", priority=2, weight=3, login=Login.OAUTH)


@pytest.fixture
def dialogs(show, services, tasks):
    window, opened, saved = show(QWidget(), 900, 700), [], []

    def open_one(account=None):
        opened.append(open_account(window, services, tasks, "Anthropic", account, saved=saved.append))
        opened[-1].told_names = saved
        return opened[-1]

    yield open_one
    for one in opened:
        take_down(one, tasks)


async def test_a_new_account_with_its_key(dialogs, services, qtbot):
    dialog = dialogs()
    assert dialog.key.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClicks(dialog.name, "work")
    qtbot.keyClicks(dialog.key, "sk-ant-0123456789")
    dialog.priority.setValue(2)
    dialog.weight.setValue(3)
    saved = dialog.told_names
    dialog.action.click()
    await until(lambda: closed(dialog))
    account = Account("work", priority=2, weight=3)
    assert services.asked("add_account") == [("Anthropic", account, Secret("sk-ant-0123456789"), "keyring")]
    assert saved == ["work"]


@pytest.mark.parametrize(("field", "entered"), [("account", {"key": "sk"}), ("key", {"name": "work"})])
async def test_what_lacks_is_said_at_its_field(dialogs, services, qtbot, field, entered):
    dialog = dialogs()
    for name, text in entered.items():
        getattr(dialog, name).setText(text)
    dialog.action.click()
    assert dialog.form.rows[field].error
    assert services.asked("add_account") == []


async def test_a_variable_needs_no_key_but_its_name(dialogs, services):
    dialog = dialogs()
    dialog.name.setText("work")
    dialog.kept_in.environment.click()
    dialog.action.click()
    assert "name of the environment variable" in dialog.form.rows["keep"].error
    dialog.kept_in.env_key.setText("WORK_KEY")
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("add_account") == [("Anthropic", Account("work", "WORK_KEY"), None, "keyring")]


async def test_a_changed_account_keeps_its_key_and_its_login(dialogs, services, qtbot):
    dialog = dialogs(WORK)
    assert "came from a login" in dialog.form.rows["key"]._hint.text()
    dialog.weight.setValue(5)
    dialog.name.setText("job")
    dialog.action.click()
    await until(lambda: closed(dialog))
    changed = Account("job", priority=2, weight=5, login=Login.OAUTH)
    assert services.asked("edit_account") == [("Anthropic", "work", changed, None, "keyring")]


async def test_a_key_that_is_entered_takes_the_place_of_a_login(dialogs, services):
    dialog = dialogs(WORK)
    dialog.key.setText("sk-ant-new")
    dialog.action.click()
    await until(lambda: closed(dialog))
    ((_, _, changed, secret, _),) = services.asked("edit_account")
    assert (changed.login, secret) == (Login.KEY, Secret("sk-ant-new"))


async def test_refusals_stand_where_they_belong(dialogs, services):
    dialog = dialogs()
    dialog.name.setText("work")
    dialog.key.setText("sk-ant")
    services.accounts.errors["add_account"] = ConfigError("is taken by another account", key="account")
    dialog.action.click()
    await until(lambda: dialog.form.rows["account"].error)
    assert dialog.form.rows["account"].error == "Is taken by another account."
    services.accounts.errors["add_account"] = VaultError(VaultProblem.LOCKED, "The system keyring is locked.")
    dialog.action.click()
    await until(lambda: dialog.form.rows["key"].error)
    assert "for this session only" in dialog.form.rows["key"].error


async def test_without_a_keyring_the_key_goes_into_memory(dialogs, services):
    services.settings.vault = VaultStatus("no keyring", usable=False, problem="Start one.")
    dialog = dialogs()
    await until(lambda: not dialog.kept_in.keyring.isEnabled())
    assert dialog.form.rows["keep"]._hint.text() == "Start one."
    dialog.name.setText("work")
    dialog.key.setText("sk-ant")
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("add_account")[0][3] == "session"


async def test_a_key_can_be_tried_before_it_is_kept(dialogs, services, qtbot):
    services.accounts.probe = ProbeResult(True, "answered with 3 models")
    dialog = dialogs()
    assert not dialog.test.isEnabled()
    dialog.name.setText("work")
    dialog.key.setText("sk-ant")
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    await until(lambda: dialog.trial.text() == "answered with 3 models")
    assert services.asked("test_account") == [("Anthropic", "work", Secret("sk-ant"))]


async def test_escape_forgets_the_key(dialogs):
    dialog = dialogs()
    dialog.key.setText("sk-ant")
    key = dialog.key
    dialog.reject()
    assert key.text() == ""
