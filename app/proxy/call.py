"""One client request as far as the pipeline has understood it; each stage fills in its part."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from app.dialects.base import Dialect, Operation, Peek
from app.domain.exchange import Side
from app.domain.snapshot import Snapshot
from app.proxy.auth import Caller
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
    """Without a key in it."""
    query: str
    caller: Caller = field(default_factory=lambda: Caller(""))
    operation: Operation = Operation.CHAT
    path_model: str = ""
    body: bytes = b""
    peek: Peek = field(default_factory=lambda: Peek("", False))

    @property
    def request_id(self) -> str:
        """What the client is told this request is called."""
        return f"req_{self.id}"

    def side(self) -> Side:
        """The request as the record keeps it."""
        target = f"{self.path}?{self.query}" if self.query else self.path
        return Side(pairs(self.http.headers.items()), (self.body,), f"{self.http.method} {target}")
