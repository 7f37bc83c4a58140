"""The running program with tiny limits, a scripted upstream behind it, and everything that can be asked about both."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.exchange import TERMINAL, Detail, Filter, Row
from app.store.queries.reader import HistoryReader
from tests.e2e import program as e2e
from tests.e2e.program import KEY, base_environment, configure, launched
from tests.fakes.rawclient import RawClient, Reply
from tests.fakes.scripted import Script, Scripted
from tests.fakes.wires import Wire

QUICK: Mapping[str, float] = {
    "header_deadline_s": 5,
    "body_idle_s": 1,
    "queue_wait_s": 1,
    "connect_s": 2,
    "first_byte_s": 1,
    "idle_s": 1,
    "reply_total_s": 1.5,
    "max_stream_s": 20,
    "write_stall_s": 2,
    "keep_alive_s": 20,
    "quit_grace_s": 2,
    "attempts": 1,
}
"""Limits that a test can wait for; nothing is tried twice."""
_LARGE_BYTES = 1_000_000
MODELS = {True: "A:model-a", False: "C:model-c"}
"""By whether the upstream speaks Anthropic's dialect: `provider:model`."""


def toml(limits: Mapping[str, float], providers: str, more: str = "") -> str:
    """A patchbay.toml."""
    listed = "\n".join(f"{name} = {value}" for name, value in limits.items())
    return f"{more}\n[limits]\n{listed}\n{providers}"


def providers(url: str, *, suffix: str = "") -> str:
    """Two providers at one address: A speaks Anthropic's dialect, C OpenAI's."""
    return e2e.provider(f"A{suffix}", "anthropic-compatible", url, "model-a") + e2e.provider(
        f"C{suffix}", "openai-compatible", f"{url}/v1", "model-c"
    )


@dataclass(frozen=True)
class Figures:
    """One answer of the status channel."""

    tasks: int
    fds: int
    connections: int
    rss_mb: float
    peak_rss_mb: float
    max_lag_ms: float
    queue: int
    breakers: dict[str, str]
    rejected: dict[str, int]


