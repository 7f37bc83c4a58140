from __future__ import annotations

import pytest

from app.domain.client_key import ClientKey
from app.domain.errors import ConfigError
from app.domain.routing import Choice, Pin
from app.ui.dialogs.pin_editor import PinEditor
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down


@pytest.fixture
def open_one(services, tasks, themes):
    services.keys.kept = (ClientKey("k1", "default"), ClientKey("k2", "ci"))
    made, told = [], []

    def open_one(pin):
        dialog = PinEditor(None, services, tasks, pin, told.append)
        dialog.show()
        made.append(dialog)
        return dialog

    open_one.told = told
    yield open_one
    for dialog in made:
        take_down(dialog, tasks)


@pytest.mark.parametrize(
    "pin", [Pin("a", Choice("Ollama", "qwen"), "ci"), Pin("b", Choice("Ollama")), Pin("c", Choice("Gone", "m"), "lost")]
)
async def test_every_field_comes_back_as_it_was(open_one, pin):
    assert open_one(pin).pin == pin


async def test_a_new_pin(open_one, services):
    dialog = open_one(None)
    dialog.name.setText("web")
    assert dialog.address.text() == "http://127.0.0.1:8082/p/web"
    dialog.key.setCurrentIndex(2)
    dialog.to.rows[0].model.setEditText("claude-haiku-4-5")
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("put_pin") == [(Pin("web", Choice("Anthropic", "claude-haiku-4-5"), "ci"), "")]
    assert open_one.told == ["web"]


async def test_without_a_name_nothing_is_sent(open_one, services):
    dialog = open_one(None)
    dialog.action.click()
    assert dialog.form.rows["name"].error
    assert services.asked("put_pin") == []


async def test_what_control_refuses_stands_at_its_field(open_one, services):
    services.routes.errors["put_pin"] = ConfigError("there is a pin of that name", key="name")
    dialog = open_one(Pin("a", Choice("Ollama")))
    dialog.action.click()
    await until(lambda: dialog.form.rows["name"].error == "There is a pin of that name.")
    services.routes.errors["put_pin"] = OSError(28, "No space left on device")
    dialog.action.click()
    await until(dialog.error.isVisible)
    assert not closed(dialog)
