"""Whose request it is: every place that clients put their key in, and everything that is no key."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from types import MappingProxyType

import pytest

from app.domain.provider import AuthStyle
from app.domain.settings import AuthMode
from app.proxy import connection
from app.proxy.auth import take_keys
from tests.fakes.rig import KEY, SECRET, error_type
from tests.fakes.scripted import whole

PLACES = {
    "x-api-key": f"x-api-key: {KEY}",
    "bearer": f"Authorization: Bearer {KEY}",
    "lower case bearer": f"authorization: bearer {KEY}",
    "x-goog-api-key": f"x-goog-api-key: {KEY}",
    "ours": f"x-patchbay-key: {KEY}",
}


@pytest.fixture
def served(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    return wire


@pytest.mark.parametrize("header", PLACES.values(), ids=PLACES)
async def test_every_place_of_a_key(rig, served, header):
    reply = await rig.ask(served.path, served.request(), header, *served.headers, key=None)
    assert reply.status == 200
    assert rig.recorder.starts[0].client_key == "default"


async def test_a_key_in_the_url(rig, served):
    reply = await rig.ask(f"/k/{KEY}{served.path}", served.request(), *served.headers, key=None)
    assert reply.status == 200
    row = await rig.row()
    assert row.sides.client_request.line == f"POST {served.path}"
    assert KEY not in rig.upstream.seen[0].line


@pytest.mark.parametrize(
    "query", ["key={}", "alt=sse&key={}&beta=true", "key={}&alt=sse", "%6bey={}", "x-goog-api-key={}"]
)
async def test_a_key_in_the_query_is_a_key_and_goes_nowhere(rig, served, query, caplog):
    caplog.set_level("DEBUG")
    reply = await rig.ask(f"{served.path}?{query.format(KEY)}", served.request(), *served.headers, key=None)
    assert reply.status == 200
    row = await rig.row()
    assert rig.recorder.starts[0].client_key == "default"
    rest = "&".join(one for one in query.split("&") if "{}" not in one)
    assert row.sides.client_request.line == f"POST {served.path}{'?' + rest if rest else ''}"
    assert rig.upstream.seen[0].line.split()[1] == f"{served.path}{'?' + rest if rest else ''}"
    assert KEY not in repr((rig.recorder.starts, row, rig.upstream.seen[0])) + caplog.text


async def test_a_key_in_the_query_of_a_request_that_fails_is_not_recorded(rig, served):
    rig.snapshot = replace(rig.snapshot, providers=())
    reply = await rig.ask(f"{served.path}?key={KEY}&x=1", served.request(), *served.headers, key=None)
    assert reply.status >= 400
    assert (await rig.row()).sides.client_request.line == f"POST {served.path}?x=1"


async def test_a_caller_s_own_key_in_the_query_goes_on_in_a_header(rig, served):
    rig.configure(served, auth=AuthStyle.CLIENT)
    own = "AIzaTheCallersOwnKey"
    asked = await rig.ask(
        f"{served.path}?key={own}", served.request(), *served.headers, f"x-patchbay-key: {KEY}", key=None
    )
    assert asked.status == 200
    seen = rig.upstream.seen[0]
    assert seen.get("x-goog-api-key") == own
    assert own not in seen.line
    assert own not in (await rig.row()).sides.client_request.line


@pytest.mark.parametrize(
    ("query", "rest", "keys"),
    [
        ("", "", ()),
        ("beta=true", "beta=true", ()),
        ("a=%20&key=x%2By&b", "a=%20&b", ("x+y",)),
        ("key", "key", ()),
        ("key=&alt=sse", "alt=sse", ("",)),
        ("key=1&key=2", "", ("1", "2")),
        ("monkey=1", "monkey=1", ()),
    ],
)
def test_what_stays_of_a_query(query, rest, keys):
    assert take_keys(query) == (rest, keys)


BAD = {
    "none": (),
    "wrong": ("x-api-key: pb_wrong",),
    "empty": ("x-api-key: ",),
    "bearer alone": ("Authorization: Bearer",),
    "basic": ("Authorization: Basic cGI6eA==",),
    "sql": ("x-api-key: ' OR '1'='1",),
    "percent": ("x-api-key: %00",),
    "not ascii": ("x-api-key: ключ",),
    "not utf-8": ("x-api-key: \udcff\udcfe",),
    "long": (f"x-api-key: {'k' * 8000}",),
    "the right one and a wrong one": (f"x-api-key: {KEY}", "Authorization: Bearer other"),
    "the right one twice, differently": (f"x-api-key: {KEY}", "x-api-key: other"),
    "ours wrong": ("x-patchbay-key: pb_wrong", f"x-api-key: {KEY}"),
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD)
async def test_what_is_no_key(rig, wire, headers):
    reply = await rig.ask(wire.path, wire.request(), *headers, *wire.headers, key=None)
    assert reply.status == 401
    assert error_type(wire, reply) == ("authentication_error" if wire.is_anthropic else "invalid_request_error")
    assert reply.get("www-authenticate") == "Bearer"
    assert reply.get("x-should-retry") == "false"
    assert "patchbay env" in reply.json()["error"]["message"] or "different keys" in reply.json()["error"]["message"]
    assert rig.no_row()
    assert rig.upstream.lines == []


async def test_the_same_key_twice_is_one(rig, served):
    headers = (f"x-api-key: {KEY}", f"Authorization: Bearer {KEY}")
    assert (await rig.ask(served.path, served.request(), *headers, *served.headers, key=None)).status == 200


@pytest.mark.timed
async def test_nobody_without_a_key_uploads(rig, wire, monkeypatch):
    """32 MiB announced and no key: the answer comes at once and the connection ends soon."""
    assert connection._LINGERING_S <= 2.0
    monkeypatch.setattr(connection, "_LINGERING_S", 0.2)
    async with await rig.connect() as client:
        began = time.monotonic()
        headers = ("Content-Type: application/json", f"Content-Length: {32 * 1024 * 1024}", *wire.headers)
        await client.request(wire.path, b"x" * 1000, *headers)
        reply = await client.reply()
        assert reply.status == 401
        assert time.monotonic() - began < 0.5
        await client.ended(limit_s=1.5)


async def test_open_mode_takes_anyone(rig, served):
    rig.snapshot = replace(rig.snapshot, settings=replace(rig.snapshot.settings, auth=AuthMode.OPEN))
    assert (await rig.ask(served.path, served.request(), *served.headers, key=None)).status == 200
    assert rig.recorder.starts[0].client_key == "open"
    assert (await rig.ask(served.path, served.request(), *served.headers)).status == 200
    assert rig.recorder.starts[1].client_key == "default"


async def test_a_revoked_key_is_refused_at_once(rig, served):
    rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType({}))
    assert (await rig.chat(served)).status == 401


async def test_the_callers_own_key_travels_on(rig, served):
    rig.configure(served, auth=AuthStyle.CLIENT)
    for header in ("x-api-key: sk-mine-123", "Authorization: Bearer sk-mine-123"):
        reply = await rig.ask(
            served.path, served.request(), f"x-patchbay-key: {KEY}", header, *served.headers, key=None
        )
        assert reply.status == 200
        seen = rig.upstream.seen[-1]
        name, _, value = header.partition(": ")
        assert seen.get(name) == value
        assert KEY not in str(seen)
        assert SECRET not in str(seen)
        assert "x-patchbay-key" not in seen.names()


async def test_the_caller_who_brought_no_key_is_told(rig, served):
    rig.configure(served, auth=AuthStyle.CLIENT)
    reply = await rig.chat(served)
    assert reply.status == 401
    assert "x-patchbay-key" in reply.json()["error"]["message"]
    assert rig.upstream.lines == []


async def test_the_callers_own_rejected_key_is_the_callers_affair(rig, served):
    rig.configure(served, auth=AuthStyle.CLIENT)
    for status in (401, 403):
        body = served.error("bad key", "authentication_error")
        rig.upstream.script = whole(body, status=status)
        reply = await rig.ask(f"/k/{KEY}{served.path}", served.request(), "x-api-key: mine", *served.headers, key=None)
        assert reply.status == status
    assert rig.told.rejected == []


async def test_a_converted_request_carries_the_callers_key_in_the_upstreams_way(rig, pair):
    client, upstream = pair
    rig.configure(upstream, auth=AuthStyle.CLIENT)
    rig.upstream.script = whole(upstream.whole())
    reply = await rig.ask(
        f"/k/{KEY}{client.path}", client.request(), "Authorization: Bearer mine", *client.headers, key=None
    )
    assert reply.status == 200
    seen = rig.upstream.seen[0]
    converted = client is not upstream
    expected = ("mine", None) if converted and upstream.is_anthropic else (None, "Bearer mine")
    assert (seen.get("x-api-key"), seen.get("authorization")) == expected


async def test_many_wrong_keys_hold_nobody_up(rig, served):
    async def wrong():
        return (await rig.ask(served.path, served.request(), *served.headers, key="pb_" + "x" * 4000)).status

    statuses = await asyncio.gather(*(wrong() for _ in range(40)))
    assert set(statuses) == {401}
    assert (await rig.chat(served)).status == 200
