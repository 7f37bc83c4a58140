from __future__ import annotations

import os
import subprocess

import pytest

from app.clients.snippets import CLIENTS, Shell, snippet

BASE = "http://127.0.0.1:8082"


def test_claude_code_gets_its_two_lines():
    assert snippet("claude-code", BASE, "pb_k") == (
        "export ANTHROPIC_BASE_URL=http://127.0.0.1:8082\nexport ANTHROPIC_AUTH_TOKEN=pb_k\n"
    )


def test_the_openai_sdk_wants_the_version_in_the_address():
    assert "OPENAI_BASE_URL=http://127.0.0.1:8082/v1\n" in snippet("openai", BASE, "pb_k")


def test_gemini_s_tools_add_the_version_themselves():
    assert snippet("gemini-cli", BASE, "pb_k") == (
        "export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8082\nexport GEMINI_API_KEY=pb_k\n"
    )


CODEX_OPTIONS = (
    "-c model_provider=patchbay -c model_providers.patchbay.name=Patchbay "
    "-c model_providers.patchbay.base_url=http://127.0.0.1:8082/v1 "
    "-c model_providers.patchbay.env_key=PATCHBAY_KEY -c model_providers.patchbay.wire_api=responses"
)


def test_codex_gets_its_key_and_a_provider_for_this_terminal():
    assert snippet("codex", BASE, "pb_k") == f"export PATCHBAY_KEY=pb_k\nalias codex='codex {CODEX_OPTIONS}'\n"
    windows = snippet("codex", BASE, "pb_k", Shell.POWERSHELL)
    assert windows.startswith('$env:PATCHBAY_KEY = "pb_k"\nfunction codex {')
    assert f"[0] {CODEX_OPTIONS} @args" in windows
    assert snippet("codex", BASE, "pb_k", Shell.CMD).endswith(f"\ndoskey codex=codex {CODEX_OPTIONS} $*\n")


def test_the_key_is_in_no_argument_of_a_program():
    for client, _ in CLIENTS:
        assert not any("pb_k" in line for line in snippet(client, BASE, "pb_k").split("\n") if "alias" in line)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's syntax")
def test_codex_is_started_with_what_the_lines_say(tmp_path):
    program = tmp_path / "codex"
    program.write_text('#!/bin/sh\necho "$PATCHBAY_KEY"; for one; do echo "$one"; done\n')
    program.chmod(0o755)
    script = f"shopt -s expand_aliases\n{snippet('codex', BASE, 'pb_k')}codex exec 'two words'\n"
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(["bash"], input=script, env={"PATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == ["pb_k", *CODEX_OPTIONS.split(" "), "exec", "two words"]


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
