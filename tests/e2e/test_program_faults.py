"""What the command-line clients make of what goes wrong, and that nothing of it is recorded as a finished answer."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.domain.exchange import State
from tests.e2e.clients import PROGRAMS
from tests.e2e.clients.client import Setting
from tests.e2e.clients.codex import BUILT_IN, CODEX, configure, outcome, start
from tests.e2e.program import patchbay
from tests.e2e.scripted import Fault, Script, serve
from tests.e2e.upstreams import ANTHROPIC, CHAT, GEMINI, RESPONSES

pytestmark = [pytest.mark.e2e, pytest.mark.time_limit(120), pytest.mark.timeout(140)]

AT_ONCE_S = 20.0
FOREIGN = {"Claude Code": CHAT, "Codex": ANTHROPIC, "Gemini CLI": RESPONSES}
"""An upstream of another dialect for each, so that its errors are translated."""

OWN_MEMBER = "internal_chat_message_metadata_passthrough"
"""Codex sends it to its built-in provider only, which is no affair of the program's: it passes on what it is given."""


async def ask(client, upstream, tmp_path, *faults, key=""):
    """One question with those faults; what the client made of it, the script, the rows."""
    first, *further = client.asks
    script = Script(first.tool, first.arguments, tuple(further), faults=list(faults))
    async with serve(script) as address, patchbay(tmp_path / "data", upstream.config(address)) as program:
        setting = Setting(program.base_url, tmp_path / "home", **({"key": key} if key else {}))
        told = await client.ask(setting)
        waited_out = faults.count(Fault.RATE_LIMITED)  # within one exchange, without the client's seeing anything of it
        rows = await program.rows(len(script.requests) - waited_out) if script.requests else ()
    return told, script, rows


@pytest.mark.parametrize("client", PROGRAMS, ids=str)
async def test_a_wrong_key_is_reported_at_once(client, tmp_path):
    started = time.monotonic()
    told, script, _ = await ask(client, FOREIGN[str(client)], tmp_path, key="pb_wrong")
    assert time.monotonic() - started < AT_ONCE_S
    assert told.failed
    assert "Patchbay" in told.answer + told.said
    assert script.requests == []


@pytest.mark.parametrize("client", PROGRAMS, ids=str)
async def test_a_limit_that_passes_is_waited_for(client, tmp_path):
    told, script, rows = await ask(client, FOREIGN[str(client)], tmp_path, Fault.RATE_LIMITED)
    assert not told.failed, told.said
    assert client.says in told.answer
    assert script.complaints == []
    assert {row.state for row in rows} == {State.DONE}
    assert sorted(row.attempts for row in rows)[-2:] == [1, 2]


@pytest.mark.parametrize("client", PROGRAMS, ids=str)
async def test_a_prompt_that_is_too_long_is_named_so(client, tmp_path):
    told, _, rows = await ask(client, FOREIGN[str(client)], tmp_path, *[Fault.TOO_LONG] * 9)
    assert told.failed
    assert any(words in (told.answer + told.said).lower() for words in ("too long", "ran out of room", "exceed"))
    assert {row.state for row in rows} == {State.FAILED}
    assert {row.client_status for row in rows} == {400}


@pytest.mark.parametrize("client", PROGRAMS, ids=str)
async def test_a_cut_answer_is_asked_for_again(client, tmp_path):
    told, _, rows = await ask(client, FOREIGN[str(client)], tmp_path, Fault.CUT)
    assert client.says in told.answer, told.said
    assert [row.state for row in rows].count(State.FAILED) == 1
    assert not any(row.state is State.FAILED and row.stop_reason == "end_turn" for row in rows)


@pytest.mark.parametrize("upstream", [RESPONSES, GEMINI], ids=str)
async def test_codex_as_its_built_in_provider_needs_no_web_socket(tmp_path, upstream):
    """It tries one first; the answer to that sends it to plain HTTP without a warning or a wait."""
    [shell] = CODEX.asks
    script = Script(shell.tool, shell.arguments)
    async with serve(script) as address, patchbay(tmp_path / "data", upstream.config(address)) as program:
        setting = Setting(program.base_url, tmp_path / "home")
        folder = configure(setting, BUILT_IN)
        (folder / "auth.json").write_text(f'{{"OPENAI_API_KEY": "{setting.key}"}}', encoding="utf-8")
        started = time.monotonic()
        async with asyncio.timeout(60):
            told = outcome(await start(setting, folder))
        took_s = time.monotonic() - started
    assert not told.failed, told.said
    assert CODEX.says in told.answer
    assert "reconnect" not in told.said.lower()
    assert took_s < AT_ONCE_S
    assert [one for one in script.complaints if OWN_MEMBER not in one] == []
