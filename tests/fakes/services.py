"""The control room as the faces see it, in memory: what it is asked is noted in `calls`, what it answers can be set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.domain.config import ProviderEntry
from app.domain.exchange import Detail, Facets, Filter, HourCost, Row, Totals
from app.domain.exposure import NO_REACH
from app.domain.measure import Meter
from app.domain.money import PriceRule
from app.domain.provider import Provider, Secret, Vendor
from app.domain.settings import Settings
from app.domain.status import AppStatus, ProxyState, VaultStatus
from app.importers.report import ImportReport
from app.store.deletion import Deleted
from tests.fakes import sample
from tests.fakes.accounts import FakeAccounts
from tests.fakes.limits import FakeBudgets, FakeKeys
from tests.fakes.routes import FakeRoutes


@dataclass(frozen=True, slots=True)
class ProbeResult:
    ok: bool
    message: str
    models: tuple[str, ...] = ()
    latency_ms: int = 0


class Fake:
    """Notes every call; `errors[method]` is raised by it, `pause` keeps its awaits waiting until set."""

    def __init__(self, calls: list[tuple[Any, ...]]) -> None:
        self.calls = calls
        self.errors: dict[str, Exception] = {}
        self.gate: asyncio.Event | None = None

    async def _called(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        if self.gate is not None:
            await self.gate.wait()
        else:
            await asyncio.sleep(0)
        if name in self.errors:
            raise self.errors[name]


class FakeStatus:
    """StatusBoard: `set(paused=...)` changes a field and tells everyone at once."""

    def __init__(self, current: AppStatus) -> None:
        self.current = current
        self.listeners: list[Callable[[AppStatus], None]] = []

    def subscribe(self, callback: Callable[[AppStatus], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def set(self, **values: Any) -> None:
        self.put(replace(self.current, **values))

    def put(self, status: AppStatus) -> None:
        self.current = status
        for listener in list(self.listeners):
            listener(status)


class FakeProxy(Fake):
    def __init__(self, calls: list[tuple[Any, ...]], board: FakeStatus) -> None:
        super().__init__(calls)
        self._board = board

    async def start(self) -> None:
        await self._called("start")

    async def stop(self) -> None:
        await self._called("stop")

    def pause(self) -> None:
        self.calls.append(("pause",))
        self._board.set(proxy=ProxyState.PAUSED)

    def resume(self) -> None:
        self.calls.append(("resume",))
        self._board.set(proxy=ProxyState.RUNNING)

    async def retry_port(self) -> None:
        await self._called("retry_port")
        self._board.set(proxy=ProxyState.RUNNING)

    async def use_next_port(self) -> int:
        await self._called("use_next_port")
        self._board.set(proxy=ProxyState.RUNNING, port=8083)
        return 8083

    async def start_demo(self) -> None:
        await self._called("start_demo")

    async def send_sample(self) -> None:
        await self._called("send_sample")


class FakeProviders(Fake):
    probe = ProbeResult(True, "answered with 3 models", sample.CLAUDE, 412)

    def __init__(self, calls: list[tuple[Any, ...]], entries: Sequence[ProviderEntry]) -> None:
        super().__init__(calls)
        self._entries = tuple(entries)

    def presets(self) -> tuple[Vendor, ...]:
        return sample.VENDORS

    def entries(self) -> tuple[ProviderEntry, ...]:
        return self._entries

    def provider(self, name: str) -> Provider | None:
        entry = next((one for one in self._entries if one.name == name), None)
        vendor = next((one for one in sample.VENDORS if entry and one.name == entry.vendor), sample.VENDORS[-1])
        if entry is None:
            return None
        big, middle, small = MODELS.get(entry.vendor, ((), (), ()))
        return Provider(
            entry.name,
            vendor.name,
            entry.base_url or vendor.base_url,
            vendor.dialect,
            vendor.auth,
            vendor.profile,
            env_key=entry.env_key or vendor.env_key,
            big_models=big if entry.big_models is None else entry.big_models,
            middle_models=middle if entry.middle_models is None else entry.middle_models,
            small_models=small if entry.small_models is None else entry.small_models,
            models=entry.models,
            native_prefixes=("claude",) if vendor.name == "anthropic" else (),
            big_model=entry.big_model,
            middle_model=entry.middle_model,
            small_model=entry.small_model,
        )

    def set_entries(self, entries: Sequence[ProviderEntry]) -> None:
        self._entries = tuple(entries)

    def vendor_of(self, name: str) -> str:
        return next((one.vendor for one in self._entries if one.name == name), "")

    async def add(self, entry: ProviderEntry, secret: Secret | None, *, keep: str) -> None:
        await self._called("add", entry, secret, keep)
        self._entries += (entry,)

    async def edit(self, name: str, entry: ProviderEntry, secret: Secret | None, *, keep: str) -> None:
        await self._called("edit", name, entry, secret, keep)
        self._entries = tuple(entry if one.name == name else one for one in self._entries)

    async def remove(self, name: str) -> None:
        await self._called("remove", name)
        self._entries = tuple(entry for entry in self._entries if entry.name != name)

    async def test(self, entry: ProviderEntry, secret: Secret | None) -> ProbeResult:
        await self._called("test", entry, secret)
        return self.probe

    async def set_models(self, name: str, big: Any, middle: Any, small: Any, models: Any) -> None:
        await self._called("set_models", name, big, middle, small, models)

    async def unlock_keyring(self) -> None:
        await self._called("unlock_keyring")


@dataclass
class FakeInsight:
    """Insight over rows in memory; `grow` adds one and tells everyone."""

    calls: list[tuple[Any, ...]]
    rows: tuple[Row, ...] = ()
    hour_costs: tuple[HourCost, ...] = ()
    meter: Meter = field(default_factory=Meter)
    revision: int = 1
    gate: asyncio.Event | None = None
    listeners: list[Callable[[int], None]] = field(default_factory=list)

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def grow(self, *rows: Row) -> None:
        self.rows = (*rows, *self.rows)
        self.revision += 1
        for listener in list(self.listeners):
            listener(self.revision)

    async def _read(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        if self.gate is not None:
            await self.gate.wait()
        else:
            await asyncio.sleep(0)

    def _wanted(self, wanted: Filter) -> tuple[Row, ...]:
        return tuple(
            row
            for row in self.rows
            if (not wanted.providers or row.provider in wanted.providers)
            and (not wanted.models or {row.sent_model, row.requested_model} & set(wanted.models))
            and (not wanted.states or row.state in wanted.states)
            and (not wanted.clients or row.client in wanted.clients)
            and (not wanted.client_keys or row.client_key in wanted.client_keys)
            and row.started_us >= wanted.since_us
            and (not wanted.until_us or row.started_us < wanted.until_us)
            and (not wanted.session_id or row.session_id == wanted.session_id)
            and (not wanted.search or wanted.search in f"{row.error} {row.sent_model}")
        )

    async def page(self, wanted: Filter, *, limit: int = 200, before: tuple[int, str] | None = None) -> tuple[Row, ...]:
        await self._read("page", wanted, limit, before)
        found = self._wanted(wanted)
        if before is not None:
            found = tuple(row for row in found if (row.started_us, row.id) < before)
        return found[:limit]

    async def count(self, wanted: Filter) -> int:
        await self._read("count", wanted)
        return len(self._wanted(wanted))

    async def totals(self, wanted: Filter) -> Totals:
        await self._read("totals", wanted)
        return sample.totals(self._wanted(wanted))

    async def detail(self, exchange_id: str) -> Detail | None:
        await self._read("detail", exchange_id)
        return next((sample.detail(row) for row in self.rows if row.id == exchange_id), None)

    async def snippet(self, exchange_id: str, words: str) -> str:
        await self._read("snippet", exchange_id, words)
        return f"… {words} …"

    async def hours(self, since_us: int) -> tuple[HourCost, ...]:
        await self._read("hours", since_us)
        return tuple(hour for hour in self.hour_costs if hour.hour_us >= since_us)

    async def facets(self) -> Facets:
        await self._read("facets")
        seen = lambda of: tuple(dict.fromkeys(of(row) for row in self.rows))
        return Facets(seen(lambda row: row.provider), seen(lambda row: row.sent_model), seen(lambda row: row.client))

    async def today(self) -> Totals:
        await self._read("today")
        return sample.totals(self.rows)


class FakeUpkeep(Fake):
    """Deletes from the rows of an insight."""

    def __init__(self, calls: list[tuple[Any, ...]], insight: FakeInsight) -> None:
        super().__init__(calls)
        self._insight = insight
        self.running = 0
        self.older: tuple[Path, ...] = ()

    async def count(self, wanted: Filter, ids: Sequence[str] = ()) -> int:
        await self._called("count_deletion", wanted)
        return len(self._insight._wanted(wanted))

    async def delete(self, wanted: Filter, ids: Sequence[str] = ()) -> Deleted:
        await self._called("delete", wanted)
        gone = self._insight._wanted(wanted)
        self._insight.rows = tuple(row for row in self._insight.rows if row not in gone)
        return Deleted(len(gone), self.running)

    async def purge(self) -> tuple[Deleted, tuple[Path, ...]]:
        await self._called("purge")
        gone, self._insight.rows = len(self._insight.rows), ()
        return Deleted(gone, self.running), self.older

    def copies(self) -> tuple[Path, ...]:
        return self.older


class FakeExports(Fake):
    rows = 400

    async def export(
        self,
        path: Path,
        format: str,  # noqa: A002
        wanted: Filter,
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> int:
        await self._called("export", path, format, wanted)
        for done in range(0, self.rows + 1, 100):
            if cancelled():
                return done
            progress(done, self.rows)
            await asyncio.sleep(0)
        return self.rows


class FakeImports(Fake):
    report = ImportReport(2, 0, ("line 14: no base_url",), (ProviderEntry("Moonshot", vendor="openai-compatible"),))

    async def preview(self, path: Path) -> ImportReport:
        await self._called("preview", path)
        return self.report

    async def apply(self, path: Path) -> ImportReport:
        await self._called("apply", path)
        return self.report


class FakeSettings(Fake):
    vault = VaultStatus("GNOME Keyring or another Secret Service", usable=True)

    def __init__(self, calls: list[tuple[Any, ...]], folder: Path) -> None:
        super().__init__(calls)
        self.current = Settings()
        self.config_path, self.data_dir = folder / "patchbay.toml", folder

    async def change(self, **values: Any) -> None:
        await self._called("change", values)
        self.current = replace(self.current, **values)

    async def reload(self) -> None:
        await self._called("reload")

    async def keyring(self) -> VaultStatus:
        await self._called("keyring")
        return self.vault


class FakeLan(Fake):
    def __init__(self, calls: list[tuple[Any, ...]], settings: FakeSettings) -> None:
        super().__init__(calls)
        self._settings = settings
        self.reach = NO_REACH

    async def change(self, **values: Any) -> None:
        await self._called("lan", values)
        lan = replace(self._settings.current.lan, **values)
        self._settings.current = replace(self._settings.current, lan=lan)


class FakePrices(Fake):
    rules: tuple[PriceRule, ...] = ()

    async def remove(self, model: str, provider: str = "", vendor: str = "") -> None:
        await self._called("remove price", model, provider, vendor)


MODELS = {
    "anthropic": (sample.CLAUDE[:1], sample.CLAUDE[1:2], sample.CLAUDE[2:]),
    "openai": (sample.GPT[:1], sample.GPT[1:2], sample.GPT[2:]),
    "ollama": (sample.LOCAL[:1], sample.LOCAL[1:2], sample.LOCAL[2:]),
}


class FakeServices:
    """All of control; `lively()` has data, `empty()` is the first start."""

    def __init__(self, status: AppStatus, folder: Path | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.status = FakeStatus(status)
        self.proxy = FakeProxy(self.calls, self.status)
        entries = [ProviderEntry(one.name, vendor=one.vendor, base_url=one.base_url) for one in status.providers]
        self.providers = FakeProviders(self.calls, entries)
        self.accounts = FakeAccounts(self.calls, self.providers.vendor_of)
        self.routes = FakeRoutes(self.calls, self.status, self.providers.provider)
        self.keys = FakeKeys(self.calls)
        self.budgets = FakeBudgets(self.calls, self.status)
        self.insight = FakeInsight(self.calls)
        self.upkeep = FakeUpkeep(self.calls, self.insight)
        self.exports = FakeExports(self.calls)
        self.imports = FakeImports(self.calls)
        self.settings = FakeSettings(self.calls, folder or Path("/nowhere"))
        self.lan = FakeLan(self.calls, self.settings)
        self.prices = FakePrices(self.calls)

    @classmethod
    def lively(
        cls, folder: Path | None = None, *, now_s: float = sample.MONOTONIC_S, now_us: int = sample.NOW_US
    ) -> FakeServices:
        made = cls(sample.status(), folder)
        made.insight.rows = sample.rows(now_us=now_us)
        made.insight.hour_costs = sample.hours(now_us)
        made.insight.meter = sample.meter(now_s)
        return made

    @classmethod
    def empty(cls, folder: Path | None = None) -> FakeServices:
        return cls(sample.empty_status(), folder)

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of every call of that name."""
        return [call[1:] for call in self.calls if call[0] == name]
