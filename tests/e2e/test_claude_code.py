from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from app.domain.exchange import State
from tests.e2e.program import patchbay, provider
from tests.e2e.scripted import Script, serve

pytestmark = [pytest.mark.e2e, pytest.mark.time_limit(280), pytest.mark.timeout(300)]

VERSION = "2.1.329"
CACHE = Path(__file__).parents[2] / ".cache" / f"claude-code-{VERSION}"
WORD = "forty-two-is-the-word"


@pytest.fixture(scope="session")
def claude():
    """The real program from npm, installed once beside the tests."""
    npm = shutil.which("npm")
    assert npm, "Claude Code comes from npm: install Node.js 20 or newer"
    program = CACHE / "node_modules" / ".bin" / "claude"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        import subprocess

        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(CACHE)]
        subprocess.run([*command, f"@anthropic-ai/claude-code@{VERSION}"], check=True, capture_output=True, timeout=240)
    return program


async def ask(claude, home, program, *arguments):
    home.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "ANTHROPIC_BASE_URL": program.base_url,
        "ANTHROPIC_AUTH_TOKEN": program.key,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    process = await asyncio.create_subprocess_exec(
        str(claude),
        "-p",
        "Run the tool and tell me what it said.",
        "--allowedTools",
        "Bash",
        "--output-format",
        "json",
        *arguments,
        env=environment,
        cwd=home,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert out, err
    return json.loads(out)


@pytest.mark.parametrize("kind", ["anthropic", "openai"])
async def test_claude_code_does_a_tool_round_trip(claude, tmp_path, kind):
    script = Script("Bash", {"command": f"echo {WORD}", "description": "Say the word"})
    async with serve(script) as upstream:
        vendor, base = {
            "anthropic": ("anthropic-compatible", upstream),
            "openai": ("openai-compatible", f"{upstream}/v1"),
        }[kind]
        config = provider("Scripted", vendor, base, "scripted-model")
        async with patchbay(tmp_path / "data", config) as program:
            result = await ask(claude, tmp_path / "home", program)
            rows = await program.rows(2)
    assert result["result"] == f"The tool said: {WORD}"
    assert result["is_error"] is False
    assert result["num_turns"] == 2
    assert script.complaints == []
    assert {path for path, _ in script.requests} == {
        {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}[kind]
    }
    assert all(body["model"] == "scripted-model" for _, body in script.requests)
    assert all(row.state is State.DONE for row in rows)
    assert all(row.client == "claude-code" for row in rows)
    assert {row.sent_model for row in rows} == {"scripted-model"}
    turns = [row for row in rows if row.stop_reason in {"tool_use", "end_turn"}]
    assert {row.stop_reason for row in turns} == {"tool_use", "end_turn"}
    assert all(row.usage.prompt_tokens == 200 for row in turns)
    assert all(row.usage.cache_read_tokens == 50 for row in turns)
    assert all(row.usage.output_tokens == 17 for row in turns)
    assert len({row.session_id for row in rows}) == 1


async def test_claude_code_is_told_of_a_wrong_key_at_once(claude, tmp_path):
    script = Script("Bash", {})
    async with serve(script) as upstream:
        config = provider("Scripted", "anthropic-compatible", upstream, "m")
        async with patchbay(tmp_path / "data", config) as program:
            program.key = "pb_wrong"
            result = await asyncio.wait_for(ask(claude, tmp_path / "home", program), 30)
    assert result["is_error"] is True
    assert result["api_error_status"] == 401
    assert "Patchbay" in result["result"]
    assert script.requests == []
