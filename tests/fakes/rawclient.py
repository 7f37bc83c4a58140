"""A client on a raw socket: says exactly the bytes it is told, and reads what comes without an opinion."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class Reply:
    """One answer of the proxy."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    complete: bool = True
    """The body came to its proper end."""

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.headers}

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[bytes]:
        """The events of a streamed body."""
        return [event for event in self.body.split(b"\n\n") if event]


@dataclass
class RawClient:
    """One connection to the proxy."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int
    got: bytearray = field(default_factory=bytearray)

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1", receive_bytes: int = 0) -> RawClient:
        if not receive_bytes:
            return cls(*await asyncio.open_connection(host, port, limit=2**24), port)
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (host, port))
        reader, writer = await asyncio.open_connection(sock=sock, limit=receive_bytes)
        return cls(reader, writer, port)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def request(self, path: str, body: bytes = b"", *headers: str, method: str = "POST") -> None:
        """A request with a `Host`, a length and whatever else is given."""
        lines = [f"{method} {path} HTTP/1.1", *headers]
        if not any(line.lower().startswith("host:") for line in headers):
            lines.insert(1, f"Host: 127.0.0.1:{self.port}")
        if body and not any(line.lower().startswith("content-length:") for line in headers):
            lines.append(f"Content-Length: {len(body)}")
        await self.send("\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body)

    async def head(self) -> Reply:
        """The head of the next answer."""
        raw = await self.reader.readuntil(b"\r\n\r\n")
        first, *rest = raw[:-4].decode("latin-1").split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in rest)]
        return Reply(int(first.split(" ")[1]), headers)

    async def reply(self, *, of_head: bool = False) -> Reply:
        """The next answer, to its end or to where it breaks off."""
        reply = await self.head()
        try:
            if of_head or reply.status in (204, 304):
                return reply
            length = reply.get("content-length")
            if length is not None:
                reply.body = await self.reader.readexactly(int(length))
                return reply
            if (reply.get("transfer-encoding") or "").lower() != "chunked":
                reply.body = await self.reader.read(-1)
                return reply
            while (data := await self.chunk()) is not None:
                reply.body += data
        except (asyncio.IncompleteReadError, ConnectionError):
            reply.complete = False
        return reply

    async def chunk(self) -> bytes | None:
        """The next chunk of a chunked answer, None after the last."""
        size = int((await self.reader.readuntil(b"\r\n")).strip(), 16)
        data = (await self.reader.readexactly(size + 2))[:-2]
        return data if size else None

    async def ended(self, limit_s: float = 5.0) -> bytes:
        """What still comes until the proxy closes the connection; TimeoutError where it does not."""
        async with asyncio.timeout(limit_s):
            try:
                return await self.reader.read(-1)
            except ConnectionError:
                return b""

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
