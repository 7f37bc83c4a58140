from __future__ import annotations

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import AuthStyle, DialectName, MidSystem
from app.vendors.resolve import base_url_problem, resolve


def test_a_preset_fills_in_what_the_entry_leaves_out():
    provider = resolve(ProviderEntry(name="Main", vendor="anthropic"))
    assert provider.base_url == "https://api.anthropic.com"
    assert provider.dialect is DialectName.ANTHROPIC_MESSAGES
    assert provider.env_key == "ANTHROPIC_API_KEY"
    assert provider.big_models


def test_own_model_lists_replace_the_preset_s_altogether():
    provider = resolve(ProviderEntry(name="x", vendor="openai", big_models=("my-model",)))
    assert provider.big_models == ("my-model",)
    assert provider.middle_models == ()


@pytest.mark.parametrize(
    ("base_url", "provider_type", "vendor", "dialect"),
    [
        ("https://openrouter.ai/api/v1", "openai", "openrouter", DialectName.OPENAI_CHAT),
        ("https://openrouter.ai/api", "anthropic", "anthropic-compatible", DialectName.ANTHROPIC_MESSAGES),
        ("https://api.anthropic.com", "anthropic", "anthropic", DialectName.ANTHROPIC_MESSAGES),
        ("https://x.openai.azure.com", "openai", "azure", DialectName.OPENAI_CHAT),
        ("http://127.0.0.1:9000/v1", "", "openai-compatible", DialectName.OPENAI_CHAT),
        ("https://api.deepseek.com/v1/", "", "deepseek", DialectName.OPENAI_CHAT),
    ],
)
def test_a_cc_proxy_entry_without_a_vendor_is_recognised(base_url, provider_type, vendor, dialect):
    provider = resolve(ProviderEntry(name="x", base_url=base_url, provider_type=provider_type))
    assert (provider.vendor, provider.dialect) == (vendor, dialect)
    assert not provider.base_url.endswith("/")


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"vendor": "acme"}, "vendor", "use one of anthropic"),
        ({"vendor": "azure"}, "base_url", "needs the address"),
        ({"provider_type": "soap"}, "provider_type", "openai or anthropic"),
        ({"vendor": "openai", "dialect": "cobol"}, "dialect", "anthropic_messages"),
        ({"vendor": "openai", "auth": "magic"}, "auth", "x-api-key"),
        ({"vendor": "openai", "base_url": "ftp://x"}, "base_url", "https://"),
        ({"vendor": "openai", "profile": (("speed", 1),)}, "profile.speed", "no such key"),
        ({"vendor": "openai", "profile": (("stop_max", "four"),)}, "profile.stop_max", "int"),
        ({"vendor": "openai", "profile": (("stop_max", True),)}, "profile.stop_max", "int"),
        ({"vendor": "openai", "profile": (("mid_system", "middle"),)}, "profile.mid_system", "inline"),
    ],
)
def test_what_cannot_be_used_names_the_provider_the_key_and_what_to_do(change, key, words):
    with pytest.raises(ConfigError) as caught:
        resolve(ProviderEntry(name="Mine", line=7, **change))
    assert caught.value.key == f"provider 'Mine', {key}"
    assert caught.value.line == 7
    assert words in caught.value.message


@pytest.mark.parametrize("field", ["vendor", "provider_type", "auth", "dialect"])
def test_a_key_in_the_wrong_field_is_not_repeated(field):
    vendor = {} if field in {"vendor", "provider_type"} else {"vendor": "openai"}
    with pytest.raises(ConfigError) as caught:
        resolve(ProviderEntry(name="x", **vendor, **{field: "sk-typed-here-0123456789"}))
    assert "sk-typed" not in str(caught.value)
    assert caught.value.key == f"provider 'x', {field}"


def test_a_profile_key_overrides_the_preset_s():
    provider = resolve(
        ProviderEntry(name="x", vendor="openai", profile=(("mid_system", "merge"), ("effort", ("low", "high"))))
    )
    assert provider.profile.mid_system is MidSystem.MERGE
    assert provider.profile.effort == ("low", "high")
    assert provider.profile.kind == "openai"


