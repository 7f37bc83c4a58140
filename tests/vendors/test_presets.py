from __future__ import annotations

from urllib.parse import urlsplit

from app.domain.config import ProviderEntry
from app.domain.provider import AuthStyle
from app.vendors.presets import DEMO, VENDORS, vendor
from app.vendors.profiles import PROFILES
from app.vendors.resolve import base_url_problem

NAMES = (
    "anthropic",
    "openai",
    "azure",
    "openrouter",
    "ollama",
    "gemini",
    "deepseek",
    "kimi",
    "glm",
    "minimax",
    "qwen",
    "anthropic-compatible",
    "openai-compatible",
    "openai-responses-compatible",
    "gemini-compatible",
)


def test_every_vendor_promised_is_offered_in_order():
    assert tuple(one.name for one in VENDORS) == NAMES


def test_the_demo_is_known_but_not_offered():
    assert vendor("demo") is DEMO
    assert DEMO not in VENDORS


def test_an_unknown_vendor_is_none():
    assert vendor("nope") is None


def test_presets_are_usable_as_they_are():
    for one in VENDORS:
        assert one.label
        assert one.hint.endswith(".")
        assert not one.base_url or not base_url_problem(one.base_url)
        assert one.profile in PROFILES
        assert one.auth is AuthStyle.NONE or one.env_key or one.name.endswith("-compatible")


def test_only_servers_of_the_user_s_own_lack_an_address():
    without = {one.name for one in VENDORS if not one.base_url}
    assert without == {"azure", *(one.name for one in VENDORS if one.name.endswith("-compatible"))}


def test_further_dialects_are_reached_where_the_vendor_says():
    for one in VENDORS:
        for dialect, url in one.endpoints:
            assert dialect is not one.dialect
            assert url == "{base}" or (url.startswith("https://") and not base_url_problem(url))
            assert url == "{base}" or urlsplit(url).netloc == urlsplit(one.base_url).netloc


def test_entries_and_profiles_name_no_key_twice():
    assert len({profile.kind for profile in PROFILES}) == len(PROFILES)
    assert ProviderEntry(name="x").vendor == ""
