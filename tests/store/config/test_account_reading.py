from __future__ import annotations

import pytest

from app.domain.errors import ConfigError
from app.domain.provider import Account, Login
from app.store.config.reading import read

TWO = """\
[[provider]]
name = "A"
vendor = "openrouter"

[[provider.account]]
name = "work"
api_key = "sk-or-canary-0123456789"
weight = "3"

[[provider.account]]
name = "home"
env_key = "HOME_KEY"
priority = 2
login = "oauth"
color = "red"

[provider.login]
token_url = "https://login.example/token"
scopes = "one two"

[[provider]]
name = "B"
vendor = "openai"

[[provider.account]]
name = "work"
"""


def config(text):
    return read(text.encode(), "patchbay.toml")


def test_accounts_belong_to_their_provider_and_keep_their_order():
    first, second = config(TWO).providers
    assert first.accounts == (Account("work", weight=3), Account("home", "HOME_KEY", 2, 1, Login.OAUTH))
    assert second.accounts == (Account("work"),)
    assert first.login == (("token_url", "https://login.example/token"), ("scopes", ("one", "two")))


def test_a_key_in_clear_text_is_found_with_the_account_it_belongs_to():
    found = config(TWO).secrets
    assert [(one.provider, one.account, one.value) for one in found] == [("A", "work", "sk-or-canary-0123456789")]


def test_what_means_nothing_is_named_with_its_account():
    assert [one.what for one in config(TWO).ignored] == ["provider 'A', account 'home': color"]


@pytest.mark.parametrize(
    ("before", "after", "line", "key", "words"),
    [
        ('name = "home"', "", 10, "account.name", "is missing"),
        ('name = "home"', 'name = "Work"', 11, "account.name", "already an account 'Work'"),
        ('name = "home"', 'name = "a/b"', 11, "account.name", "without /"),
        ('name = "home"', f'name = "{"x" * 33}"', 11, "account.name", "at most 32"),
        ("priority = 2", "priority = -1", 13, "account.priority", "whole number from 0"),
        ('weight = "3"', "weight = 1.5", 8, "account.weight", "whole number"),
        ('login = "oauth"', 'login = "magic"', 14, "account.login", "one of key, oauth"),
        ('env_key = "HOME_KEY"', "env_key = 1", 12, "account.env_key", "text in quotes"),
        ('api_key = "sk-or-canary-0123456789"', "api_key = 5", 7, "account.api_key", "text in quotes"),
        ('scopes = "one two"', "scopes = 1", 19, "login.scopes", "list of names"),
        ('token_url = "https://login.example/token"', "token_url = 1", 18, "login.token_url", "text in quotes"),
    ],
)
def test_a_mistake_names_its_line_and_key(before, after, line, key, words):
    assert before in TWO
    with pytest.raises(ConfigError, match=words) as caught:
        config(TWO.replace(before, after, 1))
    assert (caught.value.line, caught.value.key) == (line, f"provider.{key}")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[provider]]\nname = "A"\nvendor = "openai"\naccount = "work"\n', "provider.account"),
        ('[[provider]]\nname = "A"\nvendor = "openai"\nlogin = "oauth"\n', "provider.login"),
    ],
)
def test_tables_that_are_none_are_refused(text, key):
    with pytest.raises(ConfigError) as caught:
        config(text)
    assert (caught.value.line, caught.value.key) == (4, key)


def test_no_provider_may_be_called_as_the_keyring_calls_an_account():
    with pytest.raises(ConfigError, match="/account/"):
        config('[[provider]]\nname = "A/account/work"\nvendor = "openai"\n')
