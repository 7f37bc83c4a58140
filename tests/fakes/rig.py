"""A proxy in the test's own loop, with a scripted upstream behind it and a list for a record."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from app.domain.client_key import ClientKey
from app.domain.exchange import ExchangeEnd, ExchangeStart, Move, State
from app.domain.ledger import NO_LEDGER, Ledger
from app.domain.measure import Meter
from app.domain.provider import AuthStyle, Credential, CredentialState, DialectName, Provider, Secret
from app.domain.settings import Limits, Settings
from app.domain.snapshot import Snapshot
from app.domain.usage import Usage
from app.proxy.server import ProxyServer
from app.vendors import profiles
from tests.fakes.rawclient import RawClient, Reply
from tests.fakes.scripted import Scripted
from tests.fakes.wires import ANTHROPIC, Wire

KEY = "pb_" + "test0000" * 5 + "abc"
PEPPER = b"p" * 32
SECRET = "sk-upstream-secret-0123456789abcdef"
QUICK = Limits(
    body_idle_s=0.5,
    queue_wait_s=0.3,
    connect_s=2.0,
    first_byte_s=0.8,
    idle_s=0.8,
    reply_total_s=1.2,
    max_stream_s=20.0,
    write_stall_s=0.5,
    keep_alive_s=20.0,
    header_deadline_s=5.0,
    attempts=1,
)
"""Limits that a test can wait for; nothing is tried twice."""


TRYING = replace(QUICK, attempts=3)
"""The same, and what fails is tried elsewhere."""


class SystemClock:
    def now_us(self) -> int:
        return time.time_ns() // 1000

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


class ListRecorder:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.starts: list[ExchangeStart] = []
        self.ends: list[ExchangeEnd] = []
        self.moves: list[Move] = []
        self.progressed: list[Usage] = []
        self.stuck = False
        """No start is ever acknowledged."""

    def start(self, start: ExchangeStart) -> Awaitable[bool]:
        self.starts.append(start)
        return self._taken()

    def moved(self, move: Move) -> Awaitable[bool]:
        self.moves.append(move)
        return self._taken()

    def _taken(self) -> Awaitable[bool]:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if not self.stuck:
            future.set_result(True)
        return future

    def progress(self, exchange_id: str, usage: Usage) -> None:
        self.progressed.append(usage)

    def finish(self, end: ExchangeEnd) -> None:
        assert end.id not in {one.id for one in self.ends}, "an exchange ended twice"
        self.ends.append(end)


@dataclass
class Told:
    """What the proxy told the rest of the program."""

    rejected: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    switched: list[tuple[str, str]] = field(default_factory=list)

    def credential_rejected(self, provider: str, message: str, account: str = "") -> None:
        self.rejected.append(provider)

    def provider_answered(self, provider: str, account: str = "") -> None:
        self.answered.append(provider)

    def failed_over(self, from_provider: str, to_provider: str, why: str) -> None:
        self.switched.append((from_provider, to_provider))

    def provider_failed(self, provider: str, kind: str, message: str, account: str = "") -> None:
        self.failed.append((provider, kind))

    def provider_refused(self, provider: str, status: int, message: str, account: str = "") -> None:
        self.refused.append((provider, status))


def provider(wire: Wire, url: str, **values: Any) -> Provider:
    """A provider that speaks a dialect."""
    base = Provider(
        name="Up",
        vendor="anthropic-compatible" if wire.is_anthropic else "openai-compatible",
        base_url=url if wire.is_anthropic else f"{url}/v1",
        dialect=wire.name,
        auth=AuthStyle.X_API_KEY if wire.is_anthropic else AuthStyle.BEARER,
        profile=profiles.ANTHROPIC if wire.is_anthropic else profiles.GENERIC,
        models=("the-model",),
    )
    return replace(base, **values)


def snapshot(*providers: Provider, limits: Limits = QUICK, **values: Any) -> Snapshot:
    """A configuration with one client key and a key for every provider."""
    ready = Credential(CredentialState.READY, Secret(SECRET), "test")
    base = Snapshot(
        settings=Settings(limits=limits),
        providers=providers,
        credentials=MappingProxyType({one.name: ready for one in providers}),
        client_keys=MappingProxyType({hmac.digest(PEPPER, KEY.encode(), "sha256"): ClientKey("1", "default")}),
        pepper=PEPPER,
    )
    return replace(base, **values)


class Rig:
    """The proxy, its upstream, and clients to it."""

    def __init__(self, ledger: Ledger = NO_LEDGER) -> None:
        self.upstream = Scripted()
        self.more: list[Scripted] = []
        """Further upstreams; see `spread`."""
        self.recorder = ListRecorder()
        self.told = Told()
        self.meter = Meter()
        self.snapshot = Snapshot()
        self.port = 0
        self.server = ProxyServer(
            snapshot=lambda: self.snapshot,
            recorder=self.recorder,
            meter=self.meter,
            clock=SystemClock(),
            events=self.told,
            version="1.2.3",
            instance="instance-secret",
            ledger=ledger,
        )

    async def start(self) -> Rig:
        await self.upstream.start()
        self.configure(ANTHROPIC)
        self.port = await self.server.start(0)
        return self

    async def stop(self) -> None:
        await self.server.close()
        for one in (self.upstream, *self.more):
            await one.stop()
        ended = sorted(one.id for one in self.recorder.ends)
        assert ended == sorted(one.id for one in self.recorder.starts), "every exchange ends, and once"
        assert self.meter.flights == {}

    def configure(self, wire: Wire, limits: Limits = QUICK, **values: Any) -> Provider:
        """Point the proxy at the scripted upstream, which speaks this dialect."""
        made = provider(wire, self.upstream.url, **values)
        self.snapshot = snapshot(made, limits=limits)
        return made

    async def spread(self, *wires: Wire, limits: Limits = TRYING, **values: Any) -> list[Scripted]:
        """Providers A, B, C ... that speak these dialects, A preferred, each with an upstream of its own; those."""
        self.more = [await Scripted().start() for _ in wires[1:]]
        ups = [self.upstream, *self.more]
        made = [provider(wire, up.url, name=name) for wire, up, name in zip(wires, ups, "ABCDE", strict=False)]
        settings = Settings(limits=limits, provider="A")
        self.snapshot = snapshot(*made, **{"settings": settings, **values})
        return ups

    def forgive(self) -> None:
        """What failed before does not count."""
        self.server.forgive()

    def credential(self, state: CredentialState) -> None:
        self.snapshot = replace(self.snapshot, credentials=MappingProxyType({"Up": Credential(state)}))

    async def connect(self, **values: Any) -> RawClient:
        return await RawClient.connect(self.port, **values)

    async def ask(
        self,
        path: str,
        body: bytes = b"",
        *headers: str,
        method: str = "POST",
        key: str | None = KEY,
    ) -> Reply:
        """One request on a connection of its own, with the key and a content type."""
        async with await self.connect() as client:
            more = [f"x-api-key: {key}"] if key is not None else []
            if body:
                more.append("Content-Type: application/json")
            await client.request(path, body, *more, *headers, method=method)
            return await client.reply(of_head=method == "HEAD")

    async def chat(self, wire: Wire, body: bytes | None = None, *, stream: bool = False) -> Reply:
        """One model request in a dialect."""
        return await self.ask(wire.path, body or wire.request(stream=stream), *wire.headers)

    async def row(self, count: int = 1) -> ExchangeEnd:
        """The end of the last of so many exchanges, once it is there."""
        async with asyncio.timeout(5):
            while len(self.recorder.ends) < count:
                await asyncio.sleep(0.005)
        assert len(self.recorder.starts) == len(self.recorder.ends) == count
        return self.recorder.ends[-1]

    def no_row(self) -> bool:
        return not self.recorder.starts and not self.recorder.ends


def error_type(wire: Wire, reply: Reply) -> str:
    """The `type` of an error answer, having looked at everything else that an error must have."""
    assert (reply.get("content-type") or "").startswith("application/json")
    assert reply.get("x-content-type-options") == "nosniff"
    assert reply.get("server") == "patchbay"
    value = reply.json()
    assert value["error"]["message"]
    if wire.name is DialectName.ANTHROPIC_MESSAGES:
        assert value["type"] == "error"
        assert value["request_id"] == reply.get("request-id")
    else:
        assert set(value["error"]) == {"message", "type", "param", "code"}
        assert reply.get("x-request-id")
    return str(value["error"]["type"])


__all__ = ["KEY", "QUICK", "SECRET", "TRYING", "Rig", "State", "error_type", "provider", "snapshot"]
