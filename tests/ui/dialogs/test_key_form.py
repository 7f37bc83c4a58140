from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from app.domain.client_key import ClientKey, KeyPolicy
from app.ui.dialogs.key_form import KeyForm, network_problem
from tests.fakes.limits import keys
from tests.fakes.sample import NOW_US


@pytest.fixture
def form(show):
    return show(KeyForm(("default", "laptop"), ("my-tool",), NOW_US), 600, 600)


FULL = KeyPolicy(
    enabled=False,
    expires_us=NOW_US + 123_456_789_012,
    models=("claude-*", "gpt-5*"),
    dialects=("gemini",),
    clients=("codex", "unheard-of"),
    networks=("192.168.1.0/24", "::1"),
    requests_per_minute=60,
    tokens_per_minute=100_000,
    concurrent=2,
)


ODD = KeyPolicy(models=("my model", "a,b"), requests_per_minute=10**9, tokens_per_minute=10**9, concurrent=10**9)


@pytest.mark.parametrize(
    "key",
    [*keys(NOW_US), ClientKey("x", "full", ("a b", "c"), FULL), ClientKey("y", "odd", (), ODD)],
    ids=lambda key: key.name,
)
def test_what_is_shown_is_what_is_kept(form, key):
    form.show_key(key)
    assert (form.name.text(), form.tag_values(), form.policy()) == (key.name, key.tags, key.policy)
    assert form.wrong() is None


def test_lists_may_be_separated_as_one_likes(form):
    form.models.setText("claude-*,  gpt-5*;o3\nclaude-*")
    form.tags.setText("work , two words,, work")
    assert form.policy().models == ("claude-*", "gpt-5*", "o3")
    assert form.tag_values() == ("work", "two words")


def test_a_name_is_needed_and_must_be_free(form):
    assert form.wrong()[0] == "name"
    form.name.setText(" Laptop ")
    assert form.wrong() == ("name", "Another key bears this name; choose another.")
    form.name.setText("desktop")
    assert form.wrong() is None
    form.show_key(keys(NOW_US)[1])
    assert form.wrong() is None


def test_the_end_is_proposed_some_weeks_ahead_and_may_not_have_passed(form):
    form.name.setText("x")
    assert form.policy().expires_us == 0
    form.at.setChecked(True)
    assert form.ends.isEnabled()
    assert 80 < (form.policy().expires_us - NOW_US) / 86_400_000_000 < 91
    assert form.in_words.text().endswith("days")
    form.ends.setDateTime(form.ends.dateTime().addYears(-1))
    assert form.wrong()[0] == "expires"
    assert form.in_words.text() == ""
    form.never.setChecked(True)
    assert form.wrong() is None


@pytest.mark.parametrize("text", ["192.168.1.0/24", "10.0.0.7", "::1", "fe80::/10", "0.0.0.0/0"])
def test_addresses_and_networks(text):
    assert network_problem(text) == ""


@pytest.mark.parametrize("text", ["192.168.1.300", "home", "10.0.0.0/33", "10.0.0", "1.2.3.4/", "\u202eevil"])
def test_what_is_none_is_refused_in_words(text):
    said = network_problem(text)
    assert "neither an address nor a network" in said
    assert "\u202e" not in said


def test_an_address_with_a_length_is_asked_about(form):
    assert "Write 192.168.1.0/24 for the network" in network_problem("192.168.1.5/24")
    form.name.setText("x")
    form.networks.setText("::1, 192.168.1.5/24")
    assert form.wrong()[0] == "networks"


def test_clients_of_the_history_can_be_chosen(form):
    form.clients._build()
    labels = [action.text() for action in form.clients._menu.actions()]
    assert {"claude-code", "codex", "my-tool"} <= set(labels)
    assert labels[0] == "Every client"


def test_bounds_say_their_unit_while_there_is_none(form):
    assert form.requests.text() == "no limit"
    assert form.requests.accessibleName() == "Requests a minute"
    assert form.tokens.accessibleName() == "Tokens a minute"
    shown = [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    assert (shown.count("a minute"), shown.count("at once")) == (2, 1)
