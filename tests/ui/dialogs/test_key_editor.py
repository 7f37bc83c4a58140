from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.client_key import KeyPolicy
from app.domain.errors import ConfigError
from app.domain.provider import Secret
from app.ui.dialogs.key_editor import open_key
from tests.fakes.limits import TEXT, keys
from tests.fakes.sample import NOW_US
from tests.ui.conftest import focus_chain, until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def start(show, services, tasks):
    services.keys.kept = keys(NOW_US)
    window, made = show(QWidget(), 900, 700), []

    def start(key=None, heard=lambda *_: None):
        made.append(open_key(window, services, tasks, key, now_us=NOW_US, made=heard))
        return made[-1]

    yield start
    for dialog in made:
        take_down(dialog, tasks)


async def test_a_name_and_enter_make_one(start, services, qtbot):
    heard = []
    dialog = start(heard=lambda *values: heard.append(values))
    qtbot.keyClicks(dialog.form.name, " robot ")
    qtbot.keyClicks(dialog.form.models, "claude-*")
    assert dialog.meaning.text() == "May use claude-*."
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    await until(lambda: closed(dialog))
    assert services.asked("create") == [("robot", KeyPolicy(models=("claude-*",)), ())]
    assert heard == [(Secret(TEXT), "robot")]


async def test_what_is_wrong_stands_at_its_field(start, services, qtbot):
    dialog = start()
    dialog.action.click()
    assert "Give the key a name" in dialog.form.rows["name"].error
    qtbot.keyClicks(dialog.form.name, "x")
    assert dialog.form.rows["name"].error == ""
    dialog.form.networks.setText("home")
    dialog.action.click()
    assert "neither an address" in dialog.form.rows["networks"].error
    assert services.asked("create") == []
    dialog.form.networks.clear()
    services.keys.errors["create"] = ConfigError("must be a name that no other key bears", key="name")
    dialog.action.click()
    await until(lambda: dialog.form.rows["name"].error)
    assert dialog.form.isEnabled()
    services.keys.errors["create"] = ConfigError("the state cannot be written", key="")
    dialog.action.click()
    await until(dialog.error.text)


async def test_editing_sends_everything_and_shows_no_text(start, services):
    heard = []
    dialog = start(keys(NOW_US)[1], heard=lambda *values: heard.append(values))
    assert "at most 60 requests a minute" in dialog.meaning.text()
    dialog.form.requests.setValue(0)
    dialog.form.tags.setText("work, home")
    dialog.action.click()
    await until(lambda: closed(dialog))
    ((key_id, name, policy, tags),) = services.asked("change")
    assert (key_id, name, tags) == ("k-laptop", "laptop", ("work", "home"))
    assert policy == KeyPolicy(models=("claude-*",), networks=("192.168.1.0/24",), concurrent=2)
    assert heard == []


async def test_a_slow_save_can_be_cancelled(start, services, qtbot):
    dialog = start()
    dialog.form.name.setText("x")
    services.keys.gate = asyncio.Event()
    dialog.action.click()
    await until(dialog.busy.isVisible)
    assert not dialog.form.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.form.name.text() == "x"


async def test_tab_goes_along_the_eye(start):
    dialog = start()
    form = dialog.form
    wanted = [
        form.name, form.tags, form.never, form.models, form.networks, form.dialects, form.clients,
        form.requests, form.tokens, form.concurrent, dialog.dismiss, dialog.action,
    ]  # fmt: skip
    assert [one for one in focus_chain(dialog.form.name) if one in wanted] == wanted
