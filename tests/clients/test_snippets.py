from __future__ import annotations

import pytest

from app.clients.snippets import CLIENTS, Shell, snippet

BASE = "http://127.0.0.1:8082"


def test_claude_code_gets_its_two_lines():
    assert snippet("claude-code", BASE, "pb_k") == (
        "export ANTHROPIC_BASE_URL=http://127.0.0.1:8082\nexport ANTHROPIC_AUTH_TOKEN=pb_k\n"
    )


def test_the_openai_sdk_wants_the_version_in_the_address():
    assert "OPENAI_BASE_URL=http://127.0.0.1:8082/v1\n" in snippet("openai", BASE, "pb_k")


@pytest.mark.parametrize("client", [name for name, _ in CLIENTS])
@pytest.mark.parametrize("shell", list(Shell))
def test_every_client_has_lines_for_every_shell(client, shell):
    lines = snippet(client, BASE, "pb_k", shell)
    assert BASE in lines
    assert "pb_k" in lines
    assert lines.endswith("\n")


def test_an_unknown_client_is_a_key_error():
    with pytest.raises(KeyError):
        snippet("telnet", BASE, "pb_k")
