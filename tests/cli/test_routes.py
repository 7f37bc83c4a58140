from __future__ import annotations

import json
import time
import tomllib
from dataclasses import replace

import pytest

from app.cli.routes import choice
from app.control.report import report
from app.domain.periods import until
from app.domain.provider import CredentialState
from app.domain.routing import Choice, ModelWindow, Resting
from app.domain.status import AccountStatus, AppStatus, Health, ProxyState
from tests.fakes.sample import provider

PROVIDERS = """
[config]
port = 8083

[[provider]]
name = "Claude"
vendor = "anthropic"
auth = "none"

[[provider]]
name = "Router"
vendor = "openrouter"
auth = "none"
big_models = ["z-ai/glm-5"]
"""


@pytest.fixture
def routed(cli):
    cli.folder.mkdir(parents=True)
    (cli.folder / "patchbay.toml").write_text(PROVIDERS, "utf-8")
    return cli


def written(cli):
    return tomllib.loads(cli.config())


def test_a_target_as_it_is_written():
    assert choice("Router:z-ai/glm-5:free") == Choice("Router", "z-ai/glm-5:free")
    assert choice(" Router ") == Choice("Router")


def test_a_provider_is_preferred_alone_or_none(routed):
    assert routed("use", "Router").err == "Router is preferred; others serve where it cannot.\n"
    assert written(routed)["config"]["provider"] == "Router"
    assert routed("use", "Claude", "--only").err == "Claude is preferred, and nothing else serves.\n"
    assert written(routed)["routing"] == {"only": True}
    kept = "Router is preferred, and nothing else serves, as before (--also-others ends that).\n"
    assert routed("use", "Router").err == kept
    assert json.loads(routed("use", "Claude", "--also-others", "--json").out) == {
        "provider": "Claude",
        "auto": False,
        "only": False,
    }
    assert routed("use", "Auto").err == "Patchbay chooses among all providers (Auto).\n"
    assert "provider" not in written(routed)["config"]
    refused = routed("use", "auto", "--only")
    assert (refused.code, "Auto chooses among all" in refused.err) == (1, True)
    assert routed("use", "Nobody").code == 1


def test_the_models_of_its_tiers(routed):
    said = routed("use", "Router", "--big", "a/b", "--small", "")
    assert (said.code, said.err.splitlines()[0]) == (
        0,
        "Router does not list a/b; big requests are sent with that name as it is.",
    )
    assert "does not list" not in routed("use", "Router", "--middle", "z-ai/glm-5").err
    assert written(routed)["provider"][1]["big_model"] == "a/b"


