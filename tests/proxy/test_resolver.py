from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from app.proxy import resolver
from app.proxy.resolver import MOST_THREADS, Resolver


@pytest.fixture
def answers(monkeypatch):
    """A name server whose answers wait for their event, where there is one."""
    waits: dict[str, threading.Event] = {}
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        if host in waits:
            waits[host].wait(20)
        if host == "missing":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host == "overlong":
            raise UnicodeError("label too long")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", port, 0, 3)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(resolver.socket, "getaddrinfo", getaddrinfo)
    yield waits, asked
    for one in waits.values():
        one.set()


def asked_for(name):
    return asyncio.get_running_loop().create_task(Resolver().resolve(name, 443), name=f"resolve {name}")


async def test_every_address_of_a_name(answers):
    found = await Resolver().resolve("a.example", 443, socket.AF_UNSPEC)
    assert [one["host"] for one in found] == ["fe80::1%3", "127.0.0.1"]
    assert {one["port"] for one in found} == {443}


@pytest.mark.parametrize("name", ["missing", "overlong"])
async def test_a_name_that_is_none(answers, name):
    with pytest.raises(OSError, match=r".+"):
        await Resolver().resolve(name, 443)


async def test_a_name_is_asked_once_and_those_who_give_up_leave_it_to_the_others(answers):
    waits, asked = answers
    waits["slow"] = threading.Event()
    impatient = asked_for("slow")
    patient = asked_for("slow")
    await asyncio.sleep(0.01)
    impatient.cancel()
    waits["slow"].set()
    assert await patient
    assert asked == ["slow"]
    await asyncio.wait([impatient])
    assert impatient.cancelled()


async def test_lookups_that_hang_take_few_threads_and_leave_the_executor_to_others(answers):
    waits, _ = answers
    names = [f"hangs{number}" for number in range(20)]
    waits |= {name: threading.Event() for name in names}
    waiting = [asked_for(name) for name in names]
    await asyncio.sleep(0.05)
    assert sum(thread.name == "resolve a name" for thread in threading.enumerate()) <= MOST_THREADS
    async with asyncio.timeout(2):
        assert await asyncio.to_thread(lambda: 1) == 1
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    for event in waits.values():
        event.set()
    async with asyncio.timeout(5):
        assert await Resolver().resolve("fine", 443)


async def test_one_name_that_hangs_holds_up_no_other(answers):
    waits, _ = answers
    waits["hangs"] = threading.Event()
    for _ in range(30):  # asked again and again, as clients do
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await Resolver().resolve("hangs", 443)
    async with asyncio.timeout(2):
        assert await Resolver().resolve("fine", 443)
    waits["hangs"].set()
