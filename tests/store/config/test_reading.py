from __future__ import annotations

import contextlib
import random

import pytest

from app.domain.config import Config, FoundSecret, Unused
from app.domain.errors import ConfigError
from app.domain.settings import AuthMode, Settings, Theme
from app.store.config.reading import MOST_BYTES, read
from app.vendors.resolve import resolve


def config(text):
    return read(text.encode(), "patchbay.toml")


def error(text):
    with pytest.raises(ConfigError) as caught:
        read(text if isinstance(text, bytes) else text.encode(), "patchbay.toml")
    assert caught.value.file == "patchbay.toml"
    return caught.value


@pytest.fixture
def cc_proxy(root):
    return (root / "tests/data/configs/providers.toml").read_text("utf-8")


def test_a_cc_proxy_file_is_accepted_as_it_is(cc_proxy):
    found = config(cc_proxy)
    assert found.settings.port == 8086
    assert found.settings.log_level == "info"
    assert found.settings.big_model == "OpenRouter:anthropic/claude-opus-4.1"
    assert [one.name for one in found.providers] == ["OpenAI", "OpenRouter", "Claude"]
    openai = found.providers[0]
    assert openai.big_models == ("gpt-5", "gpt-5-pro")
    assert openai.env_key == "OPENAI_KEY_OF_CC_PROXY"
    assert openai.provider_type == "openai"
    assert found.providers[1].middle_models == ()
    assert [one.provider for one in found.secrets] == ["", "OpenAI", "OpenRouter"]
    unused = {one.what for one in found.ignored}
    assert unused >= {"config.request_timeout", "provider 'OpenAI': web_search", "transformers"}
    assert "provider 'bocha' (it has no base_url)" in unused
    assert [one for one in found.ignored if one.like] == []


def test_found_keys_never_show_themselves(cc_proxy):
    assert "canary" not in repr(config(cc_proxy))


def test_an_empty_file_is_the_defaults():
    assert config("") == Config(settings=Settings())


def test_every_setting_is_read():
    found = config(
        '[config]\nport = 9000\nauth = "open"\nprovider = "X"\nrecord_bodies = "false"\nhistory_days = 7\n'
        'history_mib = "64"\ntheme = "dark"\nopen_window_at_start = true\nnotify_on_close = false\n'
        'log_level = "debug"\n'
        '[limits]\nmax_in_flight = 3\nconnect_s = 2\nrate_storage = "redis://localhost"\n'
    ).settings
    assert (found.port, found.auth, found.provider, found.record_bodies) == (9000, AuthMode.OPEN, "X", False)
    assert (found.history_days, found.history_mib, found.theme) == (7, 64, Theme.DARK)
    assert (found.open_window_at_start, found.notify_on_close, found.log_level) == (True, False, "debug")
    assert (found.limits.max_in_flight, found.limits.connect_s) == (3, 2.0)
    assert found.rate_storage == "redis://localhost"


def test_endpoints_belong_to_the_provider_above_them():
    found = config(
        '[[provider]]\nname = "A"\n[[provider]]\nname = "B"\n'
        '[provider.endpoints]\nopenai_responses = "{base}"\ngemini = ""\n'
    )
    assert found.providers[0].endpoints == ()
    assert found.providers[1].endpoints == (("openai_responses", "{base}"), ("gemini", ""))
    assert found.ignored == ()


def test_a_profile_belongs_to_the_provider_above_it():
    found = config(
        '[[provider]]\nname = "A"\n[[provider]]\nname = "B"\n'
        '[provider.profile]\ntop_k = true\neffort = ["low", "high"]\n'
    )
    assert found.providers[0].profile == ()
    assert found.providers[1].profile == (("top_k", True), ("effort", ("low", "high")))
    assert [one.line for one in found.providers] == [1, 3]


