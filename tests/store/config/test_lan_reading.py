"""The [lan] table."""

from __future__ import annotations

import pytest

from app.domain.errors import ConfigError
from app.domain.settings import Lan
from app.store.config.reading import read

GOOD = b"""
[lan]
enabled = true
addresses = "192.168.1.20"
names = ["Box.Local"]
trusted_proxies = ["10.0.0.1"]
cert_file = "/c.pem"
"""


def test_a_whole_table():
    assert read(GOOD, "patchbay.toml").settings.lan == Lan(
        True, ("192.168.1.20",), ("box.local",), ("10.0.0.1",), "/c.pem"
    )
    assert read(b"", "patchbay.toml").settings.lan == Lan()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("enabled = 1", "true or false"),
        ('addresses = ["0.0.0.0"]', "single addresses"),
        ('addresses = ["box"]', "192.168.1.20"),
        ('names = ["http://box"]', "my-machine.local"),
        ('names = ["a\\nb"]', "my-machine.local"),
        ("trusted_proxies = [1]", "list of names"),
        ("cert_file = 3", "text in quotes"),
    ],
)
def test_what_cannot_be_is_named_with_its_line(line, words):
    with pytest.raises(ConfigError) as wrong:
        read(f"[lan]\n{line}\n".encode(), "patchbay.toml")
    assert words in wrong.value.message
    assert wrong.value.line == 2
    assert wrong.value.key == f"lan.{line.split()[0]}"


@pytest.mark.parametrize(
    ("text", "line"), [("[lan]\nenable = true", 2), ("\nlan.enable = true", 2), ("\n\nlan = {enable = true}", 3)]
)
def test_unknown_keys_are_errors(text, line):
    """Who may connect is nothing to be read past."""
    with pytest.raises(ConfigError) as wrong:
        read(text.encode(), "patchbay.toml")
    assert str(wrong.value) == f"patchbay.toml, line {line}, lan.enable: is no key of [lan]; did you mean enabled?"
