"""Who is let to a TLS handshake, and for how long."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter

import pytest

from app.proxy import tls_door
from app.proxy.tls_door import TlsDoor
from tests.acceptance.test_lan import certificate

HERE, MOST = "127.0.0.6", 3


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class FakeListener:
    def __init__(self):
        self.knocking = Counter()
        self.rejections = self
        self.rejected = 0

    def accept(self):
        return Echo()

    def admits(self, address):
        assert address == "127.0.0.1"
        return self.knocking[address] < MOST

    def count(self, reason):
        self.rejected += 1


@pytest.fixture
def listener():
    return FakeListener()


@pytest.fixture
async def door(listener, tmp_path):
    cert, key, _ = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    listening = socket.create_server((HERE, 0))
    listening.setblocking(False)
    made = TlsDoor(listening, listener, tls)
    made.address, made.trust = listening.getsockname(), ssl.create_default_context(cafile=str(cert))
    made.trust.check_hostname = False
    yield made
    made.close()


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_who_shakes_hands_is_served(door, listener):
    reader, writer = await asyncio.open_connection(*door.address, ssl=door.trust)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    assert listener.knocking == Counter()
    writer.close()


async def test_silent_ones_are_few_and_go_when_their_time_is_over(door, listener, monkeypatch):
    monkeypatch.setattr(tls_door, "HANDSHAKE_S", 0.3)
    silent = [await asyncio.open_connection(*door.address) for _ in range(MOST)]
    await until(lambda: listener.knocking["127.0.0.1"] == MOST)
    reader, writer = await asyncio.open_connection(*door.address)
    assert await reader.read() == b""
    assert listener.rejected == 1
    for one, _ in silent:
        assert await one.read() == b""
    assert listener.knocking == Counter()
    for _, one in (*silent, (reader, writer)):
        one.close()


async def test_what_is_no_tls_is_sent_away(door, listener):
    reader, writer = await asyncio.open_connection(*door.address)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(asyncio.IncompleteReadError):
        await reader.readexactly(10_000)
    await until(lambda: listener.knocking == Counter())
    writer.close()
