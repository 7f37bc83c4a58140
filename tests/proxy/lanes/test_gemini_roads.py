"""Gemini on one side only: events or an array, signatures of calls that come back, and those that are refused."""

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

SIGNATURE = "CsEBAdHtim9fZ2VtaW5p"
MODELS = ("the-model", "gemini-3.5-flash")
SENTINEL = "skip_thought_signature_validator"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def gemini(rig, **values):
    mine = {"auth": AuthStyle.GOOGLE, "profile": profiles.GEMINI, "base_url": rig.upstream.url, "models": MODELS}
    return rig.configure(CHAT, dialect=DialectName.GEMINI, **{**mine, **values})


def calling():
    """An answer that calls a tool, signed."""
    value = json.loads(GEMINI.whole())
    part = {
        "functionCall": {"name": "weather", "args": {"city": "Bonn"}, "id": "call_w1"},
        "thoughtSignature": SIGNATURE,
    }
    value["candidates"][0]["content"]["parts"] = [part]
    return json.dumps(value).encode()


CLIENTS = {
    "anthropic": (ANTHROPIC, ANTHROPIC.request(), ANTHROPIC.request(stream=True)),
    "chat": (CHAT, CHAT.request(), CHAT.request(stream=True)),
    "responses": (RESPONSES, RESPONSES.request(), RESPONSES.request(stream=True)),
}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
async def test_every_client_reaches_gemini(rig, client):
    wire, asked, _ = client
    gemini(rig)
    rig.upstream.script = whole(GEMINI.whole("Hello there"))
    reply = await rig.ask(wire.path, asked, *wire.headers)
    assert reply.status == 200
    assert b"Hello there" in reply.body
    seen = rig.upstream.seen[0]
    assert seen.line.split()[1] == GEMINI.path()
    assert (seen.get("x-goog-api-key"), seen.get("authorization")) == (SECRET, None)
    row = await rig.row()
    assert (row.usage.input_tokens, row.usage.output_tokens, row.answer) == (11, 7, "Hello there")


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("framing", ["events", "array"])
async def test_every_client_streams_from_gemini_whatever_its_framing(rig, client, framing):
    wire, _, asked = client
    gemini(rig)
    events = GEMINI.events("Hel", "lo") if framing == "events" else GEMINI.array("Hel", "lo")

    async def script(line, seen):
        media = "text/event-stream" if framing == "events" else "application/json"
        await line.send(head(200, media), *map(chunk, events), LAST)

    rig.upstream.script = script
    reply = await rig.ask(wire.path, asked, *wire.headers)
    assert reply.status == 200
    assert (reply.get("content-type") or "").startswith("text/event-stream")
    assert rig.upstream.seen[0].line.split()[1] == GEMINI.path(stream=True)
    row = await rig.row()
    assert (row.state, row.answer) == (State.DONE, "Hello")


UPSTREAMS = {"anthropic": ANTHROPIC, "chat": CHAT, "responses": RESPONSES}


def upstream_of(rig, name):
    if name == "responses":
        rig.configure(CHAT, dialect=DialectName.OPENAI_RESPONSES)
    else:
        rig.configure(UPSTREAMS[name])
    return UPSTREAMS[name]


@pytest.mark.parametrize("name", UPSTREAMS)
@pytest.mark.parametrize("framing", ["whole", "events", "array"])
async def test_a_gemini_client_reaches_every_upstream(rig, name, framing):
    wire = upstream_of(rig, name)
    rig.upstream.script = whole(wire.whole("Hello")) if framing == "whole" else stream(*wire.events("Hel", "lo"))
    path = GEMINI.path(stream=framing != "whole", events=framing == "events")
    reply = await rig.ask(path, GEMINI.request(), f"x-goog-api-key: {KEY}", key=None)
    assert reply.status == 200
    media = "text/event-stream" if framing == "events" else "application/json"
    assert (reply.get("content-type") or "").startswith(media)
    if framing == "events":
        chunks = [
            json.loads(one.removeprefix(b"data: ")) for one in reply.body.replace(b"\r\n", b"\n").split(b"\n\n") if one
        ]
    else:
        value = json.loads(reply.body)
        chunks = value if framing == "array" else [value]
    parts = [part for one in chunks for item in one.get("candidates", ()) for part in item["content"].get("parts", ())]
    assert "".join(part.get("text", "") for part in parts) == "Hello"
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    assert chunks[-1]["usageMetadata"]["promptTokenCount"] == 11
    assert json.loads(rig.upstream.seen[0].body)["model"] == "the-model"
    start = rig.recorder.starts[0]
    assert (start.requested_model, start.streaming) == ("the-model", framing != "whole")


