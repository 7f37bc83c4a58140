"""Sending to providers: pools, the one retry, addresses that no provider has, headers both ways."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from dataclasses import replace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.exchange import State
from app.domain.provider import DialectName
from app.proxy import resolver
from app.proxy.upstream import Upstreams, usable
from tests.fakes.rig import QUICK, error_type, provider, snapshot
from tests.fakes.scripted import cut, head, stream, whole
from tests.fakes.wires import ANTHROPIC, CHAT


async def test_a_connection_is_used_again(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    for number in range(6):
        rig.upstream.script = stream(*upstream.events("x")) if number % 2 else whole(upstream.whole())
        assert (await rig.chat(client, stream=bool(number % 2))).status == 200
    assert len(rig.upstream.lines) == 1


async def test_a_stale_connection_is_replaced_once(rig, wire):
    """The provider closed it while it lay in the pool: it cannot have seen the request."""
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    assert (await rig.chat(wire)).status == 200
    answered = []

    async def close_the_old(line, seen):
        if line.requests > 1:
            line.close()
            return
        answered.append(seen)
        await whole(wire.whole("again"))(line, seen)

    rig.upstream.script = close_the_old
    reply = await rig.chat(wire)
    assert reply.status == 200
    assert b"again" in reply.body
    assert len(answered) == 1
    assert (await rig.row(2)).state is State.DONE


async def test_a_fresh_connection_that_closes_is_not_tried_again(rig, wire):
    """The request may have been worked on, and billed."""
    rig.configure(wire)

    async def close(line, seen):
        line.close()

    rig.upstream.script = close
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert len(rig.upstream.seen) == 1
    assert (await rig.row()).error_kind == "upstream_unreachable"


async def test_a_change_of_models_keeps_the_pool_and_a_change_of_place_does_not(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    await rig.chat(wire)
    rig.configure(wire, big_model="the-model", models=("the-model", "other"))
    await rig.chat(wire)
    assert len(rig.upstream.lines) == 1
    rig.configure(wire, allow_insecure=True)
    await rig.chat(wire)
    assert len(rig.upstream.lines) == 2
    async with asyncio.timeout(2):
        await rig.upstream.lines[0].closed.wait()


async def test_the_pool_of_a_further_dialect_elsewhere_stays_while_it_is_configured(rig):
    endpoints = ((DialectName.ANTHROPIC_MESSAGES, rig.upstream.url),)
    elsewhere = {"base_url": "http://127.0.0.1:1/v1", "endpoints": endpoints}
    rig.configure(CHAT, **elsewhere)
    rig.upstream.script = whole(ANTHROPIC.whole())
    assert (await rig.chat(ANTHROPIC)).status == 200
    rig.configure(CHAT, **elsewhere, big_model="the-model")
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert len(rig.upstream.lines) == 1
    rig.configure(CHAT, base_url="http://127.0.0.1:1/v1")
    assert (await rig.chat(ANTHROPIC)).status == 502
    async with asyncio.timeout(2):
        await rig.upstream.lines[0].closed.wait()


async def test_a_provider_that_goes_away_takes_no_stream_with_it(rig, wire):
    rig.configure(wire, limits=replace(QUICK, idle_s=5.0))
    go_on = asyncio.Event()
    events = wire.events("one ", "two")

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *(b"%x\r\n%s\r\n" % (len(e), e) for e in events[:3]))
        await go_on.wait()
        await line.send(*(b"%x\r\n%s\r\n" % (len(e), e) for e in events[3:]), b"0\r\n\r\n")

    rig.upstream.script = script
    running = asyncio.get_running_loop().create_task(rig.chat(wire, stream=True), name="running")
    while not rig.recorder.starts or not rig.upstream.seen:
        await asyncio.sleep(0.005)
    rig.snapshot = snapshot()
    assert (await rig.chat(wire)).status == 503
    go_on.set()
    reply = await running
    assert reply.body == b"".join(events)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://[fd00:ec2::254]",
        "http://0.0.0.0:9",
        "http://[::]:9",
        "http://224.0.0.1",
        "http://[fe80::1]",
        "http://255.255.255.255",
        "http://[::ffff:169.254.169.254]",
        "http://100.100.100.200",
    ],
)
async def test_addresses_that_no_provider_has(rig, wire, url):
    rig.configure(wire, base_url=url, allow_insecure=True)
    began = time.monotonic()
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert time.monotonic() - began < 1
    assert error_type(wire, reply)
    assert "address" in reply.json()["error"]["message"]
    assert (await rig.row()).error_kind == "address_refused"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_we_do_not_call_ourselves(rig, wire, host):
    rig.configure(wire, base_url=f"http://{host}:{rig.port}")
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert reply.json()["error"]["message"] == "Provider Up: its base URL points back at Patchbay itself."
    assert len(rig.recorder.ends) == 1


@pytest.mark.parametrize("host", ["93.184.216.34", "10.1.2.3", "[2606:2800:220:1::1]"])
async def test_clear_text_stays_on_this_machine(rig, wire, host):
    rig.configure(wire, base_url=f"http://{host}")
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert "use https://" in reply.json()["error"]["message"]


async def test_bad_names_and_closed_ports(rig, wire):
    rig.configure(wire, base_url="http://no-such-host.invalid")
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert "cannot be resolved" in reply.json()["error"]["message"]
    rig.configure(wire, base_url="http://127.0.0.1:1")
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert "cannot be reached" in reply.json()["error"]["message"]


async def test_a_name_server_that_hangs(rig, wire, monkeypatch):
    answer = threading.Event()

    def hang(*_args, **_kwargs):
        answer.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(resolver.socket, "getaddrinfo", hang)
    rig.configure(wire, base_url="http://some.example", limits=replace(QUICK, connect_s=0.3, reply_total_s=9.0))
    began = time.monotonic()
    reply = await rig.chat(wire)
    assert reply.status == 504
    assert time.monotonic() - began < 3
    assert "connecting took too long" in reply.json()["error"]["message"]
    answer.set()


async def test_no_certificate_no_answer(rig, wire):
    """The upstream speaks plain HTTP where TLS is expected."""

    async def plain(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    rig.configure(wire, base_url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    reply = await rig.chat(wire)
    server.close()
    assert reply.status == 502
    assert "TLS" in reply.json()["error"]["message"]
    assert (await rig.row()).error_kind == "tls_verification_failed"


async def test_what_an_upstream_sends_along_stays_behind(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(
        upstream.whole(),
        "Set-Cookie: a=b",
        "Access-Control-Allow-Origin: *",
        "Strict-Transport-Security: max-age=1",
        "Server: nginx",
        "X-Powered-By: x",
        "Location: /x",
        "Alt-Svc: h3",
        "CF-Ray: 1",
        "Keep-Alive: timeout=5",
        "request-id: req_up",
        "x-request-id: req_up",
        "retry-after: 1",
        "anthropic-ratelimit-requests-limit: 50",
        "anthropic-ratelimit-requests-remaining: 49",
        "x-ratelimit-limit-requests: 60",
        "x-ratelimit-remaining-requests: 59",
    )
    reply = await rig.chat(client)
    names = reply.names()
    for name in ("set-cookie", "access-control-allow-origin", "strict-transport-security", "x-powered-by", "location"):
        assert name not in names
    assert not names & {"alt-svc", "cf-ray", "keep-alive"}
    assert reply.get("server") == "patchbay"
    assert reply.get("retry-after") == "1"
    assert reply.get("request-id" if client.is_anthropic else "x-request-id") == "req_up"
    limit = "60" if upstream is CHAT else "50"
    ours = "anthropic-ratelimit-requests-limit" if client.is_anthropic else "x-ratelimit-limit-requests"
    assert reply.get(ours) == limit


async def test_what_a_client_sends_along(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    await rig.ask(
        wire.path,
        wire.request(),
        *wire.headers,
        "User-Agent: claude-cli/2",
        "anthropic-beta: b, a",
        "X-Stainless-Lang: js",
        "x-app: cli",
        "X-Claude-Code-Session-Id: s-1",
        "Cookie: a=b",
        "X-Forwarded-For: 1.2.3.4",
        "Forwarded: for=1.2.3.4",
        "Proxy-Authorization: Basic x",
        "Accept-Encoding: gzip, br, zstd",
        "X-Patchbay-Note: x",
        "Connection: keep-alive, X-Hop",
        "X-Hop: 1",
        "TE: trailers",
    )
    seen = rig.upstream.seen[0]
    assert seen.get("user-agent") == "claude-cli/2"
    assert seen.get("anthropic-beta") == "b, a"
    assert seen.get("x-stainless-lang") == "js"
    assert seen.get("x-claude-code-session-id") == "s-1"
    assert seen.get("accept-encoding") == "identity"
    assert (seen.get("via") or "").startswith("1.1 patchbay-")
    assert "instance-secret" not in str(seen.headers)
    gone = {"cookie", "x-forwarded-for", "forwarded", "proxy-authorization", "x-patchbay-note", "x-hop", "te"}
    assert not seen.names() & gone
    assert rig.recorder.starts[0].session_id == "s-1"


async def test_a_converted_request_tells_nothing_of_its_client(rig):
    rig.configure(CHAT)
    rig.upstream.script = whole(CHAT.whole())
    more = ("User-Agent: claude-cli/2", "anthropic-beta: b", "x-stainless-lang: js", "X-Claude-Code-Session-Id: s")
    await rig.ask(ANTHROPIC.path, ANTHROPIC.request(), *ANTHROPIC.headers, *more)
    seen = rig.upstream.seen[0]
    assert seen.get("user-agent") == "patchbay/1.2.3"
    assert not any(name.startswith(("anthropic-", "x-stainless", "x-claude")) for name in seen.names())
    assert seen.names() == {
        "host", "content-type", "accept", "accept-encoding", "user-agent", "via", "authorization", "content-length",
    }  # fmt: skip


async def test_system_proxies_are_left_out_for_this_machine(rig, wire, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    assert (await rig.chat(wire)).status == 200


async def test_a_system_proxy_is_asked_to_connect(rig, wire, monkeypatch):
    monkeypatch.setenv("https_proxy", rig.upstream.url.replace("//", "//user:pass@"))
    rig.configure(wire, base_url="https://api.example")

    async def script(line, seen):
        await line.send(head(407, "text/plain", length=0, reason="Proxy Authentication Required"))

    rig.upstream.script = script
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert "proxy" in reply.json()["error"]["message"]
    assert "pass" not in reply.body.decode()
    seen = rig.upstream.seen[0]
    assert seen.line == "CONNECT api.example:443 HTTP/1.1"
    assert seen.get("proxy-authorization") == "Basic dXNlcjpwYXNz"


async def test_clear_text_does_not_go_through_a_proxy(rig, wire, monkeypatch):
    monkeypatch.setenv("http_proxy", rig.upstream.url)
    rig.configure(wire, base_url="http://api.example")
    reply = await rig.chat(wire)
    assert reply.status == 502
    assert rig.upstream.lines == []


async def test_a_broken_head(rig, pair):
    """aiohttp reports it as an error with status 400; the client did nothing wrong."""
    client, upstream = pair
    rig.configure(upstream)

    async def script(line, seen):
        await line.send(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n")
        line.close()

    rig.upstream.script = script
    reply = await rig.chat(client)
    assert reply.status == 502
    assert (await rig.row()).error_kind == "bad_upstream_reply"


@pytest.mark.parametrize("url", ["nonsense", "http://[half", "http://host:99999", "http://", "ftp://host"])
async def test_one_provider_without_a_usable_address_harms_no_other(rig, wire, url):
    good = rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    rig.snapshot = snapshot(good, replace(good, name="Bad", base_url=url))
    assert (await rig.chat(wire)).status == 200
    reply = await rig.chat(wire, wire.request("Bad:the-model"))
    assert reply.status == 502
    assert reply.json()["error"]["message"] == "Provider Bad: its base URL cannot be used."


async def test_what_cannot_be_a_url():
    upstreams = Upstreams()
    with pytest.raises(PatchbayError) as caught:
        await upstreams.send(provider(ANTHROPIC, "nonsense"), "POST", "nonsense", None, None, connect_timeout_s=1)
    assert caught.value.kind is ErrorKind.UNREACHABLE
    await upstreams.close()


@pytest.mark.parametrize("status", [200, 201, 299, 400, 401, 429, 500, 529, 599])
def test_statuses_of_answers(status):
    usable(status, "Up")


async def test_closing_ends_what_runs(rig, wire):
    rig.configure(wire, limits=replace(QUICK, reply_total_s=9.0))
    rig.upstream.script = cut(how="stall")
    running = asyncio.get_running_loop().create_task(rig.chat(wire), name="running")
    while not rig.upstream.seen:
        await asyncio.sleep(0.005)
    await rig.server.close()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await running
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.CANCELLED, "stopped")


def test_the_trust_is_the_systems():
    from app.proxy.trust import tls_context

    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
