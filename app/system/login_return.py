"""Where the browser comes back to after a login: one GET on a port of this machine that the system chose (RFC 8252).

Written on asyncio's streams, not on a web framework: it reads one request line and answers with one fixed page, and the
framework's place is the data plane, with which this shares neither port nor life. What comes from elsewhere, or bears
another state, is answered and forgotten: it can neither end nor finish the login.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from app.domain.provider import Secret

PATH = "/callback"
_HEAD_BYTES = 16 * 1024
_READ_S = 5.0
_MOST_FIELDS = 20
_WORD = re.compile(r"[a-z_]{1,40}")
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Patchbay</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}
h1{font-size:1.25rem}</style>
<h1>%s</h1><p>%s</p>
"""
_DONE = ("Patchbay has the answer", "This window can be closed. Patchbay says whether the login worked.")
_REFUSED = ("The login was not completed", "This window can be closed. Patchbay says what can be done.")
_STRANGE = ("This answer belongs to no login that runs", "Go back to Patchbay and start the login again.")
_NOTHING = ("There is nothing here", "This address only takes the answer to a login.")


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought: a code, or an error's word."""

    code: Secret | None
    error: str = ""


class LoginReturn:
    """Listens from entering to leaving; `url` is what the browser is to come back to."""

    def __init__(self, host: str, state: str) -> None:
        self._host = host
        self._state = state
        self._servers: list[asyncio.Server] = []
        self._answer: asyncio.Future[Returned] = asyncio.get_running_loop().create_future()
        self._readers: set[asyncio.Task[None]] = set()
        self.url = ""
        self.strange = False
        """Someone came with another state."""

    async def __aenter__(self) -> Self:
        """Listen; raises OSError."""
        first = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_BYTES)
        self._servers.append(first)
        port = int(first.sockets[0].getsockname()[1])
        if self._host == "localhost" and socket.has_ipv6:  # a browser may try that address first
            with contextlib.suppress(OSError):
                self._servers.append(await asyncio.start_server(self._accept, "::1", port, limit=_HEAD_BYTES))
        self.url = f"http://{self._host}:{port}{PATH}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no longer; the page of the answer that counts was written before it counted."""
        for server in self._servers:
            server.close()
        self._answer.cancel()
        left = tuple(self._readers)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def returned(self) -> Returned:
        """Wait for the browser."""
        return await asyncio.shield(self._answer)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer), name="answer the browser of a login")
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, page, returned = self._judge(head)
                writer.write(_response(status, page))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
        if returned is not None and not self._answer.done():
            self._answer.set_result(returned)

    def _judge(self, head: bytes) -> tuple[str, tuple[str, str], Returned | None]:
        """Status, page, and the answer if it is the one that is waited for."""
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        hosts = [line.partition(":")[2].strip().lower() for line in lines[1:] if line.lower().startswith("host:")]
        if len(words) != 3 or words[0] != "GET" or hosts != [urlsplit(self.url).netloc]:
            return "400 Bad Request", _NOTHING, None
        path, _, query = words[1].partition("?")
        if path != PATH:
            return "404 Not Found", _NOTHING, None
        fields = _fields(query)
        if not hmac.compare_digest(fields.get("state", "").encode(), self._state.encode()):
            self.strange = True
            return "400 Bad Request", _STRANGE, None
        error, code = fields.get("error", ""), fields.get("code", "")
        if error or not code:
            # Only a word of the standard's kind is repeated: the query is anybody's text.
            return "200 OK", _REFUSED, Returned(None, error if _WORD.fullmatch(error) else "")
        return "200 OK", _DONE, Returned(Secret(code))


def _fields(query: str) -> dict[str, str]:
    """The query's fields; none where one of them comes twice, for nobody knows which would be meant."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()} if all(len(one) == 1 for one in found.values()) else {}


def _response(status: str, page: tuple[str, str]) -> bytes:
    body = (_PAGE % page).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
        "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
