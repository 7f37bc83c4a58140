"""The four pass-through roads: not one byte changes, whatever shape it has, and only what must is taken out."""

from __future__ import annotations

import json

import pytest

from app.domain.exchange import State
from app.domain.provider import AuthStyle, DialectName
from app.vendors import profiles
from tests.fakes.more_wires import GEMINI, RESPONSES
from tests.fakes.rig import KEY, SECRET
from tests.fakes.scripted import LAST, chunk, cut, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT

ODD = b'  { "a" : 1.0, "\\u00e9" : "\\/ \\ud83d\\ude00 <|end|>" ,"z":[ ] , "big":12345678901234567890 } \r\n'


def speak(rig, name, **values):
    """Point the proxy at an upstream of that dialect."""
    if name is DialectName.GEMINI:
        values = {"auth": AuthStyle.GOOGLE, "profile": profiles.GEMINI, "base_url": rig.upstream.url} | values
    if name is DialectName.ANTHROPIC_MESSAGES:
        return rig.configure(ANTHROPIC, **values)
    return rig.configure(CHAT, dialect=name, **values)


def spaced(body):
    """The same JSON, written as nobody here would write it."""
    value = json.loads(body)
    return json.dumps(value, indent=3, ensure_ascii=True).replace("\n", "\r\n").encode() + b"\n"


ROADS = {
    "anthropic": (ANTHROPIC, "/v1/messages?beta=true", "/v1/messages?beta=true"),
    "chat": (CHAT, "/v1/chat/completions", "/v1/chat/completions"),
    "responses": (RESPONSES, "/v1/responses", "/v1/responses"),
    "responses without a version": (RESPONSES, "/responses", "/v1/responses"),
}


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
async def test_bytes_go_through_untouched(rig, road, streaming):
    wire, path, sent_path = road
    speak(rig, wire.name)
    asked = spaced(wire.request(stream=streaming, unknown={"deep": [1.50, None]}))
    told = [b": a comment\r\n\r\n", *wire.events("Hel", "lo \u2028 there"), b"event: odd\ndata: {}\n\n"]
    answer = spaced(wire.whole("Hello \u2028"))
    rig.upstream.script = stream(*told) if streaming else whole(answer)
    reply = await rig.ask(path, asked, *wire.headers)
    assert reply.status == 200
    assert reply.body == (b"".join(told) if streaming else answer)
    assert (reply.get("content-type") or "").startswith("text/event-stream" if streaming else "application/json")
    seen = rig.upstream.seen[0]
    assert seen.body == asked
    assert seen.line.split()[1] == sent_path
    row = await rig.row()
    assert (row.state, row.usage.input_tokens, row.usage.output_tokens) == (State.DONE, 11, 7)
    start = rig.recorder.starts[0]
    assert (start.client_dialect, start.upstream_dialect) == (wire.name, wire.name)
    assert (start.requested_model, start.sent_model, start.streaming) == ("the-model", "the-model", streaming)
    assert b"".join(row.sides.client_request.body) == b"".join(row.sides.upstream_request.body) == asked
    assert row.sides.client_request.body is row.sides.upstream_request.body


@pytest.mark.parametrize("prefix", ["/v1beta", "/v1", ""])
@pytest.mark.parametrize("how", ["whole", "events", "array"])
async def test_gemini_s_bytes_go_through_untouched(rig, prefix, how):
    speak(rig, GEMINI.name)
    asked = spaced(GEMINI.request(unknown={"deep": [1.50, None]}))
    events, array = GEMINI.events("Hel", "lo \u2028 there"), GEMINI.array("Hel", 'lo "] \\" \u2028')
    answer = {"whole": spaced(GEMINI.whole()), "events": b"".join(events), "array": b"".join(array)}[how]
    media = "text/event-stream" if how == "events" else "application/json; charset=UTF-8"

    async def script(line, seen):
        await line.send(head(200, media), *(chunk(bytes((byte,))) for byte in answer), LAST)

    rig.upstream.script = script
    path = GEMINI.path("the-model", stream=how != "whole", events=how == "events")
    reply = await rig.ask(path.replace("/v1beta", prefix, 1), asked, f"x-goog-api-key: {KEY}", key=None)
    assert reply.status == 200
    assert reply.body == answer
    assert (reply.get("content-type") or "").startswith(media.partition(";")[0])
    seen = rig.upstream.seen[0]
    assert seen.body == asked
    assert seen.line.split()[1] == path
    assert seen.get("x-goog-api-key") == SECRET
    row = await rig.row()
    assert (row.state, row.usage.input_tokens, row.usage.output_tokens) == (State.DONE, 11, 7)
    start = rig.recorder.starts[0]
    assert (start.requested_model, start.streaming, start.client_dialect) == ("the-model", how != "whole", GEMINI.name)


