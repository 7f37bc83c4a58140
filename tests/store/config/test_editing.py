from __future__ import annotations

import dataclasses

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.store.config import editing
from app.store.config.reading import read


@pytest.fixture
def cc_proxy(root):
    return (root / "tests/data/configs/providers.toml").read_text("utf-8")


def again(text):
    return read(text.encode(), "patchbay.toml")


def lines_changed(before, after):
    old, new = before.splitlines(), after.splitlines()
    return [line for line in new if line not in old], [line for line in old if line not in new]


def test_setting_a_key_changes_that_line_only(cc_proxy):
    after = editing.set_key(cc_proxy, "config", "big_model", "OpenAI:gpt-5")
    added, gone = lines_changed(cc_proxy, after)
    assert added == ['big_model = "OpenAI:gpt-5"   # the strong one']
    assert gone == ['big_model = "OpenRouter:anthropic/claude-opus-4.1"   # the strong one']


def test_taking_a_key_out_and_a_key_that_is_not_there(cc_proxy):
    after = editing.set_key(cc_proxy, "config", "small_model", None)
    assert again(after).settings.small_model == ""
    assert editing.set_key(after, "config", "small_model", None) == after
    assert editing.set_key("", "config", "small_model", None) == ""


def test_a_first_key_makes_the_table():
    assert editing.set_key("", "config", "port", 8083) == "[config]\nport = 8083\n"
    text = editing.set_key('[[provider]]\nname = "A"\n', "config", "port", 8083)
    assert again(text).settings.port == 8083
    assert again(text).providers[0].name == "A"


def test_a_new_provider_comes_last_and_reads_back(cc_proxy):
    entry = ProviderEntry(
        name="Local",
        vendor="ollama",
        base_url="http://127.0.0.1:11434/v1",
        big_models=("llama",),
        small_models=(),
        models=("x", "y"),
        big_model="llama",
        allow_insecure=True,
        profile=(("top_k", True), ("effort", ("low", "high")), ("stop_max", 2)),
    )
    text = editing.put_provider(cc_proxy, entry, "Local")
    assert text.startswith(cc_proxy.split("[transformers")[0].rstrip())
    found = again(text)
    assert [one.name for one in found.providers] == ["OpenAI", "OpenRouter", "Claude", "Local"]
    stored = found.providers[-1]
    assert {name: getattr(stored, name) for name in ProviderEntry.__slots__ if name != "line"} == {
        name: getattr(entry, name) for name in ProviderEntry.__slots__ if name != "line"
    }
    assert "transformers" in {one.what for one in found.ignored}


def test_providers_can_be_added_to_nothing_one_after_another():
    text = ""
    for name in ("A", "B", "C"):
        text = editing.put_provider(text, ProviderEntry(name=name, vendor="openai"), name)
    assert text == "\n".join(f'[[provider]]\nname = "{name}"\nvendor = "openai"\n' for name in "ABC")


def test_editing_a_provider_keeps_what_it_does_not_know(cc_proxy):
    entry = again(cc_proxy).providers[0]
    changed = editing.put_provider(
        cc_proxy,
        ProviderEntry(name="OpenAI main", base_url=entry.base_url, env_key=entry.env_key, big_models=entry.big_models),
        "OpenAI",
    )
    assert "web_search = true" in changed
    assert "# first choice" in changed
    found = again(changed).providers[0]
    assert (found.name, found.provider_type, found.middle_models) == ("OpenAI main", "", None)
    assert found.big_models == ("gpt-5", "gpt-5-pro")
    assert len(again(changed).providers) == 3


def test_removing_a_provider_leaves_the_others(cc_proxy):
    found = again(editing.remove_provider(cc_proxy, "OpenRouter"))
    assert [one.name for one in found.providers] == ["OpenAI", "Claude"]
    assert editing.remove_provider(cc_proxy, "Nobody") == cc_proxy
    assert again(editing.remove_provider('[[provider]]\nname = "A"\n', "A")).providers == ()


def test_dropping_a_secret_takes_its_line_out_and_no_other(cc_proxy):
    after = editing.drop_secret(editing.drop_secret(cc_proxy, "OpenAI"), "")
    added, gone = lines_changed(cc_proxy, after)
    assert added == []
    assert gone == [
        'anthropic_api_key = "sk-local-0123456789abcdef"',
        'api_key = "sk-proj-canary0123456789abcdefghij"',
    ]


def test_inline_providers_are_not_mangled():
    with pytest.raises(ConfigError, match=r"\[\[provider\]\]"):
        editing.put_provider('provider = [{name = "A"}]\n', ProviderEntry(name="B"), "B")


def test_a_table_below_a_provider_keeps_its_comments():
    text = (
        '[[provider]]\nname = "A"\nvendor = "openai"\n\n'
        '[provider.endpoints]\n# the relay in the cellar\ngemini = "https://h/g"  # fast\nopenai_responses = "{base}"\n'
    )
    entry = again(text).providers[0]
    assert editing.put_provider(text, entry, "A") == text
    changed = dataclasses.replace(entry, endpoints=(("gemini", "https://h/g"), ("anthropic_messages", "https://h/a")))
    after = editing.put_provider(text, changed, "A")
    assert again(after).providers[0].endpoints == changed.endpoints
    assert '# the relay in the cellar\ngemini = "https://h/g"  # fast\n' in after
    bare = editing.put_provider(after, dataclasses.replace(entry, endpoints=()), "A")
    assert again(bare).providers[0].endpoints == ()


def test_endpoints_of_a_new_provider_are_a_table():
    entry = ProviderEntry(name="A", vendor="openai", endpoints=(("gemini", "https://h"),))
    after = editing.put_provider("", entry, "")
    assert '[provider.endpoints]\ngemini = "https://h"\n' in after
    assert again(after).providers[0].endpoints == entry.endpoints
