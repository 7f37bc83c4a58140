"""Roads that turn out closed, and what is tried instead; compaction and counts, which few servers have."""

from __future__ import annotations

import json

import pytest

from app.domain.exchange import State
from app.domain.provider import DialectName
from app.vendors import profiles
from tests.fakes.more_wires import RESPONSES
from tests.fakes.scripted import chunk, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

A, C, R = DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_CHAT, DialectName.OPENAI_RESPONSES
SCHEMA = {"type": "object", "properties": {}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}
REFUSES_TOOLS = (
    "Function tools with reasoning_effort are not supported for this model in /v1/chat/completions. "
    "Please use /v1/responses or set reasoning_effort to 'none'."
)
USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Say hi"}]}


def by_path(**scripts):
    """A script that answers by the last word of the path."""

    async def script(line, seen):
        word = seen.line.split()[1].partition("?")[0].rsplit("/", 1)[1]
        await scripts[word](line, seen)

    return script


def paths(rig):
    return [seen.line.split()[1].partition("?")[0] for seen in rig.upstream.seen]


def several(rig, *dialects, **values):
    """An upstream that speaks chat, and these further dialects."""
    base = f"{rig.upstream.url}/v1"
    return rig.configure(CHAT, endpoints=tuple((name, base) for name in dialects), **values)


@pytest.mark.parametrize(
    "refusal",
    [whole(b"404 page not found", status=404, media_type="text/plain"), whole(CHAT.error("no"), status=405)],
    ids=["404", "405"],
)
@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
async def test_a_server_without_the_native_endpoint_is_asked_in_its_own_dialect(rig, refusal, streaming):
    several(rig, A, R)
    answer = stream(*CHAT.events("Hello")) if streaming else whole(CHAT.whole("Hello"))
    rig.upstream.script = by_path(messages=refusal, completions=answer)
    reply = await rig.chat(ANTHROPIC, stream=streaming)
    assert reply.status == 200
    assert b"Hello" in reply.body
    row = await rig.row()
    assert row.state is State.DONE
    assert rig.recorder.starts[0].upstream_dialect == A
    assert row.upstream_dialect == C
    assert len(row.attempts) == 2
    assert rig.told.failed == []
    assert (await rig.chat(ANTHROPIC, stream=streaming)).status == 200
    assert paths(rig) == ["/v1/messages", "/v1/chat/completions", "/v1/chat/completions"]
    assert rig.recorder.starts[1].upstream_dialect == C
    assert (await rig.row(2)).upstream_dialect == ""


async def test_a_missing_model_is_no_missing_endpoint(rig):
    several(rig, A)
    said = ANTHROPIC.error("model: qwen9 is not pulled", "not_found_error")
    rig.upstream.script = whole(said, status=404)
    reply = await rig.chat(ANTHROPIC)
    assert (reply.status, reply.body) == (404, said)
    assert paths(rig) == ["/v1/messages"]