def test_rules_are_added_listed_moved_and_removed(routed):
    routed("key", "create", "work")
    assert "There are no rules" in routed("route", "list").err
    added = routed("route", "add", "--to", "Router:z-ai/glm-5", "--min-tokens", "60k", "--thinking", "--name", "Long")
    assert added.err == "Added: at least 60,000 tokens and thinking asked → Router:z-ai/glm-5, then the usual way\n"
    many = ["--model", "gpt*", "--model", "o3", "--client", "codex", "--key", "work", "--no-image", "--max-tokens", "9"]
    routed("route", "add", "--to", "Claude", "--to", "Router", *many, "--between", "22-6", "--only", "--at", "1")
    listed = routed("route", "list").out.splitlines()
    assert listed[0] == "Usual way: Auto (in your order)"
    assert listed[1].startswith(
        "  1  model gpt* or o3 and key work and from codex and up to 9 tokens and no image in it"
    )
    assert listed[2] == "  2  Long: at least 60,000 tokens and thinking asked → Router:z-ai/glm-5, then the usual way"
    assert "Number 2 now: at least 60,000" in routed("route", "move", "2", "5").err
    assert "Number 1 now: at least 60,000" in routed("route", "move", "2", "1").err
    assert routed("route", "disable", "1").err.startswith("Disabled: at least 60,000")
    assert routed("route", "list").out.splitlines()[1].endswith("(disabled)")
    routed("route", "enable", "1")
    found = json.loads(routed("route", "list", "--json").out)
    assert found["rules"][0] == {
        "number": 1,
        "enabled": True,
        "words": "at least 60,000 tokens and thinking asked → Router:z-ai/glm-5, then the usual way",
        "name": "Long",
        "min_tokens": 60_000,
        "thinking": True,
        "to": ["Router:z-ai/glm-5"],
    }
    assert routed("route", "remove", "1").err.startswith("Removed: at least 60,000")
    assert written(routed)["route"][0]["between"] == "22:00-06:00"
    assert len(written(routed)["route"]) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("route", "add", "--to", "Nobody"), "there is no provider 'Nobody'; there are Claude and Router"),
        (("route", "add", "--to", "Claude", "--key", "ghost"), "there is no client key 'ghost'; there is work"),
        (("route", "add", "--to", "Claude", "--min-tokens", "60kk"), "--min-tokens: must be a number of tokens"),
        (("route", "test", "--model", "x", "--tokens", "60kk"), "--tokens: must be a number of tokens"),
        (("route", "test", "--model", "x", "--at", "99:99"), '--at: must be a time of the day, such as "23:30"'),
        (("route", "add", "--to", "Claude", "--between", "late"), "between: must be two times of the day"),
        (("route", "remove", "3"), "there is no rule 3; there are none"),
        (("route", "move", "3", "1"), "there is no rule 3"),
        (("route", "health-checks", "1"), "must be 0, or 10"),
        (("route", "add", "--to", "Claude", "--between", "10:00-10:00"), "between: ends when it begins"),
        (("route", "test", "--model", "x", "--key", "nobody"), "--key: there is no client key 'nobody'"),
        (("use", "auto", "--middle", "x"), "--middle: name the provider whose middle model it is"),
        (
            ("error-rule", "add", "overloaded", "--status", "200"),
            "status: belongs to no error; write one from 300",
        ),
        (("pin", "add", "a/b", "Claude"), "without /"),
        (("pin", "add", "a", "Nobody:x"), "there is no provider 'Nobody'"),
        (("pin", "add", "a", "Claude", "--key", "none"), "there is no client key 'none'"),
        (("pin", "remove", "a"), "there is no pin 'a'"),
        (("provider", "order", "Nobody"), "there is no provider 'Nobody'"),
        (("provider", "failover", "Nobody", "on"), "there is no provider 'Nobody'"),
        (("route", "test", "--model", "x", "--pin", "none"), "There is no pin 'none'"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(routed, arguments, words):
    routed("key", "create", "work")
    before = routed.config()
    refused = routed(*arguments)
    assert refused.code == 1
    assert words in refused.err
    assert routed.config() == before


def test_a_rule_of_the_file_that_ends_when_it_begins_can_be_switched_off(routed):
    routed("route", "add", "--to", "Claude", "--between", "9:00-10:00")
    text = routed.config().replace("09:00-10:00", "10:00-10:00")
    assert "10:00-10:00" in text
    (routed.folder / "patchbay.toml").write_text(text, "utf-8")
    assert routed("route", "disable", "1").code == 0


def test_where_a_request_would_go(routed):
    routed("route", "add", "--to", "Router:long", "--min-tokens", "60k", "--between", "22:00-06:00", "--name", "Night")
    routed("route", "add", "--to", "Router", "--subagent")
    routed("pin", "add", "website", "Claude:claude-haiku-4-5")
    routed("provider", "order", "Router", "Claude")
    night = routed("route", "test", "--model", "claude-opus-4-8", "--tokens", "60k", "--at", "23:30")
    assert night.out.splitlines() == [
        "Rule Night: at least 60,000 tokens and between 22:00 and 06:00",
        "  1  Router:long",
        "then, in your order",
        "  2  Router:z-ai/glm-5",
        "  3  Claude:claude-opus-4-8",
    ]
    day = routed("route", "test", "--model", "claude-opus-4-8", "--tokens", "60k", "--at", "7:30")
    assert day.out.splitlines()[:3] == [
        "not rule Night: between 22:00 and 06:00",
        "not rule 2: from a subagent",
        "Auto, in your order",
    ]
    found = json.loads(routed("route", "test", "--model", "claude-opus-4-8", "--pin", "website", "--json").out)
    assert found == {
        "why": "pin website",
        "affinity": True,
        "groups": [{"strategy": "priority", "targets": ["Claude:claude-haiku-4-5"]}],
        "skipped": {},
        "passed_over": [],
    }


def test_what_a_target_lacks_is_said_before_it_is_asked(routed):
    file = routed.folder / "patchbay.toml"
    file.write_text(PROVIDERS + '[provider.profile]\nimages = "none"\n', "utf-8")
    tried = ("route", "test", "--model", "claude-opus-4-8", "--image")
    assert routed(*tried).out.splitlines()[2].startswith("  2  Router:z-ai/glm-5, skipped: ")
    assert list(json.loads(routed(*tried, "--json").out)["skipped"]) == ["Router:z-ai/glm-5"]


def test_what_a_running_program_learned_of_windows_counts(routed):
    tried = ("route", "test", "--model", "claude-opus-4-8", "--tokens", "9k")
    assert "skipped" not in routed(*tried).out
    learned = (ModelWindow("Claude", "claude-opus-4-8", 8_192),)
    claude = provider("Claude", accounts=(AccountStatus("", CredentialState.READY, "this session"),))
    routed.beside(report(AppStatus(ProxyState.RUNNING, providers=(claude,), windows=learned)))
    words = "takes 8,192 tokens, this prompt has about 9,000"
    assert routed(*tried).out.splitlines()[1] == f"  1  Claude:claude-opus-4-8, skipped: {words}"
    routed("use", "Claude", "--only")
    alone = f"  1  Claude:claude-opus-4-8, {words}; asked all the same, for nobody would do"
    assert routed(*tried).out.splitlines()[1] == alone


def test_what_rests_is_told_beside_a_running_program(routed):
    now_us = time.time_ns() // 1_000
    end_us = now_us + 600_000_000
    accounts = (AccountStatus("", CredentialState.READY, "this session"),)
    claude = provider("Claude", health=Health.DEGRADED, health_text="the last request failed", accounts=accounts)
    claude = replace(claude, credential_source="this session")
    resting = (Resting("Claude", "", "", end_us, "quota used up"),)
    routed.beside(report(AppStatus(ProxyState.RUNNING, providers=(claude,), active="Claude", resting=resting)))
    words = f"rests until {until(end_us, now_us)}"
    tried = ("route", "test", "--model", "claude-opus-4-8")
    assert routed(*tried).out.splitlines()[1] == f"  1  Claude:claude-opus-4-8, skipped: {words} (quota used up)"
    assert json.loads(routed(*tried, "--json").out)["skipped"] == {"Claude:claude-opus-4-8": f"{words} (quota used up)"}
    assert routed("route", "list").out.splitlines()[-1] == f"Claude {words} (quota used up)"
    assert f"Claude: degraded, the last request failed; {words} (quota used up)\n" in routed("status").out
    listed = routed("provider", "list")
    assert "this session" in listed.out
    assert "*" not in listed.out
    assert listed.err == f"Claude {words} (quota used up)\n"
    assert "this session" in routed("provider", "account", "list", "Claude").out


def test_pins(routed):
    assert "There are no pins" in routed("pin", "list").err
    words = "Pinned: base URL ending in /p/website → Claude and nowhere else\n"
    assert routed("pin", "add", "website", "Claude").err == words
    routed("key", "create", "work")
    changed = routed("pin", "add", "Website", "--key", "work", "--to", "Router:z-ai/glm-5").err
    now = "base URL ending in /p/Website, and key work → Router:z-ai/glm-5 and nowhere else"
    assert changed == f"Changed: {now} (was Claude)\n"
    assert json.loads(routed("pin", "list", "--json").out) == [
        {"name": "Website", "to": "Router:z-ai/glm-5", "key": "work"}
    ]
    assert routed("pin", "list").out.splitlines()[1].split() == ["Website", "/p/Website", "Router:z-ai/glm-5", "work"]
    assert routed("pin", "remove", "website").code == 0
    assert "pin" not in written(routed)


def test_what_holds_for_all_ways(routed):
    assert routed("route", "strategy", "least-used").err == "Now the least used first.\n"
    assert routed("route", "affinity", "off").code == 0
    assert routed("route", "health-checks", "60").code == 0
    assert json.loads(routed("provider", "order", "Router", "--json").out) == {"order": ["Router"]}
    assert written(routed)["routing"] == {
        "strategy": "least_used",
        "affinity": False,
        "health_check_s": 60,
        "order": ["Router"],
    }
    routed("use", "Claude")
    listed = routed("route", "list").out
    assert listed == "Usual way: Claude, then the others (the least used first; order: Router)\n"
    assert routed("provider", "failover", "Router", "off").err == "Router serves only what it is asked for.\n"
    assert written(routed)["provider"][1]["failover"] is False
    assert json.loads(routed("provider", "failover", "Router", "on", "--json").out)["failover"] is True


def test_lines_that_point_a_terminal_at_a_pin(routed):
    routed("pin", "add", "my site", "Claude")
    assert "ANTHROPIC_BASE_URL=http://127.0.0.1:8083/p/my%20site\n" in routed("env", "--pin", "my site").out
    assert (
        "OPENAI_BASE_URL=http://127.0.0.1:8083/p/my%20site/v1"
        in routed("env", "--pin", "my site", "--client", "openai").out
    )
    refused = routed("env", "--pin", "other")
    assert (refused.code, refused.out) == (1, "")
    assert "there is no pin 'other'" in refused.err


def test_a_preferred_provider_that_is_not_there_is_no_way(routed):
    text = PROVIDERS.replace("port = 8083", 'port = 8083\nprovider = "Zed"')
    (routed.folder / "patchbay.toml").write_text(text, "utf-8")
    assert routed("route", "list").out.splitlines()[0] == "Usual way: Auto (there is no provider Zed) (in your order)"
