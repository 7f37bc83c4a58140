"""What a case may rely on and must prove, by the catalogue's names: ERR, SSE-ERR, UP, NOROW, LAG, RSS, ALIVE."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.domain.exchange import Row, State
from tests.acceptance.program import Patchbay
from tests.e2e.program import KEY, PROVIDER_KEY
from tests.fakes.rawclient import Reply
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, Wire

TOLERANCE = 1.2
SECURITY = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "server": "patchbay",
}


def secured(reply: Reply) -> None:
    """The headers that every answer bears, and none that lets a page in or tells a version."""
    for name, value in SECURITY.items():
        assert reply.get(name) == value, (name, reply.headers)
    assert "no-store" in (reply.get("cache-control") or "")
    assert not any(name.startswith("access-control-") for name in reply.names())
    assert len([one for one, _ in reply.headers if one.lower() == "server"]) == 1


def err(wire: Wire | None, reply: Reply, status: int | tuple[int, ...], kind: str = "", *, echo: str = "") -> str:
    """ERR: an error in the client's own dialect (None: Gemini's); its message. `echo` must not be in it."""
    assert reply.status in ((status,) if isinstance(status, int) else status), (reply.status, reply.body[:300])
    assert (reply.get("content-type") or "").startswith("application/json")
    secured(reply)
    value = reply.json()
    if wire is None:
        assert set(value["error"]) >= {"code", "message", "status"}
    elif wire.is_anthropic:
        assert set(value) == {"type", "error", "request_id"}
        assert value["type"] == "error"
        assert value["request_id"] == reply.get("request-id")
    else:
        assert set(value) == {"error"}
        assert set(value["error"]) == {"message", "type", "param", "code"}
        assert reply.get("x-request-id")
    assert value["error"]["message"]
    if kind:
        assert wire is not None
        assert value["error"]["type"] == kind, value
    raw = reply.body.decode() + str(reply.headers)
    assert KEY not in raw
    assert PROVIDER_KEY not in raw
    assert not echo or echo not in raw
    return str(value["error"]["message"])


def sse_err(wire: Wire, reply: Reply, kind: str) -> None:
    """SSE-ERR: one final error event, then the end of the connection, and no terminator."""
    assert reply.status == 200
    assert not wire.ended_well(reply.body), reply.body[-300:]
    assert wire.stream_error(reply.body)["type"] == kind
    errors = reply.body.count(b"event: error") if wire.is_anthropic else reply.body.count(b'"error"')
    assert errors == 1


def kinds(wire: Wire, anthropic: str, chat: str) -> str:
    """An error's type in a dialect."""
    return anthropic if wire.is_anthropic else chat


def up(p: Patchbay, count: int) -> None:
    """UP: the upstream saw so many requests."""
    assert len(p.upstream.seen) == count, [one.line for one in p.upstream.seen]


async def norow(p: Patchbay, reason: str, count: int = 1) -> None:
    """NOROW: the request left no row, but a count."""
    now = (await p.figures()).rejected
    assert now.get(reason, 0) - p.rejected.get(reason, 0) == count, (reason, p.rejected, now)
    p.rejected = now
    assert await asyncio.to_thread(p.page) == ()


async def failed(p: Patchbay, error_kind: str, state: State = State.FAILED) -> Row:
    """ROW{failed, …}."""
    row = await p.row()
    assert (row.state, row.error_kind) == (state, error_kind), row
    return row


async def alive(p: Patchbay) -> None:
    """ALIVE: the health answers, and one normal request succeeds within a second."""
    before, p.upstream.script = p.upstream.script, whole(ANTHROPIC.whole())
    seen, lines = len(p.upstream.seen), len(p.upstream.lines)
    async with asyncio.timeout(2):
        health = await p.ask("/health", method="GET", key=None)
        assert (health.status, health.json()) == (200, {"status": "ok"})
        assert (await p.chat(ANTHROPIC)).status == 200
    p.upstream.script = before
    del p.upstream.seen[seen:], p.upstream.lines[lines:]
    async with asyncio.timeout(5):
        while not (rows := await asyncio.to_thread(p.page)) or rows[0].state is not State.DONE:
            await asyncio.sleep(0.01)
    p.last_id = rows[0].id


async def closed_soon(p: Patchbay, limit_s: float = 1.0) -> None:
    """Our last connection to the upstream is closed."""
    async with asyncio.timeout(limit_s):
        await p.upstream.lines[-1].closed.wait()


@asynccontextmanager
async def bounded(
    p: Patchbay, *, lag_ms: float | None = None, rss_mb: float | None = None, within_s: float | None = None
) -> AsyncIterator[None]:
    """LAG and RSS over what is done inside, and how long it may take."""
    before = await p.figures(reset=True)
    began = time.monotonic()
    yield
    spent_s = time.monotonic() - began
    after = await p.figures()
    # On a machine that has more to do than it can, everything is late, and no fault of the program's.
    tolerance = TOLERANCE * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    if within_s is not None:
        assert spent_s <= within_s * tolerance, f"{spent_s:.3f} s"
    if lag_ms is not None:
        assert after.max_lag_ms <= lag_ms * tolerance, f"the loop was {after.max_lag_ms:g} ms late"
    if rss_mb is not None:
        grown = after.peak_rss_mb - before.rss_mb
        assert grown <= rss_mb, f"memory grew by {grown:.1f} MB"


async def same_fds(p: Patchbay, fds: int, slack: int = 2, limit_s: float = 3.0) -> None:
    """Descriptors come back to what they were."""
    async with asyncio.timeout(limit_s):
        while (await p.figures()).fds > fds + slack:
            await asyncio.sleep(0.02)
