"""Other machines: only where the user wants it, never without a key, and cheap to turn away.

The addresses of another machine are played by 127.0.0.5 and its neighbors: what counts is the socket that a connection
comes in by.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.acceptance.contract import alive, err, up
from tests.acceptance.program import KEY, QUICK, started
from tests.fakes.rawclient import RawClient
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

LAN = "127.0.0.5"
LIMITS = {"max_lan_connections_per_ip": 6, "max_strangers_per_ip": 3}
MORE = f'[lan]\nenabled = true\naddresses = ["{LAN}"]\nnames = ["Box.Local"]\n'


async def ask(p, *headers, key=KEY, host=None, body=None):
    async with await RawClient.connect(p.port, host=LAN) as client:
        more = [f"Host: {host}"] if host else [f"Host: {LAN}:{p.port}"]
        if key:
            more.append(f"x-api-key: {key}")
        sent = p.body(ANTHROPIC) if body is None else body
        await client.request(ANTHROPIC.path, sent, "Content-Type: application/json", *more, *headers)
        return await client.reply()


async def listens(p):
    async with asyncio.timeout(5):
        while True:
            try:
                (await RawClient.connect(p.port, host=LAN)).writer.close()
            except OSError:
                await asyncio.sleep(0.02)
            else:
                return


async def connections(p, count):
    async with asyncio.timeout(5):
        while (await p.figures()).connections != count:
            await asyncio.sleep(0.01)


async def test_a_key_opens_it_by_address_and_by_name(p):
    await listens(p)
    p.upstream.script = whole(ANTHROPIC.whole())
    for host in (f"{LAN}:{p.port}", f"box.local:{p.port}", f"BOX.LOCAL:{p.port}"):
        assert (await ask(p, host=host)).status == 200
    up(p, 3)


@pytest.mark.parametrize("host", ["evil.example", f"{LAN}:1", LAN, "192.168.1.2:{}"])
async def test_rebinding_is_refused_there_too(p, host):
    await listens(p)
    err(ANTHROPIC, await ask(p, host=host.format(p.port)), 421, "permission_error")
    up(p, 0)


async def test_web_pages_are_refused_there_too(p):
    await listens(p)
    err(ANTHROPIC, await ask(p, "Origin: http://box.local"), 403)


async def test_strangers_hold_few_connections_and_known_clients_more(p):
    await listens(p)
    p.upstream.script = whole(ANTHROPIC.whole())
    await connections(p, 0)
    silent = [await RawClient.connect(p.port, host=LAN) for _ in range(3)]
    await connections(p, 3)
    assert (await ask(p)).status == 503
    assert (await p.figures()).rejected["connections_per_ip"] >= 1
    for one in silent:
        await one.close()
    await alive(p)


async def test_wrong_keys_are_slowed_down_and_then_refused_while_loopback_is_served():
    async with started(more=MORE) as p:
        await listens(p)
        p.upstream.script = whole(ANTHROPIC.whole())
        quick = time.monotonic()
        for _ in range(10):
            err(ANTHROPIC, await ask(p, key="pb_wrong"), 401, "authentication_error")
        assert time.monotonic() - quick < 2
        slow = time.monotonic()
        replies = await asyncio.gather(*(ask(p, key="pb_wrong") for _ in range(3)))
        assert time.monotonic() - slow >= 1
        assert {reply.status for reply in replies} == {401}
        await asyncio.gather(*(ask(p, key="pb_wrong") for _ in range(3)))
        await asyncio.gather(*(ask(p, key="pb_wrong") for _ in range(4)))
        refused = await ask(p)  # a good key does not help any more: nothing is looked up for this address
        err(ANTHROPIC, refused, 429, "rate_limit_error")
        assert 1 <= int(refused.get("retry-after") or 0) <= 60
        assert (await p.chat(ANTHROPIC)).status == 200
        up(p, 1)


@pytest.mark.parametrize("more", ['[config]\nauth = "open"\n'])
async def test_a13_without_a_key_nobody_else_gets_in(more):
    async with started(more=f"{more}{MORE}") as p:
        p.upstream.script = whole(ANTHROPIC.whole())
        assert (await p.ask(ANTHROPIC.path, p.body(ANTHROPIC), *ANTHROPIC.headers, key=None)).status == 200
        with pytest.raises(OSError, match=r"(?i)connect|refused"):
            await RawClient.connect(p.port, host=LAN)
        told = (await p.running.command("status", "--json")).out
        assert '"lan"' in told
        assert "Other machines cannot connect" in told


async def test_with_a_certificate_it_speaks_tls_and_says_its_fingerprint(tmp_path):
    cert, key, fingerprint = certificate(tmp_path)
    more = f'{MORE}cert_file = "{cert}"\nkey_file = "{key}"\n'
    async with started(more=more) as p:
        await listens(p)
        p.upstream.script = whole(ANTHROPIC.whole())
        trust = ssl.create_default_context(cafile=str(cert))
        trust.check_hostname = False
        reader, writer = await asyncio.open_connection(LAN, p.port, ssl=trust)
        body = p.body(ANTHROPIC)
        writer.write(
            f"POST {ANTHROPIC.path} HTTP/1.1\r\nHost: {LAN}:{p.port}\r\nx-api-key: {KEY}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        assert (await reader.readline()).split()[1] == b"200"
        writer.close()
        told = (await p.running.command("status", "--json")).out
        assert fingerprint in told
        assert f"https://{LAN}:{p.port}" in told


async def test_who_never_shakes_hands_holds_few_connections_and_loopback_is_served(tmp_path):
    cert, key, _ = certificate(tmp_path)
    limits = {**QUICK, **LIMITS}
    async with started(limits, more=f'{MORE}cert_file = "{cert}"\nkey_file = "{key}"\n') as p:
        await listens(p)
        before = (await p.figures()).fds
        silent = [await RawClient.connect(p.port, host=LAN) for _ in range(60)]
        await asyncio.gather(*(one.ended() for one in silent[3:]))  # turned away without a word of TLS
        assert (await p.figures()).fds <= before + 10
        assert (await p.figures()).rejected["connections_per_ip"] >= 50
        await alive(p)
        for one in silent:
            await one.close()


async def test_wrong_keys_are_counted_where_only_the_health_is_asked_for():
    async with started(more=MORE) as p:
        await listens(p)
        seen = []
        for _ in range(12):
            async with await RawClient.connect(p.port, host=LAN) as client:
                begun = time.monotonic()
                await client.request("/k/pb_wrong/health", b"", f"Host: {LAN}:{p.port}", method="GET")
                assert (await client.reply()).status == 401
                seen.append(time.monotonic() - begun)
        assert seen[-1] >= 1 > seen[0]


async def test_it_ends_as_soon_as_the_file_says_so(p):
    """Last in this file: the program stays without it."""
    await listens(p)
    kept = await RawClient.connect(p.port, host=LAN)
    await kept.request("/v1/models", b"", f"Host: {LAN}:{p.port}", f"x-api-key: {KEY}", method="GET")
    assert (await kept.reply()).status == 200
    config = p.data_dir / "patchbay.toml"
    config.write_text(config.read_text().replace("enabled = true", "enabled = false"))
    async with asyncio.timeout(5):
        while True:
            try:
                (await RawClient.connect(p.port, host=LAN)).writer.close()
            except OSError:
                break
            await asyncio.sleep(0.05)
    assert await kept.ended() == b""  # closed at once, not left to wait for an answer that never comes
    await kept.close()


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "box.local")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file, made.fingerprint(hashes.SHA256()).hex(":").upper()
