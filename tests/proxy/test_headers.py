"""What travels on in either direction, and what stays."""

from __future__ import annotations

import json

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from app.domain.provider import DialectName
from app.proxy import headers
from tests.fakes.rig import KEY, SECRET
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT, WIRES

KEPT = (
    "anthropic-beta: a-2025-01-01,b-2025-02-02",
    "anthropic-workspace-id: wrk_1",
    "User-Agent: claude-cli/2.1.0 (external, cli)",
    "x-stainless-lang: js",
    "x-app: cli",
    "X-Claude-Code-Session-Id: 0f0f",
    "openai-organization: org-1",
    "x-client-request-id: c1",
    "idempotency-key: i1",
    "x-anything-new: yes",
)
LEFT = (
    "Cookie: session=1",
    "Forwarded: for=192.0.2.1",
    "X-Forwarded-For: 192.0.2.1",
    "X-Real-IP: 192.0.2.1",
    "Referer: http://192.0.2.1/",
    "Proxy-Authorization: Basic eDp5",
    "TE: trailers",
    "X-Hop: named by Connection",
    "Keep-Alive: timeout=5",
    "Accept-Encoding: gzip, br",
    "CF-Ray: 1",
    "x-patchbay-anything: 1",
    "Via: 1.1 somebody-else",
)
DANGEROUS = (
    "Set-Cookie: a=b",
    "Access-Control-Allow-Origin: *",
    "Strict-Transport-Security: max-age=1",
    "Alt-Svc: h3",
    "Server: nginx/1.0",
    "X-Powered-By: PHP",
    "Location: http://192.0.2.1/",
    "Trailer: x",
    "CF-Ray: 1",
    "Content-Disposition: attachment",
)


def names_of(lines):
    return {line.partition(":")[0].lower() for line in lines}


