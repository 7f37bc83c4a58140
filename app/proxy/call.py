"""One client request as far as the pipeline has understood it; each stage fills in its part."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote

from aiohttp import web

from app.dialects.base import Dialect, Operation, Peek
from app.domain.exchange import Side
from app.domain.provider import DialectName
from app.domain.request import Request
from app.domain.routing import Facts
from app.domain.snapshot import Snapshot
from app.proxy.auth import Caller
from app.proxy.facts import RequestFacts
from app.proxy.headers import pairs


@dataclass(slots=True)
class Call:
    """A request of a client, and the dialect it is answered in."""

    http: web.BaseRequest
    snapshot: Snapshot
    id: str
    """Of the exchange and, as `req_…`, in the answer."""
    started_us: int
    started_ns: int
    dialect: Dialect
    path: str
    """Without a key or a pin in it."""
    query: str
    """Without a key in it."""
    caller: Caller = field(default_factory=lambda: Caller(""))
    operation: Operation = Operation.CHAT
    path_model: str = ""
    path_stream: bool | None = None
    """Whether a stream is wanted, where the path says so."""
    body: bytes = b""
    peek: Peek = field(default_factory=lambda: Peek("", False))
    pin: str = ""
    """Named in the URL: `/p/<pin>/v1/messages`."""
    _request: Request | None = None
    _facts: Facts | None = None

    def look(self) -> None:
        """Read off the body, or off the path where that says it, what routing needs; raises as `Dialect.peek` does."""
        peek = self.dialect.peek(self.body)
        stream = peek.stream if self.path_stream is None else self.path_stream
        self.peek = dataclasses.replace(
            peek, model=self.path_model or peek.model, stream=stream and self.operation is Operation.CHAT
        )

    def request(self) -> Request:
        """The request in neutral form, read once; raises PatchbayError INVALID_REQUEST or UNSUPPORTED."""
        if self._request is None:
            read = {
                Operation.COUNT_TOKENS: self.dialect.read_count_request,
                Operation.COMPACT: self.dialect.read_compact_request,
            }.get(self.operation, self.dialect.read_request)
            # What the path said is not in the body.
            self._request = dataclasses.replace(read(self.body), model=self.peek.model, stream=self.peek.stream)
        return self._request

    @property
    def facts(self) -> Facts:
        """What routing asks of the request."""
        if self._facts is None:
            self._facts = RequestFacts(
                self.peek,
                self.body,
                self.dialect,
                self.http.headers,
                key=self.caller.name,
                pin=self.pin,
                started_us=self.started_us,
            )
        return self._facts

    @property
    def array(self) -> bool:
        """Whether the client reads a growing JSON array instead of events."""
        return self.peek.stream and not self.event_stream

    @property
    def event_stream(self) -> bool:
        """Whether a stream goes out as server-sent events; Gemini's clients that do not ask for it read an array."""
        return self.dialect.name is not DialectName.GEMINI or "sse" in parse_qs(self.query).get("alt", ())

    @property
    def request_id(self) -> str:
        """What the client is told this request is called."""
        return f"req_{self.id}"

    def side(self) -> Side:
        """The request as the record keeps it."""
        path = f"/p/{quote(self.pin, safe='')}{self.path}" if self.pin else self.path
        target = f"{path}?{self.query}" if self.query else path
        return Side(pairs(self.http.headers.items()), (self.body,), f"{self.http.method} {target}")
