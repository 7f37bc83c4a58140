"""Group K: the roads to a provider: an authority of its own, a proxy of the system, names that are slow to resolve."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import ssl
import time

import pytest

from app.proxy import resolver
from app.proxy.addresses import AddressRule
from app.proxy.upstream import Upstreams
from tests.acceptance.contract import bounded, err, kinds
from tests.acceptance.program import QUICK, started
from tests.e2e.program import KEY, PROVIDER_KEY, base_environment, command, configure
from tests.e2e.program import provider as entry
from tests.fakes import certificates
from tests.fakes.rig import provider as made_provider
from tests.fakes.scripted import Scripted, whole
from tests.fakes.wires import ANTHROPIC, CHAT


@pytest.fixture
async def private(tmp_path):
    """A server whose certificate an authority of its owner signed: (its port, that authority's file, what it heard)."""
    made = certificates.make(tmp_path)
    heard = []
    body = ANTHROPIC.whole("from a private place")

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            request = await reader.readuntil(b"\r\n\r\n")
            length = int(request.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            heard.append(request + await reader.readexactly(length))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=made.server)
    yield server.sockets[0].getsockname()[1], made.authority, heard
    server.close()
    await server.wait_closed()


def private_provider(name, port, authority=""):
    trusted = f"ca_file = {str(authority)!r}\n" if authority else ""
    return entry(name, "anthropic-compatible", f"https://127.0.0.1:{port}", f"{name}-model") + trusted


async def test_k01_an_authority_is_trusted_by_the_provider_that_names_it_and_by_no_other(private):
    port, authority, heard = private
    listed = private_provider("With", port, authority) + private_provider("Without", port)
    async with started(QUICK, providers_more=listed) as p:
        reply = await p.chat(ANTHROPIC, model="With:With-model")
        assert reply.status == 200
        assert "from a private place" in reply.body.decode()
        assert len(heard) == 1
        reply = await p.chat(ANTHROPIC, model="Without:Without-model")
        message = err(ANTHROPIC, reply, 502, "api_error")
        assert "Without" in message
        assert "certificate" in message
        assert certificates.AUTHORITY not in message
        assert len(heard) == 1
        assert (await p.rows(2))[0].error_kind == "tls_verification_failed"


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_k01_an_authority_that_cannot_be_read_is_named_and_nothing_is_sent(private, tmp_path, content):
    port, _, heard = private
    file = tmp_path / "lost.pem"
    if content is not None:
        file.write_text(content, "utf-8")
    async with started(QUICK, providers_more=private_provider("Lost", port, file)) as p:
        message = err(CHAT, await p.chat(CHAT, model="Lost:Lost-model"), 502, kinds(CHAT, "api_error", "server_error"))
        assert "Lost" in message
        assert "ca_file" in message
        assert "lost.pem" in message
        assert str(tmp_path) not in message
        assert heard == []
        assert (await p.chat(ANTHROPIC, model="A:model-a")).status in (200, 502, 504)  # the others go on
        await p.upstream.hang_up()


async def test_k01_the_path_must_be_a_whole_one(tmp_path):
    configure(tmp_path / "data", private_provider("Mine", 1, "certs/mine.pem"))
    done = await command(tmp_path / "data", "provider", "list", environment=base_environment())
    assert "ca_file" in done.out + done.err
    assert "line" in done.out + done.err


async def test_k01_there_is_no_switch_that_trusts_everything(private, tmp_path):
    port, _, heard = private
    switches = "verify = false\ninsecure = true\nallow_insecure = true\nverify_ssl = false\nssl_verify = false\n"
    environment = {
        "PYTHONHTTPSVERIFY": "0",
        "NODE_TLS_REJECT_UNAUTHORIZED": "0",
        "CURL_CA_BUNDLE": "",
        "REQUESTS_CA_BUNDLE": "",
    }
    async with started(QUICK, providers_more=private_provider("Mine", port) + switches, environment=environment) as p:
        assert (await p.chat(ANTHROPIC, model="Mine:Mine-model")).status == 502
        assert heard == []


class Proxy:
    """An HTTP proxy that opens tunnels to wherever it is told to send all of them."""

    def __init__(self, port, status=b"200 OK"):
        self.port_of_server = port
        self.status = status
        self.heads = []

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        self.server.close()
        await self.server.wait_closed()

    async def _serve(self, reader, writer):
        there = None
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 %s\r\n\r\n" % self.status)
            if self.status.startswith(b"200"):
                far, there = await asyncio.open_connection("127.0.0.1", self.port_of_server)
                await asyncio.wait(
                    {
                        asyncio.get_running_loop().create_task(_pour(reader, there), name="there"),
                        asyncio.get_running_loop().create_task(_pour(far, writer), name="back"),
                    }
                )
        writer.close()
        if there is not None:
            there.close()


async def _pour(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


@pytest.mark.parametrize("name", ["https_proxy", "all_proxy"])
async def test_k03_an_https_provider_is_reached_by_a_tunnel_and_the_proxys_password_stays_in_its_header(private, name):
    port, authority, heard = private
    proxy = await Proxy(port).start()
    # The name is in the certificate, and is resolved by the proxy alone.
    listed = private_provider("Far", port, authority).replace("127.0.0.1", "far.example")
    environment = {name: f"http://user:pass-word-canary@127.0.0.1:{proxy.port}"}
    more = '[config]\nlog_level = "debug"\n'
    async with started(QUICK, more=more, providers_more=listed, environment=environment) as p:
        reply = await p.chat(ANTHROPIC, model="Far:Far-model")
        # The certificate is not for that name: the tunnel is verified to its end, through any proxy.
        err(ANTHROPIC, reply, 502, "api_error", echo="pass-word-canary")
        assert heard == []
        (first,) = proxy.heads
        assert first.startswith(f"CONNECT far.example:{port} HTTP/1.1\r\n".encode())
        assert base64.b64encode(b"user:pass-word-canary") in first
        assert PROVIDER_KEY.encode() not in first
        assert KEY.encode() not in first
        await p.row()
        kept = b"".join(one.read_bytes() for one in p.data_dir.rglob("*") if one.is_file())
        assert b"pass-word-canary" not in kept
        assert base64.b64encode(b"user:pass-word-canary") not in kept
        # A provider of this machine goes past the proxy.
        p.upstream.script = whole(ANTHROPIC.whole())
        assert (await p.chat(ANTHROPIC)).status == 200
        assert len(proxy.heads) == 1
        await p.hang_up()
    await proxy.stop()


@pytest.mark.parametrize("answer", ["down", b"407 Proxy Authentication Required"])
async def test_k03_a_proxy_that_does_not_serve_is_named_as_the_one_at_fault(private, answer):
    port, authority, _ = private
    proxy = await Proxy(port, b"" if answer == "down" else answer).start()
    if answer == "down":
        await proxy.stop()
    listed = private_provider("Far", port, authority).replace("127.0.0.1", "far.example")
    environment = {"https_proxy": f"http://user:pass-word-canary@127.0.0.1:{proxy.port}"}
    async with started(QUICK, providers_more=listed, environment=environment) as p:
        reply = await p.chat(ANTHROPIC, model="Far:Far-model")
        message = err(ANTHROPIC, reply, 502, "api_error", echo="pass-word-canary")
        assert "proxy" in message
        assert "Far" in message
    if answer != "down":
        await proxy.stop()


async def test_k03_no_proxy_is_heeded(private):
    port, authority, _ = private
    listed = private_provider("Far", port, authority).replace("127.0.0.1", "far.invalid")
    environment = {"https_proxy": "http://127.0.0.1:1", "no_proxy": ".example, far.invalid"}
    async with started(QUICK, providers_more=listed, environment=environment) as p:
        message = err(ANTHROPIC, await p.chat(ANTHROPIC, model="Far:Far-model"), (502, 504), "")
        assert "proxy" not in message


async def ask(upstreams, url, timeout_s=3.0):
    one = made_provider(CHAT, url)
    return await upstreams.send(one, "GET", url, headers(), None, connect_timeout_s=timeout_s)


def headers():
    from multidict import CIMultiDict

    return CIMultiDict({"accept": "*/*"})


@pytest.mark.timed
async def test_k11_an_address_that_swallows_everything_costs_a_moment(monkeypatch):
    """The name has an IPv6 address that nothing answers at, and an IPv4 one that works."""
    upstream = await Scripted(whole(b"{}")).start()
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect
    tried = []

    async def reach(sock, where):
        tried.append(where[0])
        if sock.family == socket.AF_INET6:
            await asyncio.Event().wait()
        await connect(sock, where)

    def getaddrinfo(_host, port, **_):
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(loop, "sock_connect", reach)
    monkeypatch.setattr(resolver.socket, "getaddrinfo", getaddrinfo)
    upstreams = Upstreams()
    began = time.monotonic()
    reply = await ask(upstreams, f"http://two.example:{upstream.port}/")
    assert reply.status == 200
    assert time.monotonic() - began < 1
    assert tried == ["::1", "127.0.0.1"]
    reply.close()
    await upstreams.close()
    await upstream.stop()


def test_k11_addresses_that_are_refused_are_refused_in_every_family():
    rule = AddressRule(secure=True, insecure_allowed=True, private_allowed=True, own_ports=frozenset)
    assert rule.problem("::ffff:169.254.169.254", 443)
    assert rule.problem("2002:a9fe:a9fe::", 443)


@pytest.mark.timed
async def test_k10_a_name_server_that_hangs_neither_holds_the_loop_nor_another_provider(tmp_path):
    """In the running program: `getaddrinfo` of one name sleeps, as a resolver without an answer does."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket, time\n"
        "real = socket.getaddrinfo\n"
        "def slow(host, *rest, **more):\n"
        "    if isinstance(host, str) and host.startswith('hangs'):\n"
        "        time.sleep(30)\n"
        "    return real(host, *rest, **more)\n"
        "socket.getaddrinfo = slow\n",
        "utf-8",
    )
    listed = "".join(
        entry(f"Hang{number}", "anthropic-compatible", f"https://hangs{number}.example", f"hang{number}-model")
        for number in range(3)
    )
    limits = {**QUICK, "connect_s": 1}
    async with started(limits, providers_more=listed, environment={"PYTHONPATH": str(tmp_path)}) as p:
        p.upstream.script = whole(ANTHROPIC.whole())
        assert (await p.chat(ANTHROPIC)).status == 200
        async with bounded(p, lag_ms=50, within_s=4):
            hanging = [
                asyncio.get_running_loop().create_task(
                    p.chat(ANTHROPIC, model=f"Hang{number % 3}:hang{number % 3}-model"), name=f"hanging {number}"
                )
                for number in range(12)
            ]
            await asyncio.sleep(0.2)
            began = time.monotonic()
            assert (await p.chat(ANTHROPIC)).status == 200
            assert time.monotonic() - began < 0.5
            for reply in await asyncio.gather(*hanging):
                message = err(ANTHROPIC, reply, (502, 504))
                assert "Hang" in message
        threads = len(list((p_root(p) / "task").iterdir()))
        assert threads < 40
        await p.hang_up()


def p_root(p):
    from pathlib import Path

    return Path(f"/proc/{p.running.process.pid}")