def test_the_caller_s_own_key_may_travel_on():
    assert resolve(ProviderEntry(name="x", vendor="anthropic", auth="client")).auth is AuthStyle.CLIENT


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@host",
        "https://",
        "host",
        "https://a b",
        "https://host\r\nx: y",
        "https://host:0",
        "https://host:99999",
        "https://host/?key=1",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_addresses_that_cannot_be_a_provider_s_are_refused_without_quoting_a_password(url):
    problem = base_url_problem(url)
    assert problem
    assert "hunter2" not in problem


@pytest.mark.parametrize("url", ["https://host", "http://127.0.0.1:11434/v1", "http://[::1]:8000/v1"])
def test_ordinary_addresses_pass(url):
    assert base_url_problem(url) == ""


A, C, R, G = (
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_CHAT,
    DialectName.OPENAI_RESPONSES,
    DialectName.GEMINI,
)


def endpoints(**entry):
    return dict(resolve(ProviderEntry(name="x", **entry)).endpoints)


def test_a_vendor_s_further_dialects_are_reached_where_it_says():
    assert endpoints(vendor="openai") == {R: "https://api.openai.com/v1"}
    assert endpoints(vendor="deepseek") == {A: "https://api.deepseek.com/anthropic"}
    assert endpoints(vendor="ollama", base_url="http://box:11434/v1/") == {
        R: "http://box:11434/v1",
        A: "http://box:11434/v1",
    }
    assert endpoints(vendor="anthropic") == {}


def test_no_key_goes_to_a_host_that_nobody_named():
    assert endpoints(vendor="deepseek", base_url="https://relay.example/v1") == {}
    assert endpoints(vendor="deepseek", base_url="https://api.deepseek.com") == {
        A: "https://api.deepseek.com/anthropic"
    }


def test_a_dialect_that_is_written_down_is_meant():
    assert endpoints(vendor="openrouter", dialect="openai_chat") == {}
    own = (("gemini", "https://relay.example/g/"), ("openai_responses", "{base}"))
    assert endpoints(vendor="openai-compatible", base_url="https://h/v1", dialect="openai_chat", endpoints=own) == {
        G: "https://relay.example/g",
        R: "https://h/v1",
    }


def test_one_s_own_endpoint_replaces_the_preset_s_and_an_empty_one_takes_it_out():
    own = (("openai_responses", ""), ("anthropic_messages", "https://eu.openrouter.ai/api"))
    assert endpoints(vendor="openrouter", endpoints=own) == {A: "https://eu.openrouter.ai/api"}


@pytest.mark.parametrize(
    ("pair", "key"),
    [(("cobol", "https://h"), "endpoints.cobol"), (("gemini", "ftp://h"), "endpoints.gemini")],
)
def test_an_endpoint_that_cannot_be_names_its_key(pair, key):
    with pytest.raises(ConfigError) as caught:
        resolve(ProviderEntry(name="x", vendor="openai", endpoints=(pair,)))
    assert caught.value.key == f"provider 'x', {key}"


def test_gemini_speaks_its_own_dialect_and_an_older_address_still_means_chat():
    new = resolve(ProviderEntry(name="x", vendor="gemini"))
    assert (new.dialect, new.auth, new.profile.kind) == (G, AuthStyle.GOOGLE, "gemini")
    for entry in (
        ProviderEntry(name="x", vendor="gemini", base_url="https://generativelanguage.googleapis.com/v1beta/openai/"),
        ProviderEntry(name="x", base_url="https://generativelanguage.googleapis.com/v1beta/openai"),
    ):
        old = resolve(entry)
        assert (old.vendor, old.dialect, old.auth, old.profile.kind) == ("gemini", C, AuthStyle.BEARER, "gemini_openai")
        assert old.big_models


@pytest.mark.parametrize(
    ("dialect", "vendor"),
    [("openai_responses", "openai-responses-compatible"), ("gemini", "gemini-compatible"), ("", "openai-compatible")],
)
def test_an_entry_of_a_dialect_alone_is_a_compatible_server(dialect, vendor):
    assert resolve(ProviderEntry(name="x", base_url="https://h/v1", dialect=dialect)).vendor == vendor
