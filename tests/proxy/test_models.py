from __future__ import annotations

from dataclasses import replace

from app.proxy.models import entries
from tests.fakes.rig import provider, snapshot
from tests.fakes.wires import ANTHROPIC, CHAT

UP = provider(ANTHROPIC, "http://127.0.0.1:1", models=("claude-x", "own"))
OTHER = provider(CHAT, "http://127.0.0.1:1", name="Other", models=("gpt-x", "own"))


def ids(*providers, active=""):
    given = snapshot(*providers)
    given = replace(given, settings=replace(given.settings, provider=active))
    return [one.id for one in entries(given, 0)]


def test_every_name_that_leads_somewhere():
    assert ids(UP, OTHER) == [
        "claude-x", "Up:claude-x",
        "own", "Up:own", "claude-via/Up:own",
        "Other:gpt-x", "claude-via/Other:gpt-x",
        "Other:own", "claude-via/Other:own",
    ]  # fmt: skip


def test_the_active_provider_comes_first_and_bare():
    assert ids(UP, OTHER, active="Other")[:3] == ["gpt-x", "Other:gpt-x", "claude-via/Other:gpt-x"]


def test_without_providers_there_is_nothing():
    assert ids() == []


async def test_both_clients_can_read_the_list(rig, wire):
    rig.configure(wire)
    for path in ("/v1/models", "/v1/models?limit=1000"):
        reply = await rig.ask(path, b"", *wire.headers, method="GET")
        assert reply.status == 200
        assert "the-model" in [one["id"] for one in reply.json()["data"]]
    assert rig.no_row()


async def test_one_model(rig, wire):
    rig.configure(wire)
    reply = await rig.ask("/v1/models/the-model", b"", *wire.headers, method="GET")
    assert (reply.status, reply.json()["id"]) == (200, "the-model")
    assert (await rig.ask("/v1/models/Up%3Athe-model", b"", *wire.headers, method="GET")).status == 200
    reply = await rig.ask("/v1/models/other", b"", *wire.headers, method="GET")
    assert reply.status == 404
    assert reply.json()["error"]["message"] == "No provider lists this model."


async def test_the_list_needs_a_key(rig, wire):
    assert (await rig.ask("/v1/models", b"", *wire.headers, method="GET", key=None)).status == 401


async def test_every_listed_name_is_served(rig, wire):
    from tests.fakes.scripted import whole

    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    for one in entries(rig.snapshot, 0):
        assert (await rig.chat(wire, wire.request(one.id))).status == 200
        assert b'"the-model"' in rig.upstream.seen[-1].body
