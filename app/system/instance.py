"""One running Patchbay a data folder: a lock that cannot go stale, and a word from the second start to the first.

The lock is the kernel's, on an open file, so it ends with the process however that ends. The file's text says how to
reach the holder: a loopback port chosen by the system, and a random key that only the file's owner can read. TCP and
not a Unix socket, because it is the same on every system and data folders may have longer paths than sockets allow.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.domain.errors import ConfigError

SAY_TIMEOUT_S = 5.0
LINE_TIMEOUT_S = 2.0
LONGEST_LINE_BYTES = 4096
LONGEST_REPORT_BYTES = 1024 * 1024
_RETRY_S = 0.05
_LOCKED_BYTE = 1 << 30  # far behind the text: Windows' lock keeps others from reading what it covers


@dataclass(frozen=True, slots=True)
class Holder:
    """The running instance, as its lock file describes it."""

    pid: int
    talk_port: int
    key: str
    proxy_port: int
    """0 until the proxy listens."""


async def _nothing_to_look_at() -> None:
    """What a holder without files of its own does when someone changed one."""


class Instance:
    """The lock, held. Made by `claim`; kept until the process ends or `release`."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._server: asyncio.Server | None = None
        self._report: Callable[[], str] = lambda: "{}"
        self._look: Callable[[], Awaitable[None]] = _nothing_to_look_at
        self._holder = Holder(os.getpid(), 0, secrets.token_hex(16), 0)

    @classmethod
    def claim(cls, lock: Path) -> Self | None:
        """Take the lock; None if another process holds it. Raises ConfigError where the file system has no locks."""
        file = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            held = _lock(file)
        except OSError as error:
            os.close(file)
            raise ConfigError(
                f"cannot be locked ({error.strerror}); choose a folder on a local disk with --data-dir", file=str(lock)
            ) from None
        if not held:
            os.close(file)
            return None
        os.ftruncate(file, 0)  # what a killed predecessor wrote leads nowhere
        return cls(file)

    async def serve(
        self,
        on_show: Callable[[str], None],
        report: Callable[[], str] = lambda: "{}",
        look: Callable[[], Awaitable[None]] = _nothing_to_look_at,
    ) -> None:
        """Answer other starts on the running loop; one that wants the window calls `on_show(activation token)`.

        A command of the terminal that asks how things stand gets `report()`, one line of JSON; one that changed a file
        is answered when `look()` has taken the change over.
        """
        self._report, self._look = report, look

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                async with asyncio.timeout(LINE_TIMEOUT_S):
                    writer.write(await self._reply(await reader.readline(), on_show))
                    await writer.drain()
            except (TimeoutError, OSError, ValueError):
                pass  # someone who does not speak our words
            finally:
                writer.close()

        self._server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=LONGEST_LINE_BYTES)
        self._write(talk_port=self._server.sockets[0].getsockname()[1])

    def announce(self, proxy_port: int) -> None:
        """Write down where the proxy listens, for the commands of the terminal."""
        self._write(proxy_port=proxy_port)

    def release(self) -> None:
        """Stop answering and give the lock up; the file stays, because deleting it would race with a claim."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    async def _reply(self, line: bytes, on_show: Callable[[str], None]) -> bytes:
        asked = json.loads(line)
        if not isinstance(asked, dict) or not hmac.compare_digest(
            str(asked.get("key")).encode(), self._holder.key.encode()
        ):
            return b"no\n"
        if asked.get("say") == "report":
            return self._report().encode() + b"\n"
        if asked.get("say") == "look":
            await self._look()
        if asked.get("say") == "show":
            on_show(str(asked.get("activation", "")))
        return b"ok\n"

    def _write(self, **changed: int) -> None:
        holder = self._holder
        self._holder = Holder(
            holder.pid,
            changed.get("talk_port", holder.talk_port),
            holder.key,
            changed.get("proxy_port", holder.proxy_port),
        )
        text = json.dumps({name: getattr(self._holder, name) for name in Holder.__slots__}).encode() + b"\n"
        os.lseek(self._file, 0, os.SEEK_SET)
        os.ftruncate(self._file, 0)
        os.write(self._file, text)


def say(lock: Path, word: str, *, activation: str = "", timeout_s: float = SAY_TIMEOUT_S) -> bool:
    """Say "show", "look" or "ping" to the instance that holds `lock`; whether it answered. Blocking, up to `timeout_s`.

    An instance that is just starting has the lock before it can answer, so this tries again until the time is over.
    """
    end_s = time.monotonic() + timeout_s
    while True:
        holder = read_holder(lock)
        if holder is not None and holder.talk_port and _ask(holder, word, activation, end_s):
            return True
        if time.monotonic() + _RETRY_S >= end_s:
            return False
        time.sleep(_RETRY_S)


def report(lock: Path) -> str:
    """What the instance that holds `lock` says of itself, JSON; empty if it does not answer. Blocking, milliseconds."""
    holder = read_holder(lock)
    if holder is None or not holder.talk_port:
        return ""
    answer = _talk(holder, "report", "", time.monotonic() + SAY_TIMEOUT_S)
    return "" if answer in (b"", b"no\n") else answer.decode()


def running(lock: Path) -> Holder | None:
    """The instance that holds `lock` and answers; None if there is none. Blocking, milliseconds."""
    holder = read_holder(lock)
    return holder if holder and holder.talk_port and _ask(holder, "ping", "", time.monotonic() + 1.0) else None


def read_holder(lock: Path) -> Holder | None:
    """What the lock file says, which may be of a process that is gone; None if it says nothing."""
    try:
        told: dict[str, Any] = json.loads(lock.read_bytes()[:LONGEST_LINE_BYTES])
        return Holder(int(told["pid"]), int(told["talk_port"]), str(told["key"]), int(told["proxy_port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _ask(holder: Holder, word: str, activation: str, end_s: float) -> bool:
    return _talk(holder, word, activation, end_s) == b"ok\n"


def _talk(holder: Holder, word: str, activation: str, end_s: float) -> bytes:
    """The whole answer to a word; empty if there is none."""
    line = json.dumps({"key": holder.key, "say": word, "activation": activation}).encode() + b"\n"
    try:
        with socket.create_connection(("127.0.0.1", holder.talk_port), max(0.05, end_s - time.monotonic())) as talk:
            talk.sendall(line)
            with talk.makefile("rb") as answer:
                return answer.readline(LONGEST_REPORT_BYTES)
    except OSError:
        return b""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
