"""Group K: the network round the program, and who might misuse it to reach another place."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import socket
import ssl
import time

import pytest

from app.domain.exchange import State
from tests.acceptance.contract import bounded, err, failed, kinds, sse_err, up
from tests.acceptance.program import QUICK, elapsed, started
from tests.e2e.program import KEY, PROVIDER_KEY, base_environment, command, configure
from tests.e2e.program import provider as entry
from tests.fakes.scripted import Scripted, chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT

UPSTREAMS = 2


def certificate(folder):
    """A self-made authority's certificate for 127.0.0.1, as nobody trusts it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Private Authority")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_k01_a_certificate_that_nobody_trusts_is_no_provider(tmp_path, wire):
    heard = []

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            heard.append(await reader.read(65536))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificate(tmp_path))
    port = server.sockets[0].getsockname()[1]
    listed = entry("Private", "anthropic-compatible", f"https://127.0.0.1:{port}", "private-model")
    async with started(QUICK, more="", providers_more=listed) as own:
        reply = await own.chat(wire, model="Private:private-model")
        message = err(wire, reply, 502, kinds(wire, "api_error", "server_error"))
        assert "Private" in message
        assert "certificate" in message
        assert (await own.row()).error_kind == "tls_verification_failed"
    server.close()
    assert not any(PROVIDER_KEY.encode() in one for one in heard)


async def test_k03_proxies_of_the_system_are_not_for_this_machine():
    """Set to somebody who listens: a request for an upstream on loopback must not come by."""
    trap = await Scripted(whole(b"{}")).start()
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environment = dict.fromkeys(names, f"http://user:secret@127.0.0.1:{trap.port}")
    async with started(QUICK, environment=environment) as own:
        own.upstream.script = whole(ANTHROPIC.whole())
        assert (await own.chat(ANTHROPIC)).status == 200
        assert trap.lines == []
    await trap.stop()


FIELDS = ("api_base", "base_url", "api_key", "custom_llm_provider", "extra_headers", "proxy", "headers", "endpoint")
HEADERS = ("x-base-url", "x-portkey-custom-host", "x-forwarded-host", "x-original-url", "x-api-base", "forwarded")


async def test_k05_nothing_in_a_request_chooses_a_destination(p, pair):
    client, upstream = pair
    p.upstream.script = whole(upstream.whole())
    evil = p.others[0].url
    for name in FIELDS:
        for value in (evil, {"url": evil, "x-api-key": "x"}):
            reply = await p.chat(client, upstream, **{name: value})
            assert reply.status in (200, 400)
    for name in HEADERS:
        assert (await p.chat(client, upstream, f"{name}: {evil}")).status == 200
    for query in (f"?api_base={evil}", f"?base_url={evil}", f"?url={evil}"):
        reply = await p.ask(client.path + query, p.body(client, upstream), *client.headers)
        assert reply.status in (200, 400)
    assert p.others[0].lines == []
    for seen in p.upstream.seen:
        assert KEY not in str(seen.headers)
        assert seen.get("x-forwarded-host") is None
        assert seen.get("forwarded") is None
    await p.settle()


REFUSED = (
    *("file:///etc/passwd", "gopher://x", "ftp://x/", "data:text/plain,x", "javascript:alert(1)", "http:/x", "//host"),
    *(
        "http://user:pass@host/",
        "http://ho st/",
        "http://host\nx/",
        "http://169.254.169.254/",
        "http://[fd00:ec2::254]/",
    ),
    *("http://0.0.0.0/", "http://2852039166/", "http://0xA9FEA9FE/", "http://metadata.google.internal/"),
    *("http://host:0/", "http://host:99999/", "http://host:x/", "http:///x", ""),
)


@pytest.mark.parametrize("url", REFUSED)
async def test_k06_addresses_that_no_provider_has_are_refused_when_saved(tmp_path, url):
    from app.domain.config import ProviderEntry
    from app.domain.errors import ConfigError
    from app.vendors.resolve import resolve

    with pytest.raises(ConfigError) as caught:
        resolve(ProviderEntry("Evil", vendor="openai-compatible", base_url=url))
    assert "base_url" in caught.value.key


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://host:99999/", "http://u:p@host/"])
async def test_k06_the_command_says_so_and_keeps_the_file(tmp_path, url):
    data = tmp_path / "data"
    configure(data, entry("A", "anthropic-compatible", "http://127.0.0.1:1", "m"))
    before = (data / "patchbay.toml").read_bytes()
    done = await command(
        *(data, "provider", "add", "Evil", "--vendor", "openai-compatible", "--base-url", url, "--env-key", "X_KEY"),
        environment=base_environment(),
    )
    assert done.code == 1
    assert "base_url" in done.err
    assert (data / "patchbay.toml").read_bytes() == before


