from __future__ import annotations

import json
import time

import keyring.errors
import pytest

from app.control.report import report
from app.control.slots import vault_name
from app.domain.provider import CredentialState
from app.domain.rest_words import rest_words
from app.domain.routing import Resting
from app.domain.status import AccountStatus, AppStatus, ProxyState
from tests.fakes.keyrings import RaisingKeyring
from tests.fakes.sample import provider

CANARY = "sk-or-canary-0123456789abcdef"


@pytest.fixture
def router(cli):
    cli("provider", "add", "Router", "--vendor", "openrouter", stdin="sk-or-own-0123456789")

    def account(action, *arguments, stdin=""):
        return cli("provider", "account", action, "Router", *arguments, stdin=stdin)

    account.cli = cli
    return account


def kept(cli, account):
    found = {name: value for (_, name), value in cli.keyring.entries.items()}
    return found.get(vault_name("Router", account))


def test_an_account_is_added_listed_and_removed_and_its_key_is_nowhere_but_in_the_keyring(router):
    added = router("add", "work", "--priority", "2", "--weight", "3", stdin=f"{CANARY}\n")
    assert (added.code, added.out, added.err) == (0, "", "Added account work to Router.\n")
    assert kept(router.cli, "work") == CANARY
    assert router.cli.leaked("canary") == []
    listed = router("list")
    assert [line.split() for line in listed.out.splitlines()] == [
        ["name", "state", "source", "priority", "weight"],
        ["(own", "key)", "ready", "system", "keyring", "0", "1"],
        ["work", "ready", "system", "keyring", "2", "3"],
    ]
    assert json.loads(router("list", "--json").out)[1] == {
        "name": "work",
        "state": "ready",
        "source": "system keyring",
        "priority": 2,
        "weight": 3,
        "resting_until_us": 0,
        "resting_why": "",
    }
    assert router("remove", "work").err == "Removed account work of Router.\n"
    assert kept(router.cli, "work") is None


def test_an_account_is_changed_in_part(router):
    router("add", "work", "--weight", "3", stdin=CANARY)
    assert router("edit", "work", "--rename", "job", "--priority", "1").code == 0
    assert (kept(router.cli, "job"), kept(router.cli, "work")) == (CANARY, None)
    assert json.loads(router("list", "--json").out)[1]["weight"] == 3
    assert router("edit", "job", "--key", stdin="sk-or-second-0123456789\n").code == 0
    assert kept(router.cli, "job") == "sk-or-second-0123456789"
    assert router("edit", "job", "--weight", "0").code == 0
    assert json.loads(router("list", "--json").out)[1]["weight"] == 0


def test_mistakes_are_named(router, capsys):
    assert "nothing to change" in router("edit", "work").err
    assert router("edit", "work", "--weight", "2").err == "patchbay: account: Router has no account 'work'\n"
    assert "there is no provider 'Gone'" in router.cli("provider", "account", "list", "Gone").err
    router("add", "work", stdin=CANARY)
    assert "is taken by another account" in router("add", "Work", stdin=CANARY).err
    assert "no key was given" in router("edit", "work", "--key", stdin="").err
    assert kept(router.cli, "work") == CANARY
    with pytest.raises(SystemExit):
        router("add", "home", "--weight", "-1")
    assert "no number from 0" in capsys.readouterr().err


def test_an_account_without_a_key_is_said_to_have_none(router):
    assert router("add", "work").err == "Added account work to Router; it has no key yet.\n"
    assert router("add", "home", "--env-key", "HOME_KEY", stdin="unread").err == "Added account home to Router.\n"
    assert 'env_key = "HOME_KEY"' in router.cli.config()


def test_without_a_keyring_nothing_changes_and_the_way_out_is_named(router):
    router.cli.keyring = RaisingKeyring(keyring.errors.NoKeyringError())
    refused = router("add", "work", stdin=CANARY)
    assert refused.code == 1
    assert "--env-key NAME" in refused.err
    assert "work" not in router.cli.config()


def test_a_login_where_there_is_none_says_so(cli):
    cli("provider", "add", "Local", "--vendor", "ollama")
    refused = cli("provider", "account", "login", "Local")
    assert (refused.code, refused.err) == (1, "patchbay: login: Local offers no login; enter a key for it\n")


def test_an_account_is_tried_with_its_own_key(cli):
    address = ("--vendor", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1")
    cli("provider", "add", "Local", *address, stdin=CANARY)
    cli("provider", "account", "add", "Local", "work", stdin=CANARY)
    tried = cli("provider", "account", "test", "Local", "work", "--json")
    assert (tried.code, json.loads(tried.out)["ok"]) == (1, False)


def test_a_running_program_tells_how_its_accounts_are(router):
    """A command beside it has seen no answer: it would call every key ready."""
    router("add", "two", stdin=CANARY)
    router("add", "three", stdin=CANARY)
    router("add", "idle", "--weight", "0", stdin=CANARY)
    end_us = time.time_ns() // 1_000 + 3_600_000_000
    keyring = "system keyring"
    accounts = (
        AccountStatus("", CredentialState.READY, keyring),
        AccountStatus("two", CredentialState.REJECTED, keyring),
        AccountStatus("three", CredentialState.READY, keyring),
        AccountStatus("idle", CredentialState.READY, keyring, weight=0),
    )
    resting = (Resting("Router", "", "", end_us, "rate limited"),)
    now = AppStatus(ProxyState.RUNNING, providers=(provider("Router", accounts=accounts),), resting=resting)
    router.cli.beside(report(now))
    states = [line[11:53].split("  ")[0] for line in router("list").out.splitlines()[1:]]
    words = rest_words(end_us, "rate limited", time.time_ns() // 1_000)
    assert states == [words, "rejected", "ready", "switched off"]
    told = json.loads(router("list", "--json").out)
    assert [one["state"] for one in told] == ["ready", "rejected", "ready", "ready"]
    assert [one["resting_until_us"] for one in told] == [end_us, 0, 0, 0]