async def test_a_pass_through_keeps_what_gateways_must_keep(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    await rig.ask(wire.path, wire.request(), *wire.headers, *KEPT, *LEFT, "Connection: keep-alive, X-Hop")
    seen = rig.upstream.seen[0]
    for line in (*KEPT, *wire.headers):
        name, _, value = line.partition(": ")
        assert [value for key, value in seen.headers if key.lower() == name.lower()] == [value]
    assert seen.names().isdisjoint(names_of(LEFT) - {"accept-encoding", "via"})
    assert seen.get("accept-encoding") == "identity"
    assert (seen.get("via") or "").startswith("1.1 patchbay-")
    assert KEY not in str(seen.headers)


async def test_a_conversion_tells_the_other_vendor_nothing(rig):
    for client, upstream in ((ANTHROPIC, CHAT), (CHAT, ANTHROPIC)):
        rig.configure(upstream)
        rig.upstream.script = whole(upstream.whole())
        await rig.ask(client.path, client.request(), *client.headers, *KEPT, *LEFT)
        seen = rig.upstream.seen[-1]
        signed = {"x-api-key", "anthropic-version"} if upstream is ANTHROPIC else {"authorization"}
        plain = {"host", "content-type", "accept", "accept-encoding", "user-agent", "via", "content-length"}
        assert seen.names() == plain | signed
        assert seen.get("user-agent") == "patchbay/1.2.3"
        assert SECRET in (seen.get("x-api-key") or seen.get("authorization") or "")


@pytest.mark.parametrize("status", [200, 400])
async def test_only_what_is_on_the_list_comes_back(rig, wire, status):
    rig.configure(wire)
    passed = (
        "request-id: r1",
        "x-ratelimit-remaining-tokens: 9",
        "anthropic-organization-id: o",
        "x-should-retry: true",
    )
    body = wire.whole() if status == 200 else wire.error()
    rig.upstream.script = whole(body, *DANGEROUS, *passed, "retry-after: 7", "retry-after-ms: 6500", status=status)
    reply = await rig.chat(wire)
    assert (reply.status, reply.body) == (status, body)
    assert reply.names().isdisjoint(names_of(DANGEROUS) - {"server"})
    assert [value for name, value in reply.headers if name.lower() == "server"] == ["patchbay"]
    for line in (*passed, "retry-after: 7", "retry-after-ms: 6500"):
        name, _, value = line.partition(": ")
        assert reply.get(name) == value


async def test_limits_and_ids_bear_the_clients_names_after_a_conversion(rig):
    rig.configure(CHAT)
    theirs = ("x-request-id: up1", "x-ratelimit-remaining-requests: 9", "x-ratelimit-limit-tokens: 1000", "openai-x: 1")
    rig.upstream.script = whole(CHAT.whole(), *theirs, *DANGEROUS, "retry-after: 3")
    reply = await rig.chat(ANTHROPIC)
    assert reply.get("request-id") == "up1"
    assert reply.get("anthropic-ratelimit-requests-remaining") == "9"
    assert reply.get("anthropic-ratelimit-tokens-limit") == "1000"
    assert reply.get("retry-after") == "3"
    assert reply.names().isdisjoint({"openai-x", "x-request-id", *names_of(DANGEROUS)} - {"server"})


async def test_an_answer_without_an_id_gets_ours(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.whole())
    reply = await rig.chat(CHAT)
    assert reply.get("x-request-id") == f"req_{(await rig.row()).id}"


async def test_bytes_that_are_no_text_in_a_clients_header_harm_nobody(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    reply = await rig.ask(wire.path, wire.request(), *wire.headers, "x-app: caf\udce9", "session-id: \udcff")
    assert reply.status == 200
    assert rig.upstream.seen[0].get("x-stainless-lang") is None


@pytest.mark.parametrize("name", ["request-id", "x-request-id", "retry-after", "anthropic-x"])
async def test_bytes_that_are_no_text_in_an_upstreams_header_harm_nobody(rig, pair, name):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.whole(), f"{name}: \xe9\xff")
    reply = await rig.chat(client)
    assert reply.status == 200
    assert (await rig.row()).client_status == 200


async def test_names_of_dropped_fields_are_safe_in_a_header(rig):
    rig.configure(CHAT)
    rig.upstream.script = whole(CHAT.whole())
    odd = {"a\r\nSet-Cookie: x": 1, "é\u2028": 1, "b\x00": 1, "c": 1}
    reply = await rig.chat(ANTHROPIC, ANTHROPIC.request(**odd))
    assert reply.status == 200
    assert reply.get("set-cookie") is None
    assert "c" in (reply.get("x-patchbay-dropped") or "")


@pytest.mark.parametrize("client", WIRES, ids=["anthropic", "chat"])
@pytest.mark.parametrize("status", [200, 401, 404, 405, 413, 415, 421, 502, 529])
async def test_every_answer_is_guarded(rig, client, status):
    rig.configure(client)
    await_of = {
        200: lambda: rig.chat(client),
        401: lambda: rig.ask(client.path, client.request(), key=None),
        404: lambda: rig.ask("/nothing", client.request()),
        405: lambda: rig.ask(client.path, method="GET"),
        413: lambda: rig.ask(client.path, b"", "Content-Type: application/json", f"Content-Length: {2**26}"),
        415: lambda: rig.ask(client.path, b"", "Content-Type: text/plain"),
        421: lambda: rig.ask(client.path, client.request(), "Host: evil.example"),
        502: lambda: rig.chat(client),
        529: lambda: rig.chat(client),
    }
    script = whole(client.error("x", "overloaded_error"), status=529) if status == 529 else whole(client.whole())
    rig.upstream.script = whole(b"<html>", media_type="text/html") if status == 502 else script
    reply = await await_of[status]()
    assert reply.status == status
    for name, value in headers.PLAIN:
        assert [told for key, told in reply.headers if key.lower() == name.lower()] == [value]
    assert len(reply.body) < 1024


def test_names_that_nobody_sends_twice_do_not_fill_the_memory():
    many = CIMultiDictProxy(CIMultiDict((f"x-{number}", "1") for number in range(2000)))
    for _ in range(2):
        assert len(headers.to_upstream(many, "v")) == 2002
        assert headers.to_client(many) == ()
    assert len(headers._STAYS) <= 512
    assert len(headers._PASSES) <= 512


def test_the_two_vendors_limits_stand_in_the_same_rows():
    for rows in headers._LIMITS.values():
        assert len(rows) == 4
    both = CIMultiDictProxy(CIMultiDict({"x-ratelimit-limit-requests": "5"}))
    assert headers.converted_to_client(both, DialectName.GEMINI, DialectName.OPENAI_CHAT) == ()
    openai = headers.converted_to_client(both, DialectName.OPENAI_RESPONSES, DialectName.OPENAI_CHAT)
    assert openai == (("x-ratelimit-limit-requests", "5"),)
    assert json.dumps(headers.converted_to_client(both, DialectName.ANTHROPIC_MESSAGES, DialectName.OPENAI_CHAT)) == (
        '[["anthropic-ratelimit-requests-limit", "5"]]'
    )
