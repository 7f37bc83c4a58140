from __future__ import annotations

import json
import shlex
import subprocess

from app.domain.exchange import StoredSide
from app.ui.models.curl import curl

HEADERS = (
    ("Host", "127.0.0.1:8082"),
    ("Content-Length", "12"),
    ("Authorization", "[secret]"),
    ("x-api-key", "…"),
    ("anthropic-version", "2023-06-01"),
    ("x-note", "it's $HOME `id`"),
)


def test_the_command_can_be_pasted_and_holds_no_secret():
    body = json.dumps({"text": "it's; $(touch /tmp/no) `id`\n\u2028"}).encode()
    command = curl(StoredSide("POST /v1/messages?beta=true", HEADERS, body, len(body)), "http://127.0.0.1:8082")
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:5] == ["curl", "-N", "-X", "POST", "http://127.0.0.1:8082/v1/messages?beta=true"]
    sent = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
    assert sent == [
        "Authorization: Bearer $PATCHBAY_CLIENT_KEY",
        "x-api-key: $PATCHBAY_CLIENT_KEY",
        "anthropic-version: 2023-06-01",
        "x-note: it's $HOME `id`",
    ]
    assert words[-2:] == ["--data-binary", body.decode()]
    assert "[secret]" not in command


def test_a_shell_reads_it_as_it_is_meant(tmp_path):
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\0" "$word"; done\n')
    fake.chmod(0o755)
    body = b'{"a": "it\'s $(id) \\\\ "}'
    command = curl(StoredSide("POST /v1/messages", HEADERS, body, len(body)), "http://127.0.0.1:1")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PATCHBAY_CLIENT_KEY": "pb_key"}
    said = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, check=True).stdout
    words = said.decode().split("\0")
    assert "Authorization: Bearer pb_key" in words
    assert body.decode() in words
    assert "x-note: it's $HOME `id`" in words


def test_a_lost_body_is_said():
    command = curl(StoredSide("POST /v1/messages", (), b"", 90, dropped=True), "http://h")
    assert command.startswith("# The body of this request is no longer in the history.\ncurl ")
    assert curl(StoredSide(), "http://h") == "curl -N -X POST http://h/"
