from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.domain.provider import CredentialState
from app.ui.models.providers import STATUS_ROLE, ProviderModel, key_words
from tests.fakes import sample


@pytest.fixture
def model(qapp):
    made = ProviderModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made.set_providers(sample.providers())
    yield made
    del tester


def test_providers_are_told_whole_to_people_who_listen(model):
    assert model.rowCount() == 3
    said = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Anthropic, active, Anthropic, answered 2 min ago, key: system keyring"
    assert model.data(model.index(1), STATUS_ROLE).name == "OpenAI work"
    assert model.place("Ollama") == 2
    assert model.place("nobody") == -1
    assert model.status(7) is None


def test_news_of_one_provider_touch_only_its_row(model, qtbot):
    first, second, third = sample.providers()
    with qtbot.waitSignal(model.dataChanged) as caught, qtbot.assertNotEmitted(model.modelReset):
        model.set_providers((first, replace(second, health_text="answered now"), third))
    assert caught.args[0].row() == 1


def test_another_set_of_names_resets(model, qtbot):
    with qtbot.waitSignal(model.modelReset):
        model.set_providers(sample.providers()[:2])


def test_foreign_health_texts_stay_text(model):
    first, *rest = sample.providers()
    model.set_providers((replace(first, health_text="<h1>broken</h1>"), *rest))
    assert "<h1>" not in model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)


def test_every_state_of_a_key_has_words():
    for state in CredentialState:
        assert key_words(sample.provider("X", credential=state, credential_source="")) != ""
    variable = sample.provider("X", credential_source="environment variable X_API_KEY")
    assert key_words(variable) == "key: environment variable X_API_KEY"
    renewed = replace(
        variable, credential=CredentialState.WAITING, credential_source="login, kept in the system keyring"
    )
    assert key_words(renewed) == "its login is being renewed"