async def test_k06_what_a_file_names_all_the_same_is_refused_when_it_is_dialled(p):
    """An address may look harmless and resolve to one that is not: judged at the socket."""
    for number, url in enumerate(
        ("http://127.1.2.3.nip.invalid", "http://localhost.:1", "http://[::ffff:169.254.169.254]")
    ):
        file = p.data_dir / "patchbay.toml"
        text = file.read_text("utf-8")
        with contextlib.suppress(Exception):
            file.write_text(text + entry(f"E{number}", "openai-compatible", url, "m"), "utf-8")
            reply = await p.chat(CHAT, model=f"E{number}:m")
            assert reply.status >= 400
        file.write_text(text, "utf-8")
    assert p.upstream.lines == []
    await p.settle()


async def test_k08_we_fetch_nothing_that_a_message_names(p, pair):
    client, upstream = pair
    p.upstream.script = whole(upstream.whole())
    evil = p.others[0].url
    if client.is_anthropic:
        blocks = [
            {"type": "image", "source": {"type": "url", "url": f"{evil}/i.png"}},
            {"type": "document", "source": {"type": "url", "url": f"{evil}/d.pdf"}},
        ]
    else:
        blocks = [
            {"type": "image_url", "image_url": {"url": f"{evil}/i.png"}},
            {"type": "file", "file": {"file_url": f"{evil}/d.pdf"}},
        ]
    for block in blocks:
        content = [block, {"type": "text", "text": "look"}]
        reply = await p.chat(client, upstream, messages=[{"role": "user", "content": content}])
        assert reply.status in (200, 400)
        if reply.status == 200 and client is upstream:
            assert f"{evil}".encode() in p.upstream.seen[-1].body
    assert p.others[0].lines == []
    await p.settle()


@pytest.mark.parametrize("host", ["203.0.113.7", "api.example.com"])
async def test_k12_clear_text_stays_on_this_machine(host):
    listed = entry("Far", "openai-compatible", f"http://{host}:8080/v1", "far-model")
    async with started({**QUICK, "connect_s": 1}, providers_more=listed) as own:
        began = time.monotonic()
        reply = await own.chat(CHAT, model="Far:far-model")
        err(CHAT, reply, (502, 503))
        assert elapsed(began) < 4
        if host[0] == "2":
            assert "http://" in json.loads(reply.body)["error"]["message"]


@pytest.mark.timed
async def test_k10_a_connection_that_never_opens_is_given_up_and_harms_no_other(p):
    """A listener whose queue is full answers no handshake: the same as an address in a black hole."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        stuck = [socket.socket() for _ in range(4)]
        for one in stuck:
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
        file = p.data_dir / "patchbay.toml"
        text = file.read_text("utf-8")
        file.write_text(text + entry("Hole", "openai-compatible", f"http://127.0.0.1:{port}/v1", "hole"), "utf-8")
        p.upstream.script = whole(ANTHROPIC.whole())
        await _known(p, "Hole")
        async with bounded(p, lag_ms=100):
            began = time.monotonic()
            asking = asyncio.get_running_loop().create_task(p.chat(CHAT, model="Hole:hole"), name="asking")
            for _ in range(5):
                assert (await p.chat(ANTHROPIC)).status == 200
            reply = await asking
            err(CHAT, reply, (502, 504))
            assert elapsed(began) < 4
        for one in stuck:
            one.close()
        file.write_text(text, "utf-8")
    await p.settle()


async def _known(p, name):
    async with asyncio.timeout(8):
        while name not in (await p.ask("/v1/models", method="GET")).body.decode():
            await asyncio.sleep(0.05)


async def test_k13_the_network_goes_and_comes_back(p, pair):
    client, upstream = pair
    running = asyncio.Event()

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), *map(chunk, upstream.events("one", ended=False)))
        running.set()
        await line.stall()

    p.upstream.script = script
    loop = asyncio.get_running_loop()
    asking = loop.create_task(p.chat(client, upstream, stream=True), name="asking")
    await running.wait()
    await asyncio.sleep(0.1)
    for line in p.upstream.lines:
        line.reset()
    await p.upstream.stop()
    sse_err(client, await asking, kinds(client, "api_error", "server_error"))
    for _ in range(3):
        began = time.monotonic()
        err(client, await p.chat(client, upstream), 502)
        assert elapsed(began) < 1
    await p.upstream.start(p.upstream.port)
    p.upstream.script = whole(upstream.whole())
    async with asyncio.timeout(2):
        while (await p.chat(client, upstream)).status != 200:
            await asyncio.sleep(0.1)
    await p.settle()


async def test_k13_a_refused_connection_is_said_at_once(p, wire):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listed = entry("Gone", "anthropic-compatible", f"http://127.0.0.1:{port}", "gone")
    file = p.data_dir / "patchbay.toml"
    text = file.read_text("utf-8")
    file.write_text(text + listed, "utf-8")
    await _known(p, "gone")
    began = time.monotonic()
    message = err(wire, await p.chat(wire, model="Gone:gone"), 502)
    assert elapsed(began) < 1
    assert "Gone" in message
    row = await failed(p, "upstream_unreachable")
    assert row.state is State.FAILED
    file.write_text(text, "utf-8")
    up(p, 0)
