"""Who may knock: names, pages, methods, paths, upgrades. Nothing here needs a key, and nothing reaches the upstream."""

from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy import gate
from tests.fakes.rawclient import RawClient
from tests.fakes.rig import KEY, error_type
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

PATHS = ("/v1/messages", "/v1/chat/completions", "/v1/models", "/", "/health", "/nothing")
ANTHROPIC_HEADERS = ("anthropic-version: 2023-06-01",)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_our_own_names_are_let_in(rig, wire, host):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    reply = await rig.ask(wire.path, wire.request(), f"Host: {host}:{rig.port}", *wire.headers)
    assert reply.status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "0.0.0.0:{port}", "2130706433:{port}", "localhost.:{port}", "127.0.0.1", ""]
)
async def test_any_other_name_is_refused(rig, host, method, path):
    host = host.format(port=rig.port)
    reply = await rig.ask(path, b"{}", f"Host: {host}", *ANTHROPIC_HEADERS, method=method)
    assert reply.status == 421
    assert error_type(ANTHROPIC if path != "/v1/chat/completions" else CHAT, reply) in (
        "permission_error",
        "invalid_request_error",
    )
    assert reply.json()["error"]["message"] == "host not allowed"
    assert (reply.get("connection") or "").lower() == "close"
    assert host == "" or host not in reply.body.decode()
    assert rig.no_row()
    assert rig.upstream.lines == []


@pytest.mark.parametrize(
    "raw",
    [
        "POST http://evil.example/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        "POST http://127.0.0.1:{port}/v1/messages HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "POST https://127.0.0.1:{port}/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        "GET /health HTTP/1.0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}\r\n\r\n",
    ],
)
async def test_what_names_us_in_another_way_is_judged_alike(rig, raw):
    async with await rig.connect() as client:
        await client.send(raw.format(port=rig.port).encode())
        assert (await client.reply()).status in (400, 421)
    assert rig.no_row()


async def test_the_absolute_form_with_our_own_name_works(rig):
    async with await rig.connect() as client:
        await client.send(
            f"GET http://localhost:{rig.port}/health HTTP/1.1\r\nHost: localhost:{rig.port}\r\n\r\n".encode()
        )
        assert (await client.reply()).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header",
    [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_no_web_page_is_a_client(rig, path, header, method):
    reply = await rig.ask(path, b"{}", header, method=method)
    assert reply.status == 403
    assert not any(name.startswith("access-control-") for name in reply.names())
    assert rig.no_row()


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_an_address_typed_by_hand_is_no_page(rig, site):
    assert (await rig.ask("/health", b"", f"Sec-Fetch-Site: {site}", method="GET")).status == 200


async def test_no_preflight_is_answered(rig):
    asked = ("Origin: https://app.example", "Access-Control-Request-Method: POST")
    for headers in (asked, ()):
        reply = await rig.ask("/v1/messages", b"", *headers, method="OPTIONS", key=None)
        assert reply.status == 403
        assert not any(name.startswith("access-control-") for name in reply.names())


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"],
)
async def test_a_body_must_be_json(rig, wire, content_type):
    headers = (f"Content-Type: {content_type}",) if content_type else ()
    async with await rig.connect() as client:
        await client.request(wire.path, wire.request(), f"x-api-key: {KEY}", *headers, *wire.headers)
        reply = await client.reply()
    assert reply.status == 415
    assert error_type(wire, reply) == "invalid_request_error"
    assert rig.no_row()


