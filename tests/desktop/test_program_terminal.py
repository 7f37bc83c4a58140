"""The commands of the terminal beside the running program, as someone at a shell uses them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os

import anthropic
import openai
import pytest

from tests.e2e.program import KEY, base_environment, launched, patchbay
from tests.e2e.scripted import PLAIN

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one

COLUMNS = [
    *("timestamp", "request_id", "client", "project", "session_id", "provider", "requested_model", "actual_model"),
    *("status_code", "error", "streaming", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens"),
    *("cache_write_tokens", "cost", "currency", "price_source", "cost_quality", "ttft_ms", "duration_ms"),
    *("usage_source", "account"),
]

MORE_COLUMNS = [
    *("state", "operation", "client_key", "client_dialect", "upstream_dialect", "upstream_status", "attempts"),
    "trace",
]


@pytest.fixture
async def program(tmp_path, upstream, other):
    config = upstream.entry("A", "model-a") + other.entry("B", "model-b")
    async with patchbay(tmp_path / "data", config) as program:
        yield program


async def shell_environment(program, client):
    """What a shell holds after `eval "$(patchbay env …)"`."""
    printed = await program.command("env", "--client", client)
    assert (printed.code, printed.err) == (0, "")
    script = f"{printed.out}\nenv -0"
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", script), env={"PATH": os.environ["PATH"]}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 10)
    return dict(line.split("=", 1) for line in out.decode().split("\0") if line)


async def test_the_two_lines_for_claude_code_open_the_proxy(program):
    printed = await program.command("env", "--client", "claude-code")
    assert printed.out == f"export ANTHROPIC_BASE_URL={program.base_url}\nexport ANTHROPIC_AUTH_TOKEN={KEY}\n"
    shell = await shell_environment(program, "claude-code")
    client = anthropic.AsyncAnthropic(
        base_url=shell["ANTHROPIC_BASE_URL"], auth_token=shell["ANTHROPIC_AUTH_TOKEN"], api_key=None, max_retries=0
    )
    async with client:
        asked = {"max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]}
        async with client.messages.stream(model="claude-sonnet-5", **asked) as stream:
            assert (await stream.get_final_message()).content[0].text == PLAIN


async def test_the_lines_for_the_openai_sdk_open_the_proxy(program):
    shell = await shell_environment(program, "openai")
    async with openai.AsyncOpenAI(
        base_url=shell["OPENAI_BASE_URL"], api_key=shell["OPENAI_API_KEY"], max_retries=0
    ) as client:
        reply = await client.chat.completions.create(model="gpt-5.2", messages=[{"role": "user", "content": "hi"}])
    assert reply.choices[0].message.content == PLAIN


async def test_exports_beside_the_running_program(program, tmp_path):
    await program.ask("claude-opus-4-8")
    await program.ask("B:model-b")
    await program.rows(2)
    path = tmp_path / "out.csv"
    done = await program.command("export", "--format", "csv", "--out", str(path))
    assert (done.code, done.out, done.err) == (0, "", f"Wrote 2 rows to {path}.\n")
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert list(rows[0]) == COLUMNS
    seen = {(row["provider"], row["requested_model"], row["actual_model"]) for row in rows}
    assert seen == {("A", "claude-opus-4-8", "model-a"), ("B", "B:model-b", "model-b")}
    assert {(row["input_tokens"], row["cache_read_tokens"], row["output_tokens"]) for row in rows} == {
        ("120", "50", "17")
    }
    assert {row["status_code"] for row in rows} == {"200"}
    lines = await program.command("export", "--format", "jsonl", "--provider", "B", "--out", "-")
    (row,) = [json.loads(line) for line in lines.out.split("\n") if line]
    assert set(row) == {*COLUMNS, *MORE_COLUMNS}
    assert (row["provider"], row["state"], row["output_tokens"]) == ("B", "done", 17)
    assert [(one["provider"], one["model"], one["verdict"]) for one in row["trace"]] == [("B", "model-b", "chosen")]


async def test_status_and_doctor_say_how_it_stands(program, upstream):
    await program.ask()
    status = await program.status(lambda now: now["today"]["exchanges"] == 1)
    assert (status["proxy"], status["base_url"], status["provider"]) == ("running", program.base_url, "A")
    assert status["tiers"] == {"big": "model-a", "middle": "model-a", "small": "model-a"}
    assert (status["today"]["failed"], status["today"]["output_tokens"], status["notices"]) == (0, 17, [])
    said = (await program.command("status")).out
    assert f"listens on {program.base_url} (process {program.process.pid})" in said
    assert "1 request, 0 failed, 200 tokens in, 17 out" in said  # as the window counts: what was cached went in too
    checked = await program.command("doctor", "--json")
    found = {one["what"]: one["ok"] for one in checked.json}
    keyring = found.pop("keyring")
    assert found == dict.fromkeys(
        (
            "data folder",
            "files",
            "configuration",
            "port",
            "key of A",
            "key of B",
            "history",
            "state",
            "budgets",
            "display",
        ),
        True,
    )
    assert not keyring  # the tests' environment has none
    assert checked.code == 1


async def test_a_switch_in_the_terminal_leads_the_next_request_elsewhere(program, upstream, other):
    await program.ask()
    assert (await program.command("use", "B")).code == 0
    await program.status(lambda now: now["provider"] == "B")
    await program.ask()
    assert (upstream.models, other.models) == (["model-a"], ["model-b"])
    removed = await program.command("provider", "remove", "B")
    assert "Removed B." in removed.err
    await program.status(lambda now: [one["name"] for one in now["providers"]] == ["A"])
    await program.ask()
    assert upstream.models == ["model-a", "model-a"]


async def test_a_client_key_is_made_used_and_revoked_while_it_runs(program):
    made = await program.command("key", "create", "laptop")
    theirs, program.key = program.key, made.out.strip()
    async with asyncio.timeout(10):
        while (await program.ask())[0] != 200:
            await asyncio.sleep(0.05)
    assert (await program.rows(1))[0].client_key == "laptop"
    assert (await program.command("key", "revoke", "laptop")).code == 0
    async with asyncio.timeout(10):
        while (await program.ask())[0] != 401:
            await asyncio.sleep(0.05)
    program.key = theirs
    assert (await program.ask())[0] == 200


async def test_the_demo_answers_without_any_key(tmp_path):
    async with launched(
        *(tmp_path / "data", "--demo", "--headless", "--port", "0"), environment=base_environment()
    ) as program:
        async with program.post("claude-opus-4-8", stream=True) as reply:
            text = (await reply.read()).decode()
        assert reply.status == 200
        assert "message_stop" in text
        (row,) = await program.rows(1)
        assert (row.provider, row.usage.output_tokens > 0) == ("Demo", True)
        program.process.terminate()
        assert await program.ended() == 0
    assert "Demo" not in (tmp_path / "data" / "patchbay.toml").read_text("utf-8")
