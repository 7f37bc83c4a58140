from __future__ import annotations

import json
import sys

import keyring.errors

from app.cli import providers
from tests.fakes.keyrings import RaisingKeyring

CANARY = "sk-canary-0123456789abcdef"


def test_a_provider_is_added_listed_and_removed_and_its_key_is_nowhere_but_in_the_keyring(cli):
    assert cli("provider", "list").err.startswith("There is no provider yet.")
    added = cli(
        "provider", "add", "Router", "--vendor", "openrouter", "--big", "a/b", "--big", "c/d", stdin=f"{CANARY}\n"
    )
    assert (added.code, added.err) == (0, "Added Router.\n")
    assert CANARY in cli.keyring.entries.values()
    assert cli.leaked("canary") == []
    assert not cli("provider", "list").out.splitlines()[1].startswith("*")  # Auto prefers none
    cli("use", "Router")
    listed = cli("provider", "list")
    assert listed.out.splitlines()[1].split() == [
        "*",
        "Router",
        "openrouter",
        "https://openrouter.ai/api/v1",
        "system",
        "keyring",
        "a/b,",
        "c/d",
    ]
    assert CANARY not in listed.out
    (one,) = json.loads(cli("provider", "list", "--json").out)
    assert (one["name"], one["active"], one["credential"], one["models"]) == ("Router", True, "ready", ["a/b", "c/d"])
    assert cli("provider", "remove", "Router").code == 0
    assert CANARY not in cli.keyring.entries.values()
    assert cli("provider", "remove", "Router").err == "patchbay: name: there is no provider 'Router'\n"


def test_what_led_to_a_removed_provider_is_said_and_nothing_is_the_only_one_after_it(cli):
    for name in ("First", "C"):
        cli("provider", "add", name, "--vendor", "ollama")
    cli("route", "add", "--name", "late", "--to", "C", "--to", "First")
    cli("pin", "add", "website", "C:x")
    cli("error-rule", "add", "overloaded", "--status", "400", "--provider", "C")
    cli("use", "C", "--only")
    assert "only = true" in cli.config()
    said = cli("provider", "remove", "C").err
    for words in (
        "route 1 (late), to",
        "pin website, to",
        "error rule 1, provider",
        "Nothing else served; that is over",
    ):
        assert words in said
    assert "only" not in cli.config()
    assert cli("use", "First").err == "First is preferred; others serve where it cannot.\n"
    assert cli("provider", "remove", "First").err.startswith("Removed First.\nLeads nowhere now:\n  route 1 (late), to")


def test_no_provider_is_called_as_no_provider_in_particular_is(cli):
    refused = cli("provider", "add", "Auto", "--vendor", "ollama")
    assert (refused.code, "name: must not be 'auto'" in refused.err) == (1, True)


def test_another_one_stays_the_only_one_that_serves(cli):
    for name in ("First", "C"):
        cli("provider", "add", name, "--vendor", "ollama")
    cli("use", "First", "--only")
    assert cli("provider", "remove", "C").err == "Removed C.\n"
    assert "only = true" in cli.config()


def test_the_first_command_settles_the_port(cli):
    cli("provider", "add", "Local", "--vendor", "ollama")
    assert "port = 80" in cli.config()


def test_a_vendor_without_keys_asks_for_none(cli, monkeypatch):
    assert cli("provider", "add", "Local", "--vendor", "ollama", stdin="unread").code == 0
    assert sys.stdin.read() == "unread"


def test_without_a_keyring_nothing_changes_and_the_way_out_is_named(cli):
    cli.keyring = RaisingKeyring(keyring.errors.NoKeyringError())
    refused = cli("provider", "add", "Router", "--vendor", "openrouter", stdin=CANARY)
    assert refused.code == 1
    assert "--env-key NAME" in refused.err
    assert "Router" not in cli.config()
    assert cli("provider", "add", "Router", "--vendor", "openrouter", "--env-key", "MY_KEY").code == 0
    assert 'env_key = "MY_KEY"' in cli.config()


def test_mistakes_are_named(cli):
    assert "there is no vendor 'nobody'" in cli("provider", "add", "X", "--vendor", "nobody").err
    assert cli("use", "X").err == "patchbay: provider: there is no provider 'X'; add one first\n"
    assert cli("provider", "test", "X").code == 1


def test_use_switches_provider_and_models(cli):
    cli("provider", "add", "Router", "--vendor", "openrouter", "--env-key", "A")
    cli("provider", "add", "Local", "--vendor", "ollama")
    assert cli("use", "Local", "--big", "llama", "--small", "").code == 0
    assert 'provider = "Local"' in cli.config()
    assert 'big_model = "llama"' in cli.config()
    status = json.loads(cli("status", "--json").out)
    assert (status["provider"], status["tiers"]["big"]) == ("Local", "llama")


def test_a_provider_without_a_key_is_said_to_have_none(cli, monkeypatch):
    added = cli("provider", "add", "Router", "--vendor", "openrouter", stdin="")
    assert added.code == 0
    assert added.err.splitlines() == [
        "Added Router; it has no key yet.",
        "Log in for one with the browser: patchbay provider account login Router",
    ]
    monkeypatch.setattr(sys, "stdin", None)
    assert providers.read_key("Router") is None


def test_what_cannot_be_written_is_an_error(cli):
    cli("provider", "add", "Router", "--vendor", "openrouter", "--env-key", "A")
    cli("provider", "list")
    (cli.folder / "patchbay.toml").write_text(broken := "[[provider]]\nname = 5\n", "utf-8")
    tried = cli("use", "Router")
    assert tried.code == 1
    assert "patchbay.toml, line 2" in tried.err
    assert cli.config() == broken


def test_a_provider_that_nobody_hosts_fails_its_test(cli):
    cli(
        "provider", "add", "Local", "--vendor", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1", stdin=CANARY
    )
    tried = cli("provider", "test", "Local", "--json")
    assert tried.code == 1
    assert json.loads(tried.out)["ok"] is False
    assert CANARY not in tried.out