async def test_a_mapped_model_changes_the_path_alone(rig):
    speak(rig, GEMINI.name, models=(), big_models=("models of mine/1",), big_model="models of mine/1")
    rig.upstream.script = whole(GEMINI.whole())
    asked = spaced(GEMINI.request())
    assert (await rig.ask(GEMINI.path("claude-opus-5"), asked)).status == 200
    seen = rig.upstream.seen[0]
    assert seen.line.split()[1] == "/v1beta/models/models%20of%20mine%2F1:generateContent"
    assert seen.body == asked
    assert rig.recorder.starts[0].requested_model == "claude-opus-5"


async def test_a_key_in_the_query_is_signed_anew_in_a_header(rig):
    speak(rig, GEMINI.name)
    rig.upstream.script = stream(*GEMINI.events("Hi"))
    path = GEMINI.path(stream=True).replace("?", f"?key={KEY}&")
    assert (await rig.ask(path, GEMINI.request(), key=None)).status == 200
    seen = rig.upstream.seen[0]
    assert seen.line.split()[1] == GEMINI.path(stream=True)
    assert seen.get("x-goog-api-key") == SECRET
    row = await rig.row()
    assert KEY not in repr((row, rig.recorder.starts, seen))
    assert row.sides.client_request.line == f"POST {GEMINI.path(stream=True)}"


@pytest.mark.parametrize("how", ["reset", "close", "end", "stall"])
@pytest.mark.parametrize("at", ["between", "inside"])
async def test_a_cut_array_ends_with_an_error_that_can_be_read(rig, how, at):
    speak(rig, GEMINI.name)
    told = GEMINI.array("Hel", "lo", ended=False)
    if at == "inside":
        told[-1] = told[-1][:20]
    rig.upstream.script = cut(*told, how=how)
    reply = await rig.ask(GEMINI.path(stream=True, events=False), GEMINI.request())
    assert reply.status == 200
    *answers, error = json.loads(reply.body)
    assert len(answers) == (2 if at == "between" else 1)
    assert error["error"]["code"] >= 500
    assert (await rig.row()).state is State.FAILED


async def test_an_error_before_the_first_byte_is_an_array_for_who_reads_arrays(rig):
    speak(rig, GEMINI.name)
    said = b"[" + GEMINI.error("models/x is not found", "NOT_FOUND", 404) + b"\n]\n"
    rig.upstream.script = whole(said, status=404)
    reply = await rig.ask(GEMINI.path(stream=True, events=False), GEMINI.request())
    assert (reply.status, reply.body) == (404, said)
    rig.upstream.script = whole(b"<html>", status=502, media_type="text/html")
    reply = await rig.ask(GEMINI.path(stream=True, events=False), GEMINI.request())
    assert json.loads(reply.body)[0]["error"]["code"] == reply.status
    reply = await rig.ask(GEMINI.path(stream=True), GEMINI.request())
    assert json.loads(reply.body)["error"]["code"] == reply.status


CODEX = {
    "originator": "codex_exec",
    "user-agent": "codex_exec/0.169.0 (Debian 12; x86_64)",
    "session-id": "0198-aa",
    "thread-id": "0198-aa",
    "x-client-request-id": "0198-aa",
    "x-codex-window-id": "0198-aa:0",
    "x-codex-turn-metadata": '{"turn_id":"1"}',
    "x-codex-beta-features": "remote_compaction_v2",
    "openai-beta": "responses=v1",
}
GENAI = {
    "user-agent": "GeminiCLI-tui/0.61.0/gemini-3.5-flash (linux; x64; terminal)",
    "x-goog-api-client": "google-genai-sdk/1.30.0 gl-node/v22",
    "x-goog-user-project": "mine",
}


@pytest.mark.parametrize(("wire", "own"), [(RESPONSES, CODEX), (GEMINI, GENAI)], ids=["codex", "gemini-cli"])
async def test_a_client_s_own_headers_reach_its_own_vendor_and_no_other(rig, wire, own):
    speak(rig, wire.name)
    rig.upstream.script = whole(
        wire.whole(),
        "x-request-id: up_1",
        "x-codex-primary-used-percent: 12",
        "x-ratelimit-remaining-tokens: 5",
        "x-gemini-service-tier: standard",
        "openai-processing-ms: 7",
        "set-cookie: a=b",
        "x-internal: secret",
    )
    path = wire.path() if wire is GEMINI else wire.path
    sent = [f"{name}: {value}" for name, value in own.items()]
    reply = await rig.ask(path, wire.request(), *sent)
    assert {name: rig.upstream.seen[0].get(name) for name in own} == own
    passed = ("x-request-id", "x-codex-primary-used-percent", "x-ratelimit-remaining-tokens", "openai-processing-ms")
    assert None not in [reply.get(name) for name in (*passed, "x-gemini-service-tier")]
    assert reply.get("set-cookie") is reply.get("x-internal") is None
    assert rig.recorder.starts[0].client == ("gemini-cli" if wire is GEMINI else "codex")
    speak(rig, DialectName.ANTHROPIC_MESSAGES)
    rig.upstream.script = whole(ANTHROPIC.whole())
    assert (await rig.ask(path, wire.request(), *sent)).status == 200
    assert not rig.upstream.seen[1].names() & (set(own) - {"user-agent"})
    assert (rig.upstream.seen[1].get("user-agent") or "").startswith("patchbay/")
