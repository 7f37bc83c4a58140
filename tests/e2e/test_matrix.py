from __future__ import annotations

import pytest

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.e2e.clients import PROGRAMS, SDKS
from tests.e2e.clients.client import Setting
from tests.e2e.program import patchbay
from tests.e2e.scripted import THOUGHT, Script, serve
from tests.e2e.scripted.script import CACHE_READ, CACHE_WRITE, OUTPUT, PROMPT, REASONING
from tests.e2e.upstreams import CHAT, GEMINI, UPSTREAMS

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.time_limit(150),
    pytest.mark.timeout(180),
    # google-genai derives from aiohttp's session, which aiohttp discourages.
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
]


@pytest.fixture
def cell(record_property):
    """Names the cell for the table that ends the run."""

    def name(client, upstream):
        record_property("cell", (str(client), str(upstream)))

    return name


async def round_trip(client, upstream, tmp_path, *, streaming=True):
    """Let the client ask through the real program; what it made of it, what the upstream saw, what was recorded."""
    first, *further = client.asks
    script = Script(first.tool, first.arguments, tuple(further))
    async with serve(script) as address, patchbay(tmp_path / "data", upstream.config(address)) as program:
        outcome = await client.ask(Setting(program.base_url, tmp_path / "home", streaming=streaming))
        rows = await program.rows(len(script.requests))
    assert script.complaints == []
    assert not outcome.failed, outcome.said
    # Codex and Gemini CLI put a few lines about the command around its output.
    assert outcome.answer.startswith("The tool said: "), outcome.said
    assert client.says in outcome.answer, outcome.said
    the_upstream_is_right(script, upstream)
    the_record_is_right(rows, client, upstream, streaming=streaming)
    the_client_is_told_the_counts(outcome, client, upstream)
    return outcome, script


def the_upstream_is_right(script, upstream):
    """It was asked where it listens, for its own model."""
    assert {path for path, _ in script.requests} <= set(upstream.paths)
    if upstream is not GEMINI:
        assert {body["model"] for body in script.bodies} == {upstream.model}


def the_record_is_right(rows, client, upstream, *, streaming):
    """Every request ended well and is told truly."""
    assert {(row.state, row.error) for row in rows} == {(State.DONE, "")}
    assert {row.client for row in rows} == {client.recorded_as}
    assert {(row.client_dialect, row.upstream_dialect) for row in rows} == {(client.dialect, upstream.dialect)}
    assert {row.sent_model for row in rows} == {upstream.model}
    calls, ends = (sum(row.stop_reason == reason for row in rows) for reason in ("tool_use", "end_turn"))
    assert calls == 1
    assert calls + ends == len(rows)
    for row in rows:
        assert row.usage.source is UsageSource.REPORTED
        assert row.usage.prompt_tokens == PROMPT
        assert row.usage.cache_read_tokens == CACHE_READ
        assert row.usage.cache_write_tokens == (0 if upstream is GEMINI else CACHE_WRITE)
        assert row.usage.output_tokens == OUTPUT
        assert row.usage.reasoning_tokens == REASONING
    if client in SDKS:
        assert {row.streaming for row in rows} == {streaming}
    if client.session:
        [session] = {row.session_id for row in rows}
        assert session


def the_client_is_told_the_counts(outcome, client, upstream):
    """Each answer's counts, or their sum over a whole number of answers, are those of the upstream."""
    assert outcome.usages
    for told in outcome.usages:
        answers, rest = divmod(told["output"], OUTPUT)
        assert answers >= 1
        assert rest == 0, outcome.usages
        assert told["cache_read"] == answers * CACHE_READ
        if "prompt" in told:
            assert told["prompt"] == answers * PROMPT
        else:
            assert told["input"] + told["cache_read"] + told["cache_write"] == answers * PROMPT
        assert told.get("reasoning", answers * REASONING) == answers * REASONING


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=str)
@pytest.mark.parametrize("client", PROGRAMS, ids=str)
async def test_a_program_does_a_tool_round_trip(client, upstream, tmp_path, cell):
    cell(client, upstream)
    _, script = await round_trip(client, upstream, tmp_path)
    opaque_reasoning_came_back(script, upstream)


@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("upstream", UPSTREAMS, ids=str)
@pytest.mark.parametrize("client", SDKS, ids=str)
async def test_an_sdk_does_a_tool_round_trip(client, upstream, tmp_path, cell, streaming):
    cell(client, upstream)
    outcome, script = await round_trip(client, upstream, tmp_path, streaming=streaming)
    assert THOUGHT in outcome.thoughts
    if client.replays:
        opaque_reasoning_came_back(script, upstream)


def opaque_reasoning_came_back(script, upstream):
    """What the upstream gave with its first answer stood in the second request, unchanged and in its place."""
    if upstream is not CHAT:
        assert script.returned == list(script.given)[:1]
