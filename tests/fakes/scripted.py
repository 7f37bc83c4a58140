"""An upstream on a raw socket that follows a script, byte exact, and remembers everything that happened to it.

A script is a coroutine over one connection and the request that just came:

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"), chunk(b"data: {}"))
        line.reset()

What a bad network can do to an answer, as toxiproxy names it: `delay`, `stall`, `rate`, `slices`, `reset`, `close`,
`limit`; and nothing at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

LINGER_NONE = struct.pack("ii", 1, 0)
LAST = b"0\r\n\r\n"


@dataclass
class Seen:
    """One request, as it came."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.headers}


@dataclass
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    opened_s: float = field(default_factory=time.monotonic)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    closed_s: float = 0.0
    """Monotonic, as `opened_s`; 0 while it is open."""
    sent_bytes: int = 0
    requests: int = 0

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            self.sent_bytes += len(piece)
            await self.writer.drain()

    async def slices(self, data: bytes, size: int) -> None:
        """In pieces of `size` bytes, each a chunk of its own."""
        for start in range(0, len(data), size):
            await self.send(chunk(data[start : start + size]))
            await asyncio.sleep(0)

    async def delay(self, seconds: float, *pieces: bytes) -> None:
        """The same as `send`, later."""
        await asyncio.sleep(seconds)
        await self.send(*pieces)

    async def rate(self, data: bytes, bytes_per_s: float, pieces: int = 20) -> None:
        """At most so many bytes a second, evenly, in that many pieces."""
        size = max(1, len(data) // pieces)
        for start in range(0, len(data), size):
            await self.delay(size / bytes_per_s, data[start : start + size])

    async def limit(self, data: bytes, most_bytes: int) -> None:
        """Only the first bytes, then the end of the connection."""
        await self.send(data[:most_bytes])
        self.close()

    async def stall(self) -> None:
        """Say nothing until the other side goes away."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """End the connection with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        self.writer.transport.abort()

    def close(self) -> None:
        self.writer.close()


Script = Callable[[Line, Seen], Awaitable[None]]


class Scripted:
    """The upstream; `script` may be changed at any time."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.lines: list[Line] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        return sum(not line.closed.is_set() for line in self.lines)

    async def start(self, port: int = 0) -> Scripted:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=2**26)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Close every connection; new ones are welcome."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("scripted upstream")
        self._tasks.add(task)
        line = Line(reader, writer)
        self.lines.append(line)
        try:
            while (seen := await read_request(reader)) is not None:
                self.seen.append(seen)
                line.requests += 1
                assert self.script is not None, "the upstream has no script"
                await self.script(line, seen)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            line.closed_s = time.monotonic()
            line.closed.set()
            writer.close()
            self._tasks.discard(task)


async def read_request(reader: asyncio.StreamReader) -> Seen | None:
    """The next request, None at the end of the connection."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *rest = raw[:-4].decode("latin-1").split("\r\n")
    headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in rest)]
    low = {name.lower(): value for name, value in headers}
    body = b""
    if "content-length" in low:
        body = await reader.readexactly(int(low["content-length"]))
    elif low.get("transfer-encoding") == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    return Seen(first, headers, body)


def head(status: int, media_type: str, *more: str, length: int | None = None, reason: str = "OK") -> bytes:
    """The head of a reply: with a length, or chunked."""
    framing = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    lines = (f"HTTP/1.1 {status} {reason}", f"Content-Type: {media_type}", framing, *more)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def whole(body: bytes, *more: str, status: int = 200, media_type: str = "application/json") -> Script:
    """A script that answers every request with one body."""

    async def script(line: Line, seen: Seen) -> None:
        await line.send(head(status, media_type, *more, length=len(body)) + body)

    return script


def stream(*events: bytes, more: tuple[str, ...] = ()) -> Script:
    """A script that streams these events and ends the body properly."""

    async def script(line: Line, seen: Seen) -> None:
        await line.send(head(200, "text/event-stream", *more), *map(chunk, events), LAST)

    return script


def cut(*events: bytes, how: str) -> Script:
    """A script that streams these events and then breaks off: "reset", "close" (no last chunk), "end" or "stall"."""

    async def script(line: Line, seen: Seen) -> None:
        await line.send(head(200, "text/event-stream"), *map(chunk, events))
        await asyncio.sleep(0.05)  # so that the bytes are read before the connection breaks
        if how == "reset":
            line.reset()
        elif how == "close":
            line.close()
        elif how == "end":
            await line.send(LAST)
        else:
            await line.stall()

    return script