@dataclass
class Patchbay:
    """A running program (P), its upstreams (U) and clients to it (R)."""

    running: e2e.Program
    upstream: Scripted
    socket: Path
    others: list[Scripted] = field(default_factory=list)
    last_id: str = ""
    """The newest row that a test has looked at."""
    rejected: dict[str, int] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return self.running.port

    @property
    def data_dir(self) -> Path:
        return self.running.data_dir

    async def figures(self, *, reset: bool = False, forgive: bool = False) -> Figures:
        """What the status channel says; `reset` clears its peaks before, `forgive` lets nobody rest."""
        reader, writer = await asyncio.open_unix_connection(str(self.socket))
        try:
            writer.write(b"reset\n" if reset else b"forgive\n" if forgive else b"\n")  # silence is answered later
            line = await reader.readline()
        finally:
            writer.close()
        await writer.wait_closed()
        return Figures(**json.loads(line))

    async def connect(self, **values: Any) -> RawClient:
        return await RawClient.connect(self.port, **values)

    async def ask(
        self,
        path: str,
        body: bytes = b"",
        *headers: str,
        method: str = "POST",
        key: str | None = KEY,
        media_type: str = "application/json",
    ) -> Reply:
        """One request on a connection of its own."""
        async with await self.connect() as client:
            more = [f"x-api-key: {key}"] if key is not None else []
            if body and media_type:
                more.append(f"Content-Type: {media_type}")
            if len(body) < _LARGE_BYTES:
                await client.request(path, body, *more, *headers, method=method)
                return await client.reply(of_head=method == "HEAD")
            # The answer may come in the middle of the body, and the end of the connection right after it.
            reading = asyncio.get_running_loop().create_task(client.reply(), name="read the answer")
            with contextlib.suppress(ConnectionError):
                await client.request(path, body, *more, *headers, method=method)
            return await reading

    async def chat(
        self, client: Wire, upstream: Wire | None = None, *headers: str, stream: bool = False, **fields: Any
    ) -> Reply:
        """One model request: `client`'s dialect to a provider that speaks `upstream`'s."""
        return await self.ask(
            client.path, self.body(client, upstream, stream=stream, **fields), *client.headers, *headers
        )

    @staticmethod
    def body(client: Wire, upstream: Wire | None = None, *, stream: bool = False, **fields: Any) -> bytes:
        fields.setdefault("model", MODELS[(upstream or client).is_anthropic])
        return client.request(stream=stream, **fields)

    async def open(self, client: Wire, body: bytes, *headers: str, receive_bytes: int = 0) -> RawClient:
        """A request that is sent, its answer still to be read."""
        made = await self.connect(receive_bytes=receive_bytes)
        await made.request(
            client.path, body, f"x-api-key: {KEY}", "Content-Type: application/json", *client.headers, *headers
        )
        return made

    def page(self) -> tuple[Row, ...]:
        """Rows that came since a test looked last, newest first."""
        rows = HistoryReader(self.data_dir / "history.db").page(Filter())
        return tuple(row for row in rows if row.id > self.last_id)

    async def rows(self, count: int = 1, limit_s: float = 5.0) -> tuple[Row, ...]:
        """The rows of the last `count` exchanges, once all have ended; and there are no more."""
        rows: tuple[Row, ...] = ()
        try:
            async with asyncio.timeout(limit_s):
                while len(rows) < count or not all(row.state in TERMINAL for row in rows):
                    await asyncio.sleep(0.01)
                    rows = await asyncio.to_thread(self.page)
        except TimeoutError:
            raise AssertionError(f"not {count} ended rows within {limit_s:g} s: {rows}") from None
        assert len(rows) == count, rows
        self.last_id = rows[0].id
        return rows

    async def row(self) -> Row:
        """ROW: exactly one."""
        return (await self.rows())[0]

    async def detail(self, row: Row) -> Detail:
        found = await asyncio.to_thread(HistoryReader(self.data_dir / "history.db").detail, row.id)
        assert found is not None
        return found

    async def settle(self) -> None:
        """Before a test: nothing of the one before is left."""
        async with asyncio.timeout(5):
            rows = await asyncio.to_thread(self.page)
            while any(row.state not in TERMINAL for row in rows):
                await asyncio.sleep(0.01)
                rows = await asyncio.to_thread(self.page)
        if rows:
            self.last_id = rows[0].id
        self.rejected = (await self.figures(forgive=True)).rejected
        self.upstream.seen.clear()
        self.upstream.lines.clear()
        for one in self.others:
            one.seen.clear()
            one.lines.clear()

    async def hang_up(self) -> None:
        """After a test: the upstreams' connections are closed, so that no task of theirs outlives it."""
        for one in (self.upstream, *self.others):
            await one.hang_up()


@asynccontextmanager
async def started(
    limits: Mapping[str, float] = QUICK,
    *,
    more: str = "",
    upstreams: int = 1,
    providers_more: str = "",
    environment: Mapping[str, str] | None = None,
    script: Script | None = None,
) -> AsyncGenerator[Patchbay]:
    """The program, headless on a free port, until the end of the block; `script` is what upstreams begin with."""
    folder = Path(tempfile.mkdtemp(prefix="pb-"))
    scripted = [await Scripted(script).start() for _ in range(upstreams)]
    listed = "".join(providers(one.url, suffix=str(place or "")) for place, one in enumerate(scripted))
    socket = folder / "status"
    try:
        configure(folder / "data", toml(limits, listed + providers_more, more))
        wanted = {**base_environment(), "PATCHBAY_STATUS_SOCKET": str(socket), **(environment or {})}
        async with launched(folder / "data", "--headless", "--port", "0", environment=wanted) as running:
            made = Patchbay(running, scripted[0], socket, scripted[1:])
            yield made
            if running.process.returncode is None:
                running.process.terminate()
                assert await running.ended() == 0, running.said
    finally:
        for one in scripted:
            await one.stop()
        shutil.rmtree(folder, ignore_errors=True)


def elapsed(since: float) -> float:
    return time.monotonic() - since
