from __future__ import annotations

from dataclasses import replace

import pytest

from app.control.key_policy import checked_name, checked_policy, checked_tags, doubts
from app.domain.client_key import KeyPolicy
from app.domain.errors import ConfigError

NOW_US = 1_000
HOSTILE = [
    "a\r\nSet-Cookie: x",
    "a\nb",
    "a\0b",
    "\u202egnp.exe",
    "\ufeffa",
    "x" * 10_000,
    " a",
    "a ",
    "\x1b[31m",
    "\ud800",
]


@pytest.mark.parametrize("name", [*HOSTILE, "", "  ", "open", "Environment"])
def test_b21_names_that_no_key_bears(name):
    with pytest.raises(ConfigError) as found:
        checked_name(name)
    assert found.value.key == "name"
    assert len(str(found.value)) < 200


@pytest.mark.parametrize("name", ["<img src=x>", "=cmd()", "ключ", "a,b;c", "'; DROP TABLE client_key;--", "笔记本"])
def test_b21_names_that_are_only_strange_are_taken_literally(name):
    assert checked_name(name) == name


@pytest.mark.parametrize("tags", [(one,) for one in (*HOSTILE, "", "a,b", "x" * 33)] + [tuple(map(str, range(17)))])
def test_tags_that_are_none(tags):
    with pytest.raises(ConfigError) as found:
        checked_tags(tags)
    assert found.value.key == "tags"


def test_everything_stands_once_and_networks_in_their_usual_form():
    policy = KeyPolicy(
        models=("claude-*", "claude-*"),
        dialects=("gemini", "gemini"),
        networks=("192.168.1.7/24", " 10.0.0.1", "::1/128", "10.0.0.1/32"),
    )
    assert checked_policy(policy, NOW_US) == KeyPolicy(
        models=("claude-*",), dialects=("gemini",), networks=("192.168.1.0/24", "10.0.0.1", "::1")
    )
    assert checked_tags(("b", "a", "b")) == ("b", "a")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("models", (one,)) for one in ("", "x" * 257, "a\nb")),
        *(("clients", (one,)) for one in ("", "\0")),
        *(("dialects", (one,)) for one in ("", "openai", "Gemini")),
        *(("networks", (one,)) for one in ("", "10.0.0", "10.0.0.0/33", "localhost", "*", "x" * 9_000)),
        *(
            (name, value)
            for name in ("requests_per_minute", "tokens_per_minute", "concurrent")
            for value in (-1, 10**10)
        ),
        *((name, tuple(map(str, range(101)))) for name in ("models", "clients")),
    ],
)
def test_what_no_policy_may_say_is_refused_with_its_field(field, value):
    with pytest.raises(ConfigError) as found:
        checked_policy(replace(KeyPolicy(), **{field: value}), NOW_US)
    assert found.value.key == field
    assert len(str(found.value)) < 200


@pytest.mark.parametrize("ends_us", [-5, NOW_US, 1, 10**18])
def test_an_end_is_still_to_come(ends_us):
    with pytest.raises(ConfigError, match="expires: .*still to come"):
        checked_policy(KeyPolicy(expires_us=ends_us), NOW_US)


def test_an_end_that_is_past_may_stay_as_it_is():
    past = KeyPolicy(expires_us=NOW_US - 1)
    assert checked_policy(replace(past, concurrent=2), NOW_US, before=past).expires_us == NOW_US - 1
    assert checked_policy(KeyPolicy(expires_us=NOW_US + 1), NOW_US).expires_us == NOW_US + 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [("::ffff:127.0.0.1", "127.0.0.1"), ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("fd00::/8", "fd00::/8")],
)
def test_an_ipv4_network_written_as_ipv6_is_what_it_is(written, kept):
    assert checked_policy(KeyPolicy(networks=(written,)), 0).networks == (kept,)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (KeyPolicy(clients=("claude code",)), "no request comes from a tool 'claude code'; there are "),
        (KeyPolicy(models=("Nobody:*",)), "there is no provider 'Nobody'"),
    ],
)
def test_what_may_fit_nothing_is_doubted(policy, words):
    (doubt,) = doubts(policy, ())
    assert doubt.startswith(words)


def test_what_fits_is_not_doubted():
    assert doubts(KeyPolicy(clients=("codex", "other"), models=("claude-*", "*:x", "qwen*:8b")), ()) == ()
