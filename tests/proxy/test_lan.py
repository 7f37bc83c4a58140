"""The sockets for other machines; played by addresses of the loopback network."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from app.domain.exposure import NOWHERE, Exposure
from app.proxy.lan import Lan

HERE, THERE = "127.0.0.6", "127.0.0.7"


class Connected(asyncio.Protocol):
    pass


class FakeListener:
    def __init__(self):
        self.shut = 0

    def accept(self):
        return Connected()

    def retire(self):
        self.shut += 1


def free_port():
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return probe.getsockname()[1]


async def reachable(address, port):
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    writer.close()
    return True


async def test_it_listens_where_it_is_told_and_nowhere_else():
    lan, port, made = Lan(), free_port(), []

    def listener():
        made.append(FakeListener())
        return made[-1]

    assert await lan.listen(Exposure((HERE,)), port, listener) == ()
    assert await reachable(HERE, port)
    assert not await reachable(THERE, port)
    assert await lan.listen(Exposure((THERE,)), port, listener) == ()
    assert not await reachable(HERE, port)
    assert await reachable(THERE, port)
    assert await lan.listen(NOWHERE, port, listener) == ()
    assert not await reachable(THERE, port)
    assert len(made) == 1
    assert made[0].shut == 1
    assert lan.leave() is made[0]


async def test_an_address_that_cannot_be_is_told_and_the_others_are_served():
    lan, port = Lan(), free_port()
    problems = await lan.listen(Exposure(("192.0.2.1", HERE)), port, FakeListener)
    assert len(problems) == 1
    assert problems[0].startswith("192.0.2.1: ")
    assert lan.addresses == (HERE,)
    lan.leave()


async def test_names_hold_the_port_but_for_the_standard_one():
    lan, port = Lan(), free_port()
    assert lan.names() == frozenset()
    await lan.listen(Exposure((HERE,), ("Box.local",)), port, FakeListener)
    assert lan.names() == {f"{HERE}:{port}", f"box.local:{port}"}
    lan.port = 80
    assert lan.names() == {f"{HERE}:80", "box.local:80", HERE, "box.local"}
    lan.leave()


async def test_a_certificate_that_cannot_be_used_leaves_everything_as_it_was(tmp_path):
    lan, port = Lan(), free_port()
    await lan.listen(Exposure((HERE,)), port, FakeListener)
    broken = tmp_path / "cert.pem"
    broken.write_text("no certificate")
    with pytest.raises(ssl.SSLError):
        await lan.listen(Exposure((HERE,), cert_file=str(broken)), port, FakeListener)
    with pytest.raises(OSError, match="No such file"):
        await lan.listen(Exposure((HERE,), cert_file=str(tmp_path / "none.pem")), port, FakeListener)
    assert lan.addresses == (HERE,)
    lan.leave()
