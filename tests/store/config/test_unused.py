from __future__ import annotations

import pytest

from app.domain.config import ProviderEntry, Unused
from app.store.config.editing import put_provider, set_key
from app.store.config.reading import read

MISTYPED = """\
[config]
provder = "A"

[routing]
stratgy = "cheapest"

[limits]
atempts = 2

[[provider]]
name = "A"
vendor = "openai"
failovr = false

[[provider.account]]
name = "work"
env_key = "WORK"
wieght = 3
"""


def found(text):
    return read(text.encode(), "patchbay.toml").ignored


def test_a_mistyped_key_is_told_with_its_line_and_what_it_is_like():
    assert found(MISTYPED) == (
        Unused("config.provder", 2, "provider"),
        Unused("limits.atempts", 8, "attempts"),
        Unused("routing.stratgy", 5, "strategy"),
        Unused("provider 'A': failovr", 13, "failover"),
        Unused("provider 'A', account 'work': wieght", 18, "weight"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[routng]\nonly = true\n", "routng in line 1 (did you mean routing?)"),
        ("[[rout]]\nto = 'A'\n", "rout in line 1 (did you mean route?)"),
        (
            "[[provider]]\nname = 'A'\n[provider.contxt]\n'x' = 1\n",
            "provider 'A': contxt in line 3 (did you mean context?)",
        ),
        ("[transformers]\nx = 1\n", "transformers in line 1"),
        ("[config]\nhost = 'x'\n", "config.host in line 2"),
        ("[[provider]]\nname = 'B'\nbase_url = ''\n", "provider 'B' (it has no base_url) in line 1"),
    ],
)
def test_what_means_nothing_is_told_in_words(text, told):
    assert [str(one) for one in found(text)] == [told]


def test_h07_keys_of_a_newer_version_survive_a_change():
    """What another version wrote is refused by no load and lost by no save."""
    text = put_provider(MISTYPED, ProviderEntry("A", vendor="openai", models=("gpt-5",), weight=2), "A")
    text = set_key(text, "routing", "strategy", "latency")
    assert {"provder", "atempts", "stratgy", "failovr"} <= {
        one.what.rpartition(" ")[2].rpartition(".")[2] for one in found(text)
    }
