from __future__ import annotations

from dataclasses import replace

from app.domain.routing import Choice, Pin, Routing
from app.proxy.models import entries
from tests.fakes.rig import KEY, provider, snapshot
from tests.fakes.wires import ANTHROPIC, CHAT

UP = provider(ANTHROPIC, "http://127.0.0.1:1", models=("claude-x", "own"))
OTHER = provider(CHAT, "http://127.0.0.1:1", name="Other", models=("gpt-x", "own"))


def ids(*providers, active="", pin=None):
    given = snapshot(*providers)
    given = replace(given, settings=replace(given.settings, provider=active))
    return [one.id for one in entries(given, 0, pin=pin)]


def test_every_name_that_leads_somewhere():
    assert ids(UP, OTHER, active="Up") == [
        "claude-x", "Up:claude-x",
        "own", "Up:own", "claude-via/Up:own",
        "Other:gpt-x", "claude-via/Other:gpt-x",
        "Other:own", "claude-via/Other:own",
    ]  # fmt: skip


def test_the_active_provider_comes_first_and_bare():
    assert ids(UP, OTHER, active="Other")[:3] == ["gpt-x", "Other:gpt-x", "claude-via/Other:gpt-x"]


def test_gemini_s_clients_get_no_alias_for_claude_code():
    given = snapshot(UP, OTHER)
    assert [one.id for one in entries(given, 0, aliases=False)] == [
        "claude-x", "Up:claude-x", "own", "Up:own", "gpt-x", "Other:gpt-x", "Other:own"
    ]  # fmt: skip


def test_in_auto_every_provider_s_models_are_known_by_their_own_names():
    assert ids(UP, OTHER)[-5:] == [
        "gpt-x",
        "Other:gpt-x",
        "claude-via/Other:gpt-x",
        "Other:own",
        "claude-via/Other:own",
    ]


def test_a_pinned_model_comes_first():
    assert ids(UP, OTHER, active="Up", pin=Pin("p", Choice("other", "new")))[:2] == ["new", "Other:new"]
    assert ids(UP, OTHER, active="Up", pin=Pin("p", Choice("Other")))[:2] == ["gpt-x", "Other:gpt-x"]
    assert ids(UP, active="Up", pin=Pin("p", Choice("Gone", "m")))[:1] == ["Up:claude-x"]


async def test_the_list_below_a_pinned_url(rig, wire):
    rig.configure(wire)
    rig.snapshot = replace(rig.snapshot, routing=Routing(pins=(Pin("site", Choice("Up", "pinned")),)))
    reply = await rig.ask("/p/site/v1/models", b"", *wire.headers, method="GET")
    assert next(one["id"] for one in reply.json()["data"]) == "pinned"
    reply = await rig.ask("/p/none/v1/models", b"", *wire.headers, method="GET")
    assert reply.status == 404
    assert "no pin 'none'" in reply.body.decode()


def test_without_providers_there_is_nothing():
    assert ids() == []


async def test_both_clients_can_read_the_list(rig, wire):
    rig.configure(wire)
    for path in ("/v1/models", "/v1/models?limit=1000"):
        reply = await rig.ask(path, b"", *wire.headers, method="GET")
        assert reply.status == 200
        assert "the-model" in [one["id"] for one in reply.json()["data"]]
    assert rig.no_row()


async def test_gemini_s_clients_get_their_own_list(rig, wire):
    rig.configure(wire)
    key = f"x-goog-api-key: {KEY}"
    for path, more in (
        ("/v1beta/models", ()),
        (f"/v1beta/models?key={KEY}", None),
        ("/v1/models", (key,)),
        ("/models?pageSize=5", (key,)),
    ):
        reply = await rig.ask(path, b"", *(more or ()), method="GET", key=None if more is None else KEY)
        assert reply.status == 200
        assert [one["name"] for one in reply.json()["models"]] == ["models/the-model", "models/Up:the-model"]
    reply = await rig.ask("/v1beta/models/Up%3Athe-model", b"", method="GET")
    assert (reply.status, reply.json()["name"]) == (200, "models/Up:the-model")
    reply = await rig.ask("/v1beta/models/other", b"", method="GET")
    assert (reply.status, reply.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert (await rig.ask("/models", b"", method="GET")).json()["object"] == "list"
    assert (await rig.ask("/v1/responses/resp_1", b"", method="GET")).status == 404


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
