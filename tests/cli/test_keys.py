from __future__ import annotations

import json
import re

from app.control.report import report
from app.domain.status import AppStatus, ProxyState


def test_lines_for_a_client_are_ready_to_be_evaluated(cli):
    answer = cli("env")
    assert re.fullmatch(
        r"export ANTHROPIC_BASE_URL=http://127\.0\.0\.1:80\d\d\nexport ANTHROPIC_AUTH_TOKEN=pb_[\w-]{43}\n", answer.out
    )
    assert "not running" in answer.err
    assert cli("env").out == answer.out
    key = answer.out.strip().rpartition("=")[2]
    assert cli.leaked(key) == []
    assert f'$env:OPENAI_API_KEY = "{key}"' in cli("env", "--client", "openai", "--shell", "powershell").out


def test_a_key_is_shown_once_listed_by_name_and_revoked(cli):
    created = cli("key", "create", "laptop")
    secret = created.out.strip()
    assert re.fullmatch(r"pb_[\w-]{43}", secret)
    assert "only now" in created.err
    assert cli.leaked(secret) == []
    (listed,) = json.loads(cli("key", "list", "--json").out)
    assert listed["name"] == "laptop"
    assert listed["id"] in cli("key", "list").out
    assert secret not in cli("key", "list").out
    assert cli("key", "revoke", listed["id"]).code == 0
    assert json.loads(cli("key", "list", "--json").out) == []
    assert cli("key", "revoke", "laptop").code == 1


def listed(cli):
    return {one["name"]: one for one in json.loads(cli("key", "list", "--json").out)}


def test_a_key_is_narrowed_and_widened(cli):
    narrow = ("--models", "claude-*,Ollama:*", "--dialects", "anthropic_messages", "--clients", "claude-code,codex")
    more = ("--networks", "127.0.0.1", "--rpm", "5", "--tpm", "60000", "--concurrent", "2", "--tags", "work,ci")
    assert cli("key", "create", "laptop", *narrow, *more, "--expires", "30d").code == 0
    key = listed(cli)["laptop"]
    assert key["models"] == ["claude-*", "Ollama:*"]
    assert (key["dialects"], key["clients"]) == (["anthropic_messages"], ["claude-code", "codex"])
    assert (key["networks"], key["tags"]) == (["127.0.0.1"], ["work", "ci"])
    assert (key["requests_per_minute"], key["tokens_per_minute"], key["concurrent"]) == (5, 60_000, 2)
    assert (key["state"], key["last_used"], key["old_text_ends"]) == ("active", None, None)
    assert key["expires"] > key["created"]
    table = cli("key", "list").out
    assert "5 requests/min, 60,000 tokens/min, 2 at once, until" in table
    changed = cli("key", "change", "laptop", "--name", "tower", "--models", "", "--rpm", "0", "--expires", "never")
    assert (changed.code, changed.out) == (0, "")
    key = listed(cli)["tower"]
    assert (key["models"], key["requests_per_minute"], key["expires"]) == ([], 0, None)
    assert (key["clients"], key["tokens_per_minute"]) == (["claude-code", "codex"], 60_000)
    assert json.loads(cli("key", "change", "tower", "--tags", "", "--json").out)["tags"] == []


def test_the_running_program_knows_of_later_uses(cli):
    cli("key", "create", "laptop")
    assert listed(cli)["laptop"]["last_used"] is None
    used_us = 1_795_000_000_000_000
    cli.beside(report(AppStatus(ProxyState.RUNNING), {listed(cli)["laptop"]["id"]: used_us}))
    assert listed(cli)["laptop"]["last_used"].startswith("2026-11-18")
    assert "never" not in cli("key", "list").out


def test_lists_that_may_fit_nothing_are_told(cli):
    cli("provider", "add", "Local", "--vendor", "ollama", "--big", "qwen3:8b")
    made = cli("key", "create", "a", "--clients", "claude code,codex", "--models", "Nobody:*,local:*,qwen3:8b,claude-*")
    assert made.code == 0
    assert "a: no request comes from a tool 'claude code'; there are anthropic-js" in made.err
    assert "a: there is no provider 'Nobody', so 'Nobody:*' fits only models of that very name." in made.err
    assert made.err.count("a: ") == 2
    assert "no provider" not in cli("key", "change", "a", "--models", "", "--clients", "codex").err
    assert "no provider 'X'" in cli("key", "change", "a", "--models", "X:y").err


