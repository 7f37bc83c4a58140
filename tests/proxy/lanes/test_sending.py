"""What both lanes send: the address, the signature, the body, and what is noted of it."""

from __future__ import annotations

import asyncio

import pytest

from app.domain.exchange import State
from app.domain.provider import Credential, CredentialState, Secret
from tests.fakes.rig import SECRET
from tests.fakes.scripted import chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT


async def test_the_upstreams_side_is_noted(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.whole(), "x-own: 1")
    await rig.chat(client)
    sides = (await rig.row()).sides
    path = "/v1/messages" if upstream.is_anthropic else "/v1/chat/completions"
    assert sides.upstream_request.line == f"POST {rig.upstream.url}{path}"
    assert b"".join(sides.upstream_request.body) == rig.upstream.seen[0].body
    assert SECRET in str(sides.upstream_request.headers)  # the recorder masks it
    assert sides.upstream_reply.line == "200 OK"
    assert ("x-own", "1") in sides.upstream_reply.headers
    assert b"".join(sides.upstream_reply.body) == upstream.whole()
    assert sides.client_reply.line == "200 OK"
    assert ("Server", "patchbay") in sides.client_reply.headers


async def test_an_oauth_token_is_announced(rig):
    from dataclasses import replace
    from types import MappingProxyType

    token = Credential(CredentialState.READY, Secret("sk-ant-oat01-token"))
    for client in (ANTHROPIC, CHAT):
        rig.configure(ANTHROPIC)
        rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType({"Up": token}))
        rig.upstream.script = whole(ANTHROPIC.whole())
        await rig.ask(client.path, client.request(), *client.headers, "anthropic-beta: mine")
        seen = rig.upstream.seen[-1]
        assert seen.get("authorization") == "Bearer sk-ant-oat01-token"
        assert seen.get("x-api-key") is None
        betas = "mine,oauth-2025-04-20" if client is ANTHROPIC else "oauth-2025-04-20"
        assert seen.get("anthropic-beta") == betas


async def test_a_version_is_added_where_the_client_gave_none(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.whole())
    await rig.ask(ANTHROPIC.path, ANTHROPIC.request())
    await rig.ask(ANTHROPIC.path, ANTHROPIC.request(), "anthropic-version: 2026-10-21")
    assert [one.get("anthropic-version") for one in rig.upstream.seen] == ["2023-06-01", "2026-10-21"]


async def test_a_vendors_extra_headers(rig):
    rig.configure(CHAT, extra_headers=(("X-Title", "Patchbay"),))
    rig.upstream.script = whole(CHAT.whole())
    for client in (ANTHROPIC, CHAT):
        await rig.ask(client.path, client.request(), *client.headers)
        assert rig.upstream.seen[-1].get("x-title") == "Patchbay"


@pytest.mark.parametrize("client", [ANTHROPIC, CHAT], ids=lambda wire: wire.name)
async def test_a_client_that_leaves_with_its_whole_answer_cancels_nothing(rig, client):
    """The provider's body ends a little after its last event, and by then the client has closed its connection."""
    rig.configure(ANTHROPIC)
    gone = asyncio.Event()

    async def script(line, seen):
        pieces = [chunk(piece) for piece in ANTHROPIC.events("Hello")]
        await line.send(head(200, "text/event-stream"), *pieces)
        await gone.wait()

    rig.upstream.script = script
    await rig.chat(client, stream=True)
    gone.set()
    row = await rig.row()
    assert row.state is State.DONE
    assert [attempt.error for attempt in row.attempts] == [""]
    assert rig.told.answered == ["Up"]
