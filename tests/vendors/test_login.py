from __future__ import annotations

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import Account, Grant
from app.vendors.resolve import resolve

OWN = (
    ("authorize_url", "https://login.example/authorize?tenant=1"),
    ("token_url", "https://login.example/token"),
    ("client_id", "patchbay"),
    ("scopes", ("models", "offline_access")),
)


def way(*changes, vendor="openai", **values):
    login = tuple({**dict(OWN), **dict(changes)}.items())
    return resolve(ProviderEntry("X", vendor=vendor, login=login, **values)).login


def test_openrouter_offers_a_login_for_a_key_and_others_none():
    found = resolve(ProviderEntry("X", vendor="openrouter")).login
    assert (found.authorize_url, found.grant) == ("https://openrouter.ai/auth", Grant.KEY)
    assert resolve(ProviderEntry("X", vendor="openai")).login is None


def test_a_vendors_login_is_for_its_own_address():
    assert resolve(ProviderEntry("X", vendor="openrouter", base_url="https://gateway.example/v1")).login is None


def test_a_login_of_ones_own():
    found = way()
    assert (found.client_id, found.scopes, found.grant) == ("patchbay", ("models", "offline_access"), Grant.TOKENS)
    assert found.redirect_host == "127.0.0.1"
    assert way(("redirect_host", "localhost")).redirect_host == "localhost"
    assert way(("token_url", "http://127.0.0.1:9/token")).token_url == "http://127.0.0.1:9/token"


def test_a_vendors_login_can_be_changed_in_part():
    found = resolve(ProviderEntry("X", vendor="openrouter", login=(("redirect_host", "127.0.0.1"),))).login
    assert (found.redirect_host, found.grant) == ("127.0.0.1", Grant.KEY)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("authorize_url", "", "is missing"),
        ("token_url", "http://login.example/token", "must begin with https://"),
        ("token_url", "https://user:pw@login.example/token", "neither a user name"),
        ("token_url", "https://login.example/token#x", "neither a user name"),
        ("token_url", "https://log in.example/", "spaces"),
        ("token_url", "https://login.example:port/", "is no address"),
        ("token_url", "https://", "names no host"),
        ("token_url", "https://169.254.169.254/token", "link-local|metadata"),
        ("client_id", "", "is missing"),
        ("grant", "magic", "use one of key, tokens"),
        ("redirect_host", "login.example", "127.0.0.1 or localhost"),
        ("color", "red", "no such key"),
    ],
)
def test_a_login_that_cannot_be_names_its_key(key, value, words):
    with pytest.raises(ConfigError, match=words) as caught:
        way((key, value))
    assert caught.value.key == f"provider 'X', login.{key}"


def test_accounts_come_through():
    accounts = (Account("work", "WORK_KEY"), Account("home", priority=1))
    assert resolve(ProviderEntry("X", vendor="openai", accounts=accounts)).accounts == accounts
