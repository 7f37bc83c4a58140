"""What must not stand in any file of the project: places of one machine, hosts of registries, keys, pictures."""

from __future__ import annotations

import re

from tests.house.source import ROOT, files

# Written in pieces, or this file would find itself.
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
PLACES = re.compile(r"(?<![\w./~-])/(?:wo" + r"rk|tmp/" + r"pb|ro" + r"ot|ho" + r"me/[a-z]+)\b")
KEYS = re.compile(
    r"sk-ant-api03-[\w-]{60,}|sk-proj-[\w-]{60,}|\bghp_\w{36}\b|\bAIza[\w-]{35}\b"
    r"|-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}"
)
PICTURES = re.compile("[\U0001f300-\U0001faff\ufe0f]")
BINARY = {".png", ".ico", ".icns", ".jpg", ".gif", ".ttf", ".woff2", ".db", ".gz", ".zst", ".bin", ".whl"}


def texts(*folders):
    for path in files():
        if path.suffix not in BINARY and (not folders or path.parts[0] in folders):
            yield path, (ROOT / path).read_text(encoding="utf-8", errors="replace")


def found(pattern, *folders):
    return [f"{path}: {match.group()[:40]}" for path, text in texts(*folders) for match in pattern.finditer(text)]


def test_no_registry_is_named():
    assert [f"{path}: {host}" for path, text in texts() for host in REGISTRIES if host in text] == []


def test_no_place_of_one_machine_is_named():
    assert found(PLACES) == []


def test_no_key_is_written_down():
    assert found(KEYS, "app", "installer", "resources", "README.md", ".ci", "pyproject.toml") == []


def test_no_pictures_stand_in_the_text():
    assert found(PICTURES, "app", "installer", "README.md", ".ci", "pyproject.toml") == []


def test_each_pattern_can_fail():
    assert PLACES.search("see /wo" + "rk/main")
    assert PLACES.search("/ho" + "me/ann/x")
    assert not PLACES.search("app/wo" + "rk.py, ./wo" + "rk and ~/wo" + "rk")
    assert KEYS.search("sk-ant-api03-" + "a" * 70)
    assert PICTURES.search("done \U0001f389")