async def test_parameters_of_the_content_type_are_fine(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    async with await rig.connect() as client:
        headers = (f"x-api-key: {KEY}", "Content-Type: Application/JSON; charset=utf-8", *wire.headers)
        await client.request(wire.path, wire.request(), *headers)
        assert (await client.reply()).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("what", ["websocket", "h2c"])
async def test_nothing_is_upgraded(rig, path, what):
    async with await rig.connect() as client:
        headers = (f"Upgrade: {what}", "Connection: Upgrade", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13")
        await client.request(path, b"", *headers, method="GET")
        reply = await client.reply()
        assert reply.status in (200, 426)
        assert (reply.status == 200) == (path in ("/", "/health"))
    assert (await rig.ask("/health", method="GET")).status == 200


@pytest.mark.parametrize(
    "path", ["/favicon.ico", "/.env", "/docs", "/openapi.json", "/v1/embeddings", "//", "/v1/../x"]
)
async def test_everything_else_is_the_same_small_404(rig, path):
    reply = await rig.ask(path, method="GET", key=None)
    assert reply.status == 404
    assert len(reply.body) < 1024
    assert b"1.2.3" not in reply.body
    assert reply.json()["error"]["message"] == "There is nothing at this path."


async def test_a_known_path_names_its_methods(rig, wire):
    for method in ("GET", "PUT", "DELETE", "TRACE", "HEAD"):
        reply = await rig.ask(wire.path, method=method)
        assert reply.status == 405
        assert reply.get("allow") == "POST"


async def test_only_the_status_needs_no_key(rig):
    """Every method on every path that exists, and on some that do not: what answers 2xx without a key."""
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PROPFIND")
    from app.dialects import DIALECTS

    paths = {endpoint.path.replace("{model}", "the-model") for one in DIALECTS for endpoint in one.endpoints}
    good = set()
    for path in sorted(paths | set(PATHS) | {"/k/", "/k/x/v1/models", "/k//health", "/metrics", "/stats"}):
        for method in methods:
            body = b"{}" if method in ("POST", "PUT", "PATCH") else b""
            reply = await rig.ask(path, body, method=method, key=None)
            if reply.status not in (400, 401, 403, 404, 405, 421):
                good.add((method, path, reply.status))
    assert good - {("GET", "/k//health", 200)} == {("HEAD", "/", 200), ("GET", "/", 200), ("GET", "/health", 200)}


async def test_the_status_says_nothing_but_that(rig):
    reply = await rig.ask("/health", method="GET", key=None)
    assert reply.body == b'{"status": "ok"}'
    assert (await rig.ask("/", method="HEAD", key=None)).body == b""


async def test_the_status_proves_who_it_is(rig):
    from app.proxy.instance import Instance

    reply = await rig.ask("/health?nonce=abc", method="GET", key=None)
    assert reply.json() == {"status": "ok", "proof": Instance("instance-secret").proof("abc")}
    assert "proof" not in (await rig.ask(f"/health?nonce={'x' * 300}", method="GET", key=None)).json()


async def test_a_loop_is_seen(rig, wire):
    """The provider's base URL is our own address, behind something that hides it from the address check."""
    from app.proxy.instance import Instance

    reply = await rig.ask(
        wire.path, wire.request(), f"Via: 1.1 other, {Instance('instance-secret').via}", *wire.headers
    )
    assert reply.status == 508
    assert rig.no_row()


async def test_both_families_answer(rig):
    async with await RawClient.connect(rig.port, "::1") as client:
        await client.request("/health", b"", f"Host: [::1]:{rig.port}", method="GET")
        assert (await client.reply()).status == 200


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("/v1/messages?beta=true", ("", "", "/v1/messages", "beta=true")),
        ("/k/pb_x/v1/messages?a=1?b", ("pb_x", "", "/v1/messages", "a=1?b")),
        ("/k/pb_x", ("pb_x", "", "", "")),
        ("/p/website/v1/messages", ("", "website", "/v1/messages", "")),
        ("/k/pb_x/p/my%20site%2F2/v1/models", ("pb_x", "my site/2", "/v1/models", "")),
        ("/p/website/k/pb_x/v1/models?a", ("pb_x", "website", "/v1/models", "a")),
        ("/p/a/p/b/v1/models", ("", "a", "/p/b/v1/models", "")),
        ("/p/website", ("", "website", "/", "")),
        ("/p/", ("", "", "", "")),
        ("http://localhost:1/p/x/health", ("", "x", "/health", "")),
        ("http://localhost:1", ("", "", "/", "")),
    ],
)
def test_the_target_is_taken_apart(raw, parts):
    assert gate.split_target(raw) == parts


def test_port_80_is_left_out_by_browsers():
    assert "localhost" in gate.local_names(frozenset({80}))
    assert "localhost" not in gate.local_names(frozenset({8082}))


def test_a_path_without_meaning_is_not_found():
    class Http:
        method = "GET"
        headers: dict[str, str] = {}

    with pytest.raises(PatchbayError) as caught:
        gate.choose(Http(), ())  # type: ignore[arg-type]
    assert caught.value.kind is ErrorKind.PATH_NOT_FOUND


@pytest.mark.parametrize("name", ["m" * 257, "a\nb", "a\x1b[31m", "\u202e", "a\0"])
def test_what_no_model_is_called(name):
    with pytest.raises(PatchbayError) as caught:
        gate.check_model(name)
    assert (caught.value.kind, caught.value.param) == (ErrorKind.INVALID_REQUEST, "model")
    gate.check_model("m" * 256)
