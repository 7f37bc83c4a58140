from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.config import ProviderEntry
from app.domain.status import VaultStatus
from app.ui.dialogs.provider_form import ProviderForm
from app.ui.widgets.keeping import ENVIRONMENT, KEYRING, SESSION
from app.vendors.presets import VENDORS


def vendor(name):
    return next(one for one in VENDORS if one.name == name)


@pytest.fixture
def form(show):
    return show(ProviderForm(["Anthropic"]), 600, 500)


def seen(form):
    return {name for name, row in form.rows.items() if row.caption.isVisibleTo(form) or row.field.isVisibleTo(form)}


def test_each_vendor_asks_for_what_it_needs(form):
    expected = {
        "anthropic": {"name", "base_url", "key", "keep"},
        "azure": {"name", "base_url", "api_version", "key", "keep"},
        "ollama": {"name", "base_url", "key"},
        "openai-compatible": {"name", "base_url", "dialect", "key", "keep"},
    }
    for name, fields in expected.items():
        form.show_vendor(vendor(name))
        assert seen(form) == fields, name


def test_a_free_name_follows_the_vendor_until_somebody_chooses_one(form, qtbot):
    form.show_vendor(vendor("anthropic"))
    assert form.name.text() == "Anthropic 2"
    form.show_vendor(vendor("openai"))
    assert form.name.text() == "OpenAI"
    form.name.selectAll()
    qtbot.keyClicks(form.name, "Work")
    form.show_vendor(vendor("deepseek"))
    assert form.name.text() == "Work"


def test_what_the_preset_says_is_left_out_of_the_entry(form):
    form.show_vendor(vendor("openai"))
    assert form.entry() == ProviderEntry("OpenAI", vendor="openai")
    form.base_url.setText(" https://proxy.example/v1 ")
    assert form.entry().base_url == "https://proxy.example/v1"


def test_a_compatible_server_may_speak_the_other_dialect(form):
    form.show_vendor(vendor("openai-compatible"))
    assert form.entry().dialect == ""
    form.dialect.setCurrentIndex(0)
    assert form.entry().dialect == "anthropic_messages"


@pytest.mark.parametrize(
    ("name", "dialect", "example"),
    [
        ("openai-responses-compatible", "OpenAI Responses", "https://host/v1"),
        ("gemini-compatible", "Gemini", "https://host"),
        ("anthropic-compatible", "Anthropic Messages", "https://host"),
    ],
)
def test_every_compatible_server_shows_its_dialect_and_the_form_of_its_address(form, name, dialect, example):
    form.show_vendor(vendor(name))
    assert form.dialect.currentText() == dialect
    assert form.base_url.placeholderText() == example
    assert form.entry().dialect == ""


def test_further_dialects_of_an_entry_survive_an_edit(form):
    kept = ProviderEntry(
        "Relay", vendor="openai-compatible", base_url="https://h/v1", endpoints=(("gemini", "{base}"),)
    )
    form.show_entry(kept, vendor("openai-compatible"))
    form.name.setText("Other")
    assert form.entry().endpoints == kept.endpoints


def test_unencrypted_http_to_another_machine_must_be_allowed(form):
    form.show_vendor(vendor("openai-compatible"))
    form.base_url.setText("http://10.0.0.2/v1")
    assert "allow_insecure" in seen(form)
    form.insecure.setChecked(True)
    assert form.entry().allow_insecure
    for same_machine in ("http://127.0.0.1:9101/v1", "http://localhost", "http://[::1]:1"):
        form.base_url.setText(same_machine)
        assert "allow_insecure" not in seen(form)
    assert not form.entry().allow_insecure
    form.base_url.setText("https://10.0.0.2/v1")
    assert "allow_insecure" not in seen(form)


def test_a_key_of_another_vendor_is_noticed(form, qtbot):
    form.show_vendor(vendor("anthropic"))
    qtbot.keyClicks(form.key, "AIzaSomething")
    assert "usually begin with sk-ant-" in form.rows["key"]._hint.text()
    form.key.setText("sk-ant-something")
    assert not form.rows["key"]._hint.isVisible()
    assert form.secret().value == "sk-ant-something"
    assert form.keeping == KEYRING


def test_an_environment_variable_needs_no_key_here(form, qtbot):
    form.show_vendor(vendor("openai"))
    qtbot.keyClicks(form.key, "sk-x")
    form.environment.click()
    assert (form.keeping, form.secret(), form.key.isEnabled()) == (ENVIRONMENT, None, False)
    assert form.entry().env_key == ""
    form.env_key.setText("MY_KEY")
    assert form.entry().env_key == "MY_KEY"
    form.show_vendor(vendor("openai-compatible"))
    form.env_key.clear()
    form.name.setText("Mön cloud")
    assert form.entry().env_key == "M_N_CLOUD_API_KEY"


def test_without_a_keyring_memory_is_proposed_and_the_reason_said(form):
    form.show_vendor(vendor("openai"))
    form.show_keyring(VaultStatus("no keyring", usable=False, problem="Install one."))
    assert not form.keyring.isEnabled()
    assert form.keeping == SESSION
    assert form.rows["keep"]._hint.text() == "Install one."


def test_a_usable_keyring_is_named(form):
    form.show_vendor(vendor("openai"))
    form.show_keyring(VaultStatus("KWallet", usable=True))
    assert form.keyring.text() == "In the s&ystem keyring (KWallet)"


def test_editing_keeps_what_the_form_does_not_show(form):
    entry = ProviderEntry(
        "Anthropic", vendor="anthropic", big_models=("a",), profile=(("top_k", True),), line=7, dialect="openai_chat"
    )
    form.show_entry(entry, vendor("anthropic"))
    assert form.name.text() == "Anthropic"
    assert form.entry() == entry
    assert form.key.text() == ""
    assert "keep the present key" in form.key.placeholderText()


def test_the_link_leads_to_the_vendor(form, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr("app.ui.dialogs.provider_form.QDesktopServices.openUrl", opened.append)
    form.show_vendor(vendor("deepseek"))
    qtbot.mouseClick(form.key_link, Qt.MouseButton.LeftButton)
    assert opened[0].toString() == vendor("deepseek").key_url
    form.show_vendor(vendor("ollama"))
    assert not form.key_link.isVisible()