@pytest.mark.parametrize("framing", ["events", "array"])
async def test_a_cut_answer_ends_with_an_error_in_the_client_s_framing(rig, framing):
    rig.configure(ANTHROPIC)
    rig.upstream.script = cut(*ANTHROPIC.events("Hel", ended=False), how="close")
    reply = await rig.ask(GEMINI.path(stream=True, events=framing == "events"), GEMINI.request())
    assert reply.status == 200
    ends = reply.body.strip().rsplit(b"data: ", 1)[-1]
    last = json.loads(ends) if framing == "events" else json.loads(reply.body)[-1]
    assert last["error"]["code"] >= 500
    assert (await rig.row()).state is State.FAILED


def chat_turn(**more):
    call = {
        "id": "call_w1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city":"Bonn"}'},
        **more,
    }
    return CHAT.request(
        "gemini-3.5-flash",
        messages=[
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_w1", "content": "rain"},
        ],
        tools=[{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}],
    )


def sent_signatures(seen):
    parts = [part for content in json.loads(seen.body)["contents"] for part in content["parts"]]
    return [part.get("thoughtSignature") for part in parts if "functionCall" in part]


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
async def test_a_call_s_signature_comes_back_though_the_client_never_sends_it(rig, streaming):
    gemini(rig)
    rig.upstream.script = stream(b"data: " + calling() + b"\n\n") if streaming else whole(calling())
    asked = CHAT.request("gemini-3.5-flash", stream=streaming)
    assert (await rig.chat(CHAT, asked)).status == 200
    rig.upstream.script = whole(GEMINI.whole("It rains."))
    assert (await rig.chat(CHAT, chat_turn())).status == 200
    assert sent_signatures(rig.upstream.seen[1]) == [SIGNATURE]


async def test_an_unknown_call_passes_by_google_s_own_words(rig):
    gemini(rig)
    rig.upstream.script = whole(GEMINI.whole("It rains."))
    assert (await rig.chat(CHAT, chat_turn())).status == 200
    assert sent_signatures(rig.upstream.seen[0]) == [SENTINEL]


REFUSED = GEMINI.error("Corrupted thought signature. Please use the signature of the same model.")


def refusing(answer):
    async def script(line, seen):
        await (whole(REFUSED, status=400) if SIGNATURE.encode() in seen.body else whole(answer))(line, seen)

    return script


async def test_a_refused_signature_is_taken_out_once_when_converting(rig):
    gemini(rig)
    rig.upstream.script = whole(calling())
    assert (await rig.chat(CHAT, CHAT.request("gemini-3.5-flash"))).status == 200
    rig.upstream.script = refusing(GEMINI.whole("It rains."))
    assert (await rig.chat(CHAT, chat_turn())).status == 200
    assert [sent_signatures(seen) for seen in rig.upstream.seen[1:]] == [[SIGNATURE], [SENTINEL]]
    assert (await rig.row(2)).state is State.DONE


async def test_a_refused_signature_is_replaced_once_when_passing_through(rig):
    gemini(rig)
    rig.upstream.script = refusing(GEMINI.whole("It rains."))
    part = {"functionCall": {"name": "weather", "args": {}}, "thoughtSignature": SIGNATURE}
    quoted = {"text": 'he said "thoughtSignature": "x"'}
    contents = [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        {"role": "model", "parts": [part]},
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {}}}, quoted]},
    ]
    asked = GEMINI.request(contents=contents)
    assert (await rig.ask(GEMINI.path(), asked)).status == 200
    assert [seen.body for seen in rig.upstream.seen] == [asked, asked.replace(SIGNATURE.encode(), SENTINEL.encode())]


async def test_a_refusal_that_nothing_can_mend_is_told_as_it_came(rig):
    gemini(rig)
    rig.upstream.script = whole(REFUSED, status=400)
    reply = await rig.ask(GEMINI.path(), GEMINI.request())
    assert (reply.status, reply.body, len(rig.upstream.seen)) == (400, REFUSED, 1)


async def test_a_count_is_gemini_s_own(rig):
    gemini(rig)
    rig.upstream.script = whole(b'{"totalTokens": 31}')
    reply = await rig.ask("/v1/messages/count_tokens", ANTHROPIC.request(), *ANTHROPIC.headers)
    assert (reply.json(), reply.get("x-patchbay-estimate")) == ({"input_tokens": 31}, None)
    assert rig.upstream.seen[0].line.split()[1] == "/v1beta/models/the-model:countTokens"
    reply = await rig.ask("/v1beta/models/the-model:countTokens", GEMINI.request())
    assert reply.json() == {"totalTokens": 31}
    assert rig.upstream.seen[1].body == GEMINI.request()