def test_a_key_in_clear_text_is_found():
    assert config('[[provider]]\nname = "A"\napi_key = "sk-123"\n').secrets == (FoundSecret("A", "sk-123"),)


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("[config]\nport = 70000\n", 2, "config.port", "1 to 65535"),
        ('[config]\nport = "80x"\n', 2, "config.port", "whole number"),
        ("[config]\n\nport = 80.5\n", 3, "config.port", "whole number"),
        ("[config]\nport = true\n", 2, "config.port", "whole number"),
        ('[config]\nauth = "none"\n', 2, "config.auth", "key, open"),
        ('[config]\nlog_level = "loud"\n', 2, "config.log_level", "debug, info"),
        ("[config]\nbig_model = 5\n", 2, "config.big_model", "text in quotes, not a number"),
        ('[config]\nrecord_bodies = "perhaps"\n', 2, "config.record_bodies", "true or false"),
        ("[limits]\nmax_in_flight = 0\n", 2, "limits.max_in_flight", "whole number from 1 to 2048"),
        ("[limits]\n\nheader_deadline_s = 76\n", 3, "limits.header_deadline_s", "number from 0.1 to 75"),
        ("[limits]\nmax_body_bytes = 67108865\n", 2, "limits.max_body_bytes", "whole number from 1 to 67108864"),
        ("[limits]\nretry_budget = nan\n", 2, "limits.retry_budget", "number from 0 to 1"),
        ('[limits]\nrate_storage = "disk"\n', 2, "limits.rate_storage", '"memory"'),
        ('[limits]\nidle_s = "soon"\n', 2, "limits.idle_s", "number from 0.1 to 3600"),
        ("config = 5\n", 1, "config", "write [config]"),
        ('config.port = "x"\n', 1, "config.port", "whole number"),
        ('[provider]\nname = "A"\n', 1, "provider", "[[provider]]"),
        ('[[provider]]\nvendor = "openai"\n', 1, "provider.name", "is missing"),
        ('[[provider]]\nname = "a:b"\n', 2, "provider.name", "colon"),
        (
            '[[provider]]\nname = "A"\n\n[[provider]]\nname = "a"\n',
            4,
            "provider.name",
            "already a provider 'A' in line 1",
        ),
        ('[[provider]]\nname = "A"\nbase_url = 5\n', 3, "provider.base_url", "text in quotes"),
        ('[[provider]]\nname = "A"\nbig_models = "gpt"\n', 3, "provider.big_models", "list of names"),
        ('[[provider]]\nname = "A"\nmodels = [1]\n', 3, "provider.models", "list of names"),
        ('[[provider]]\nname = "A"\nallow_insecure = 1\n', 3, "provider.allow_insecure", "true or false"),
        ('[[provider]]\nname = "A"\nendpoints = 1\n', 3, "provider.endpoints", "table"),
        ('[[provider]]\nname = "A"\n[provider.endpoints]\ngemini = 1\n', 4, "provider.endpoints.gemini", "in quotes"),
        ('[[provider]]\nname = "A"\nprofile = 1\n', 3, "provider.profile", "table"),
        ('[[provider]]\nname = "A"\n[provider.profile]\nx = [1]\n', 4, "provider.profile.x", "text, a number"),
        ('[[provider]]\nname = "A"\napi_key = 5\n', 3, "provider.api_key", "text in quotes"),
    ],
)
def test_each_error_names_line_key_and_what_to_do(text, line, key, words):
    found = error(text)
    assert (found.line, found.key) == (line, key)
    assert words in found.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('vendor = "nobody"\n', 3),
        ('vendor = "openai"\ndialect = "latin"\n', 4),
        ('vendor = "openai"\n[provider.profile]\nheight = 3\n', 5),
        ('vendor = "openai"\n[provider.endpoints]\ncobol = "https://h"\n', 5),
        ('vendor = "openai"\nprofile = { height = 3 }\n', 4),
        ("", 1),
    ],
)
def test_a_check_beyond_types_gets_the_line_of_its_key(text, line):
    with pytest.raises(ConfigError) as caught:
        read(f'[[provider]]\nname = "A"\n{text}'.encode(), "patchbay.toml", resolve)
    assert caught.value.line == line
    assert caught.value.key.startswith("provider 'A', ")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"[config]\nport = \n", 2),
        (b"[config]\nport = 1\nport = 2\n", 3),
        (b"[config\n", 1),
        (b'[config]\nname = "\xff"\n', 2),
        (b"\x00\x00\x00\x00", 1),
        (b'[config]\nx = """\nnever closed', 3),
    ],
)
def test_what_is_no_toml_is_an_error_with_a_line(data, line):
    assert error(data).line == line


def test_a_huge_file_is_refused_at_once():
    assert "bytes long" in error(b"#" * (MOST_BYTES + 1)).message


def test_deep_nesting_is_refused():
    error("x = " + "[" * 50_000 + "]" * 50_000)


def test_no_damage_raises_anything_but_a_config_error(cc_proxy):
    """Bits flip, pieces vanish: the file either loads or says what is wrong."""
    chance, whole = random.Random(7), cc_proxy.encode()
    for _ in range(400):
        data = bytearray(whole)
        at = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[at] ^= 1 << chance.randrange(8)
        else:
            del data[at : at + chance.randrange(1, 60)]
        with contextlib.suppress(ConfigError):
            read(bytes(data), "patchbay.toml")


def test_masking_rules_are_read_and_a_bad_one_is_named():
    text = '[redaction]\npatterns = ["ACME-\\\\d{8}", "customer_[a-z0-9]+"]\n'
    assert read(text.encode(), "patchbay.toml").settings.redaction == (r"ACME-\d{8}", "customer_[a-z0-9]+")
    assert read(text.encode(), "patchbay.toml").ignored == ()
    for bad, word in (
        ("(a+)+$", "too long|without end|several ways"),
        ("(", "no regular expression"),
        ("a?", "nothing"),
    ):
        with pytest.raises(ConfigError, match=word) as caught:
            read(f"[redaction]\npatterns = [\n  'fine-[0-9]',\n  '{bad}',\n]\n".encode(), "patchbay.toml")
        assert repr(bad) in caught.value.message
        assert (caught.value.key, caught.value.line) == ("redaction.patterns", 2)
    with pytest.raises(ConfigError, match="list"):
        read(b"[redaction]\npatterns = 'one'\n", "patchbay.toml")


def test_rules_that_mean_nothing_are_named_as_ignored():
    assert read(b"[redaction]\nrules = []\n", "patchbay.toml").ignored == (Unused("redaction.rules", 2),)


def test_a_number_of_too_many_digits_is_refused_in_words():
    assert "digits" in error("[limits]\nmax_connections = " + "9" * 5000).message