def test_of_the_environments_key_only_uses_of_this_run_are_known(cli, monkeypatch):
    monkeypatch.setenv("PATCHBAY_CLIENT_KEY", "pb_from-the-environment")
    assert "not in this run" in cli("key", "list").out
    cli.beside(report(AppStatus(ProxyState.RUNNING), {"PATCHBAY_CLIENT_KEY": 1_795_000_000_000_000}))
    assert "2026-11-18" in cli("key", "list").out


def test_a_key_is_disabled_and_enabled(cli):
    cli("key", "create", "laptop")
    assert "Disabled laptop" in cli("key", "disable", "laptop").err
    assert listed(cli)["laptop"]["state"] == "disabled"
    assert "Enabled laptop" in cli("key", "enable", "laptop").err
    assert listed(cli)["laptop"]["state"] == "active"
    for action in ("enable", "disable", "change", "rotate", "revoke"):
        answer = cli("key", action, "nobody")
        assert (answer.code, answer.out) == (1, "")
        assert "no client key 'nobody'" in answer.err


def test_a_rotated_key_is_shown_once_and_says_how_long_the_old_one_opens(cli):
    first = cli("key", "create", "laptop", "--json")
    made = json.loads(first.out)
    assert made["name"] == "laptop"
    rotated = cli("key", "rotate", "laptop", "--overlap", "1h")
    assert re.fullmatch(r"pb_[\w-]{43}\n", rotated.out)
    assert rotated.out.strip() != made["key"]
    assert "opens until" in rotated.err
    assert listed(cli)["laptop"]["old_text_ends"]
    again = cli("key", "rotate", made["id"], "--overlap", "0", "--json")
    assert json.loads(again.out)["id"] == made["id"]
    assert "opens nothing any more; what already runs under it goes on to its end." in again.err
    for key in (made["key"], rotated.out.strip(), json.loads(again.out)["key"]):
        assert cli.leaked(key) == []
        assert key not in cli("key", "list", "--json").out


def test_the_default_key_rotates_and_clients_are_handed_the_new_one(cli):
    before = cli("env").out
    rotated = cli("key", "rotate", "default").out.strip()
    assert cli("env").out.strip().rpartition("=")[2] == rotated
    assert rotated not in before


def test_b21_names_that_would_do_something_are_refused_and_others_are_literal(cli):
    for name in ("a\r\nb", "\x1b[31mred", "\u202egnp", "x" * 10_000, "a\tb", ""):
        answer = cli("key", "create", name)
        assert (answer.code, answer.out) == (1, ""), name[:20]
        assert answer.err.startswith("patchbay: name: must be")
        assert len(answer.err) < 300
    for name in ("<img src=x>", "=cmd()", "'; DROP TABLE client_key;--"):
        assert cli("key", "create", name).code == 0
        assert name in cli("key", "list").out
        assert name in listed(cli)


def test_what_a_policy_may_not_say_is_named(cli):
    for options, field in (
        (("--networks", "localhost"), "networks"),
        (("--dialects", "klingon"), "dialects"),
        (("--expires", "2001-01-01"), "expires"),
    ):
        answer = cli("key", "create", "laptop", *options)
        assert answer.code == 1
        assert f"patchbay: {field}: " in answer.err
    assert listed(cli) == {}


def test_keys_that_cannot_be_read_are_an_error_and_stay_where_they_are(cli):
    cli("key", "create", "laptop")
    for beside in cli.folder.glob("state.db*"):
        beside.unlink()
    (cli.folder / "state.db").write_bytes(b"no database" * 1_000)
    for arguments in (("list",), ("create", "a"), ("revoke", "laptop")):
        answer = cli("key", *arguments)
        assert answer.code == 1
        assert "No client key is accepted: state.db" in answer.err
    assert (cli.folder / "state.db").read_bytes() == b"no database" * 1_000