async def test_the_provider_s_own_endpoint_is_never_given_up(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(b"404 page not found", status=404, media_type="text/plain")
    for _ in range(2):
        assert (await rig.chat(ANTHROPIC)).status == 404
    assert paths(rig) == ["/v1/messages"] * 2


@pytest.mark.parametrize("client", ["chat", "anthropic"])
async def test_tools_that_chat_refuses_go_over_responses_from_then_on(rig, client):
    several(rig, R, profile=profiles.GENERIC)
    rig.upstream.script = by_path(
        completions=whole(CHAT.error(REFUSES_TOOLS), status=400), responses=whole(RESPONSES.whole("Hello"))
    )
    wire = CHAT if client == "chat" else ANTHROPIC
    tool = TOOL if client == "chat" else {"name": "f", "input_schema": SCHEMA}
    body = wire.request(tools=[tool])
    reply = await rig.chat(wire, body)
    assert reply.status == 200
    assert b"Hello" in reply.body
    row = await rig.row()
    assert (row.upstream_dialect, row.answer) == (R, "Hello")
    assert (await rig.chat(wire, body)).status == 200
    assert paths(rig) == ["/v1/chat/completions", "/v1/responses", "/v1/responses"]
    assert rig.recorder.starts[1].upstream_dialect == R


async def test_where_there_is_no_other_road_the_refusal_is_told(rig):
    rig.configure(CHAT)
    said = CHAT.error(REFUSES_TOOLS)
    rig.upstream.script = whole(said, status=400)
    reply = await rig.chat(CHAT, CHAT.request(tools=[TOOL]))
    assert (reply.status, reply.body) == (400, said)


async def test_two_closed_roads_end_in_the_last_refusal(rig):
    several(rig, A)
    rig.upstream.script = whole(b"404 page not found", status=404, media_type="text/plain")
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 404
    assert reply.json()["type"] == "error"
    assert paths(rig) == ["/v1/messages", "/v1/chat/completions"]


async def test_a_beta_that_the_provider_refuses_is_left_out_from_then_on(rig):
    rig.configure(ANTHROPIC)
    said = "Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header. Please consult our documentation."

    async def script(line, seen):
        bad = "effort-2025-11-24" in (seen.get("anthropic-beta") or "")
        await (whole(ANTHROPIC.error(said), status=400) if bad else whole(ANTHROPIC.whole()))(line, seen)

    rig.upstream.script = script
    beta = "anthropic-beta: claude-code-20250219, effort-2025-11-24,context-management-2025-06-27"
    body = ANTHROPIC.request()
    for _ in range(2):
        assert (await rig.ask("/v1/messages", body, *ANTHROPIC.headers, beta)).status == 200
    kept = "claude-code-20250219,context-management-2025-06-27"
    assert [seen.get("anthropic-beta") for seen in rig.upstream.seen] == [beta.partition(": ")[2], kept, kept]
    assert {seen.body for seen in rig.upstream.seen} == {body}
    assert (await rig.ask("/v1/messages", body, *ANTHROPIC.headers, "anthropic-beta: effort-2025-11-24")).status == 200
    assert rig.upstream.seen[-1].get("anthropic-beta") is None


async def test_a_refused_beta_that_nobody_sent_is_told(rig):
    rig.configure(ANTHROPIC)
    said = ANTHROPIC.error("Unexpected value(s) `other` for the `anthropic-beta` header.")
    rig.upstream.script = whole(said, status=400)
    reply = await rig.ask("/v1/messages", ANTHROPIC.request(), *ANTHROPIC.headers, "anthropic-beta: mine")
    assert (reply.status, reply.body, len(rig.upstream.seen)) == (400, said, 1)


COMPACTION = json.dumps(
    {
        "id": "resp_c",
        "object": "response.compaction",
        "created_at": 1_700_000_000,
        "output": [{"type": "compaction", "id": "cmp_1", "encrypted_content": "opaque"}],
        "usage": {
            "input_tokens": 11,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 18,
        },
    }
).encode()
COMPACT = json.dumps({"model": "the-model", "input": [USER]}).encode()


async def test_a_compaction_passes_through_where_the_provider_has_it(rig):
    rig.configure(CHAT, dialect=R)
    rig.upstream.script = whole(COMPACTION)
    reply = await rig.ask("/v1/responses/compact", COMPACT)
    assert (reply.status, reply.body) == (200, COMPACTION)
    assert rig.upstream.seen[0].body == COMPACT
    assert paths(rig) == ["/v1/responses/compact"]
    row = await rig.row()
    assert rig.recorder.starts[0].operation == "compact"
    assert (row.usage.input_tokens, row.usage.output_tokens) == (11, 7)


@pytest.mark.parametrize("upstream", [ANTHROPIC, CHAT], ids=["anthropic", "chat"])
async def test_a_compaction_is_an_ordinary_request_elsewhere(rig, upstream):
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.whole("We said hi."))
    reply = await rig.ask("/v1/responses/compact", COMPACT)
    assert reply.status == 200
    value = reply.json()
    assert value["object"] == "response.compaction"
    assert value["output"][-1]["type"] == "compaction"
    assert paths(rig) == [upstream.path]
    row = await rig.row()
    assert (row.usage.input_tokens, row.usage.output_tokens) == (11, 7)


async def test_a_server_that_speaks_responses_without_compaction_is_asked_plainly(rig):
    rig.configure(CHAT, dialect=R)
    rig.upstream.script = by_path(
        compact=whole(RESPONSES.error("Invalid URL"), status=404), responses=whole(RESPONSES.whole("We said hi."))
    )
    for _ in range(2):
        assert (await rig.ask("/v1/responses/compact", COMPACT)).json()["object"] == "response.compaction"
    assert paths(rig) == ["/v1/responses/compact", "/v1/responses", "/v1/responses"]


async def test_a_count_is_asked_of_a_provider_of_another_dialect(rig):
    several(rig, A)
    rig.upstream.script = whole(b'{"input_tokens": 4321}')
    reply = await rig.ask("/v1beta/models/the-model:countTokens", b'{"contents":[{"parts":[{"text":"Say hi"}]}]}')
    assert reply.json()["totalTokens"] == 4321
    assert reply.get("x-patchbay-estimate") is None
    assert paths(rig) == ["/v1/messages/count_tokens"]
    assert rig.recorder.starts[0].upstream_dialect == A
    assert (await rig.row()).usage.input_tokens == 0


@pytest.mark.parametrize("status", [404, 500, 401])
async def test_where_nobody_counts_an_estimate_says_that_it_is_one(rig, status):
    several(rig, A)
    rig.upstream.script = whole(b"404 page not found", status=status, media_type="text/plain")
    for _ in range(2):
        reply = await rig.ask("/v1beta/models/the-model:countTokens", b'{"contents":[{"parts":[{"text":"Say hi"}]}]}')
        assert reply.status == 200
        assert 5 <= reply.json()["totalTokens"] <= 20
        assert reply.get("x-patchbay-estimate") == "true"
    assert len(rig.upstream.seen) == (1 if status == 404 else 2)


async def test_an_upstream_that_streams_slowly_in_another_dialect_is_known_by_its_real_dialect(rig):
    several(rig, R, profile=profiles.OPENAI, models=("gpt-5.5",))

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, RESPONSES.events("Hel", "lo")), b"0\r\n\r\n")

    rig.upstream.script = script
    body = ANTHROPIC.request("gpt-5.5", stream=True, tools=[{"name": "f", "input_schema": SCHEMA}])
    reply = await rig.chat(ANTHROPIC, body)
    assert ANTHROPIC.text_of(reply.body) == "Hello"
    assert ANTHROPIC.ended_well(reply.body)
    assert rig.recorder.starts[0].upstream_dialect == R
