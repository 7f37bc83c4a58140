"""A key that is refused inside an answer with status 200: the same blame as for a 401, the same silence about it."""

from __future__ import annotations

import json

import pytest

from app.domain.exchange import State
from app.domain.provider import AuthStyle
from tests.fakes.rig import KEY, SECRET
from tests.fakes.scripted import stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT


def refusal(upstream):
    error = {"type": "authentication_error", "message": f"invalid key {SECRET}", "code": 401}
    value = {"type": "error", "error": error} if upstream.is_anthropic else {"error": error}
    return json.dumps(value).encode()


def refused_stream(upstream):
    name = b"event: error\n" if upstream.is_anthropic else b""
    return stream(*upstream.events("Hel", ended=False), name + b"data: " + refusal(upstream) + b"\n\n")


CONVERSIONS = pytest.mark.parametrize(
    ("client", "upstream"), [(ANTHROPIC, CHAT), (CHAT, ANTHROPIC)], ids=["to-chat", "to-anthropic"]
)


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
async def test_our_key_refused_inside_an_answer(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(refusal(upstream))
    reply = await rig.chat(client, stream=streaming)
    assert reply.status == 502
    error = reply.json()["error"]
    assert error["type"] == ("api_error" if client.is_anthropic else "server_error")
    assert "Enter a valid one in Patchbay" in error["message"]
    assert rig.told.rejected == ["Up"]
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, "credential_rejected")
    assert SECRET not in f"{reply.body!r} {row.error}"


@CONVERSIONS
async def test_our_key_refused_in_the_middle_of_a_stream(rig, client, upstream):
    rig.configure(upstream)
    rig.upstream.script = refused_stream(upstream)
    reply = await rig.chat(client, stream=True)
    assert client.text_of(reply.body.rsplit(b"data: ", 1)[0].rsplit(b"event: ", 1)[0]) == "Hel"
    error = client.stream_error(reply.body)
    assert error["type"] == ("api_error" if client.is_anthropic else "server_error")
    assert error["message"].startswith("Provider Up rejected the key")
    assert rig.told.rejected == ["Up"]
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, "credential_rejected")
    assert SECRET not in f"{reply.body!r} {row.error}"


async def test_a_passed_stream_keeps_its_words_and_the_record_keeps_the_secret_out(rig, wire):
    rig.configure(wire)
    rig.upstream.script = refused_stream(wire)
    reply = await rig.chat(wire, stream=True)
    assert b"authentication_error" in reply.body
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, "credential_rejected")
    assert SECRET not in row.error
    assert rig.told.rejected == ["Up"]


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
async def test_the_callers_own_key_refused_inside_an_answer(rig, pair, streaming):
    client, upstream = pair
    rig.configure(upstream, auth=AuthStyle.CLIENT)
    rig.upstream.script = whole(refusal(upstream))
    own = (f"x-patchbay-key: {KEY}", "Authorization: Bearer sk-mine", *client.headers)
    reply = await rig.ask(client.path, client.request(stream=streaming), *own, key=None)
    assert reply.status == 401
    assert rig.told.rejected == []
    assert (await rig.row()).error_kind == "caller_unauthenticated"


@CONVERSIONS
async def test_the_callers_own_key_refused_in_the_middle_of_a_stream(rig, client, upstream):
    rig.configure(upstream, auth=AuthStyle.CLIENT)
    rig.upstream.script = refused_stream(upstream)
    own = (f"x-patchbay-key: {KEY}", "Authorization: Bearer sk-mine", *client.headers)
    reply = await rig.ask(client.path, client.request(stream=True), *own, key=None)
    kind = "authentication_error" if client.is_anthropic else "invalid_request_error"
    assert client.stream_error(reply.body)["type"] == kind
    assert rig.told.rejected == []
    assert (await rig.row()).error_kind == "caller_unauthenticated"
