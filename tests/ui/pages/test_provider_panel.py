from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.domain.errors import ConfigError, VaultError, VaultProblem
from app.domain.provider import CredentialState, Tier
from app.domain.status import Health
from app.ui.dialogs.message import Question
from app.ui.dialogs.models_editor import ModelsEditor
from app.ui.dialogs.provider_editor import ProviderEditor
from app.ui.pages.provider_panel import COMBO_WIDTH, ProviderPanel
from tests.fakes import sample
from tests.fakes.services import ProbeResult
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down


@pytest.fixture
def panel(show, services, tasks):
    made = show(ProviderPanel(services, tasks), 800, 600)
    made.show_status(services.status.current.providers[0])
    return made


async def test_it_says_how_it_does_and_where_the_key_is(panel, services):
    assert panel.title.text() == "Anthropic"
    assert panel.health.text() == "Answered 2 min ago"
    assert panel.key.text() == "System keyring"
    assert panel.dialect.text() == "Anthropic Messages"
    assert not panel.use.isVisible()
    panel.show_status(replace(sample.provider("X"), credential=CredentialState.MISSING, health=Health.DOWN))
    assert panel.key.text() == "Key missing"
    assert panel.use.isVisible()


async def test_every_dialect_that_it_speaks_is_named(panel):
    panel.show_status(replace(sample.provider("X"), dialect="openai_chat", also_speaks=("openai_responses", "gemini")))
    assert panel.dialect.text() == "OpenAI Chat Completions, OpenAI Responses, Gemini"


async def test_foreign_words_stay_words(panel, services):
    status = replace(services.status.current.providers[0], health_text="<b>401</b>\nno", base_url="https://x/<i>")
    panel.show_status(status)
    assert panel.health.text() == "<b>401</b> no"
    assert panel.health.textFormat() is Qt.TextFormat.PlainText
    assert panel.address.text() == "https://x/<i>"


async def test_use_this_one(panel, services, qtbot):
    panel.show_status(services.status.current.providers[1])
    qtbot.mouseClick(panel.use, Qt.MouseButton.LeftButton)
    await until(lambda: services.asked("use") == [("OpenAI work",)])


async def test_a_test_shows_what_it_found_and_can_be_ended(panel, services, qtbot):
    qtbot.mouseClick(panel.test, Qt.MouseButton.LeftButton)
    await until(panel.told.isVisible)
    assert panel.told.text() == "answered with 3 models"
    assert services.asked("test")[0][0].name == "Anthropic"
    services.providers.probe = ProbeResult(False, "The provider rejected the key.")
    panel.test.click()
    await until(lambda: "rejected" in panel.told.text())
    services.providers.gate = asyncio.Event()
    panel.test.click()
    await until(panel.busy.isVisible)
    qtbot.mouseClick(panel.busy._cancel, Qt.MouseButton.LeftButton)
    assert panel.busy.isHidden()
    assert panel.test.isEnabled()


async def test_another_selection_ends_what_was_waited_for(panel, services):
    services.providers.gate = asyncio.Event()
    panel.test.click()
    await until(panel.busy.isVisible)
    panel.show_status(services.status.current.providers[1])
    assert panel.busy.isHidden()
    assert panel.told.text() == ""


async def test_models_of_the_active_provider_are_chosen_at_once(panel, services, qtbot):
    box = panel.tiers[Tier.BIG]
    assert [box.itemText(place) for place in range(box.count())] == ["As asked", *sample.CLAUDE]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    await until(lambda: services.asked("choose") == [(Tier.BIG, sample.CLAUDE[1])])


async def test_models_of_another_provider_are_written_to_it(panel, services):
    panel.show_status(services.status.current.providers[1])
    box = panel.tiers[Tier.SMALL]
    assert box.itemText(0) == f"Default: {sample.GPT[2]}"
    box.setCurrentIndex(1)
    box.activated.emit(1)
    await until(lambda: services.asked("edit"))
    name, entry, secret, _keep = services.asked("edit")[0]
    assert (name, entry.small_model, secret) == ("OpenAI work", sample.GPT[2], None)
    assert box.currentText() == sample.GPT[2]


async def test_a_choice_for_every_provider_is_shown_where_requests_go(panel, services):
    """It wins over what was chosen for the provider, and the tray says so too."""
    tiers = tuple(replace(one, chosen="Router:big/one") for one in services.status.current.tiers)
    services.status.set(tiers=tiers)
    panel.show_status(services.status.current.providers[0])
    assert panel.tiers[Tier.BIG].currentText() == "Router:big/one"
    panel.show_status(services.status.current.providers[1])
    assert panel.tiers[Tier.BIG].currentText() == f"Default: {sample.GPT[0]}"


async def test_long_names_leave_the_words_beside_them_their_room(panel, services):
    box, hint = panel.tiers[Tier.MIDDLE], panel._tier_hints[Tier.MIDDLE]
    box.addItem("m" * 300)
    await until(lambda: 0 < hint.height() < 2 * hint.fontMetrics().height())
    assert box.width() == COMBO_WIDTH


async def test_a_refused_choice_is_said_and_taken_back(panel, services):
    services.routes.errors["choose"] = ConfigError("the file cannot be written", key="big_model")
    box = panel.tiers[Tier.BIG]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    await until(panel.told.isVisible)
    assert panel.told.text() == "The file cannot be written."
    assert box.currentIndex() == 0


async def test_a_locked_keyring_can_be_opened_here(panel, services, qtbot):
    status = replace(services.status.current.providers[0], credential=CredentialState.LOCKED)
    panel.show_status(status)
    services.providers.errors["unlock_keyring"] = VaultError(VaultProblem.TIMEOUT, "nobody answered")
    qtbot.mouseClick(panel.unlock, Qt.MouseButton.LeftButton)
    await until(panel.told.isVisible)
    assert panel.told.text().startswith("Nobody answered. Edit the provider")
    services.providers.errors.clear()
    panel.unlock.click()
    await until(lambda: len(services.asked("unlock_keyring")) == 2 and panel.busy.isHidden())


async def test_removing_names_what_is_lost_and_asks(panel, services, qtbot):
    qtbot.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    question = panel.findChild(Question)
    words = question.accessibleDescription()
    assert "patchbay.toml" in words
    assert "key out of the system keyring" in words
    assert "stay in the history" in words
    assert "next provider" in words
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert services.asked("remove") == []
    panel.remove.click()
    question = next(one for one in panel.findChildren(Question) if one.isVisible())
    gone = []
    panel.removed.connect(gone.append)
    qtbot.mouseClick(question.action, Qt.MouseButton.LeftButton)
    await until(lambda: gone == ["Anthropic"])
    assert services.asked("remove") == [("Anthropic",)]


async def test_editing_and_lists_open_their_dialogs(panel, services, tasks, qtbot):
    for button, kind in (
        (panel.edit, ProviderEditor),
        (panel.replace_key, ProviderEditor),
        (panel.models, ModelsEditor),
    ):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible())
        take_down(dialog, tasks)


async def test_a_built_in_provider_cannot_be_edited(panel):
    panel.show_status(sample.provider("Demo", vendor="demo"))
    assert not panel.edit.isEnabled()
    assert not panel.remove.isEnabled()
    assert panel.test.isEnabled()
