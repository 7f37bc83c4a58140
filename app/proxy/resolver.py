"""Names into addresses, in few threads of its own: a name server that hangs holds up nobody else.

asyncio asks in its default executor, which the rest of the program uses as well; a few lookups that hang for half a
minute would stop the settings, the search and the export with them, and the end of the program too. Here at most
`MOST_THREADS` lookups wait at a time, a name counts once, and the threads end with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

MOST_THREADS = 4
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV

_Rows = list[tuple[Any, ...]]
_Question = tuple[str, int, int]


class _Lookups:
    """What is being asked right now, of the whole process; belongs to one loop at a time."""

    def __init__(self) -> None:
        self._running: dict[_Question, asyncio.Future[_Rows]] = {}
        self._room: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, question: _Question) -> _Rows:
        """The rows of `getaddrinfo`; raises OSError. Whoever gives up leaves the lookup to those who ask again."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._room, self._running = loop, asyncio.Semaphore(MOST_THREADS), {}
        assert self._room is not None  # noqa: S101 (made with the loop)
        while (running := self._running.get(question)) is None:
            await self._room.acquire()
            if question in self._running:  # somebody else began it meanwhile
                self._room.release()
                continue
            running = self._running[question] = loop.create_future()
            running.add_done_callback(lambda done: self._over(question, done))
            threading.Thread(
                target=_look_up, args=(question, running, loop), name="resolve a name", daemon=True
            ).start()
            break
        return await asyncio.shield(running)

    def _over(self, question: _Question, done: asyncio.Future[_Rows]) -> None:
        self._running.pop(question, None)
        assert self._room is not None  # noqa: S101 (as above)
        self._room.release()
        if not done.cancelled():
            done.exception()  # nobody may wait for it any more


_lookups = _Lookups()


def _look_up(question: _Question, told: asyncio.Future[_Rows], loop: asyncio.AbstractEventLoop) -> None:
    host, port, family = question
    rows: _Rows = []
    failure: OSError | None = None
    try:
        rows = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG))
    except OSError as error:
        failure = error
    except UnicodeError:  # a label of more than 63 characters
        failure = socket.gaierror(socket.EAI_NONAME, "no name of a host")
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
        loop.call_soon_threadsafe(_tell, told, rows, failure)


def _tell(told: asyncio.Future[_Rows], rows: _Rows, failure: OSError | None) -> None:
    if told.done():
        return
    if failure is not None:
        told.set_exception(failure)
    else:
        told.set_result(rows)


class Resolver(AbstractResolver):
    """aiohttp's way to ask."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of a host; raises OSError."""
        rows = await _lookups.ask((host, port, family))
        return [
            ResolveResult(
                hostname=host, host=_numeric(where), port=where[1], family=kind, proto=protocol, flags=_NUMERIC
            )
            for kind, _, protocol, _, where in rows
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _numeric(where: tuple[Any, ...]) -> str:
    """The address, with its zone where it has one: fe80::1%2."""
    return f"{where[0]}%{where[3]}" if len(where) > 3 and where[3] and "%" not in where[0] else str(where[0])
