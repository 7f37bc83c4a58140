"""Client keys and budgets in memory, as the faces see them in control."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.control.keys import ENVIRONMENT
from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.errors import ConfigError
from app.domain.provider import Secret

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
USD = 1_000_000_000
TEXT = "pb_" + "Nn4" * 14 + "z"


class FakeKeys:
    """KeyControl: calls are noted, `errors[method]` is raised by it, `gate` keeps its awaits waiting until set."""

    def __init__(self, calls: list[tuple[Any, ...]]) -> None:
        self.calls = calls
        self.errors: dict[str, Exception] = {}
        self.gate: asyncio.Event | None = None
        self._kept: tuple[ClientKey, ...] = ()
        self._subscribers: list[Callable[[None], None]] = []
        self.used: dict[str, int] = {}

    @property
    def kept(self) -> tuple[ClientKey, ...]:
        return self._kept

    @kept.setter
    def kept(self, keys: tuple[ClientKey, ...]) -> None:
        self._kept = keys
        for callback in tuple(self._subscribers):
            callback(None)

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    async def _called(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        if self.gate is not None:
            await self.gate.wait()
        else:
            await asyncio.sleep(0)
        if name in self.errors:
            raise self.errors[name]

    def _find(self, id_or_name: str) -> ClientKey:
        found = next((key for key in self.kept if id_or_name in (key.id, key.name)), None)
        if found is None:
            raise ConfigError(f"there is no client key {id_or_name!r}", key="key")
        return found

    def all(self) -> tuple[ClientKey, ...]:
        return self.kept

    async def default_key(self) -> Secret:
        await self._called("default_key")
        return Secret("pb_" + "x" * 43)

    async def snippet(self, client: str, shell: str = "posix", *, key: Secret | None = None) -> str:
        await self._called("snippet", client, shell)
        text = key.value if key is not None else "pb_xxx"
        return f"export BASE_URL=http://127.0.0.1:8082  # for {client}\nexport API_KEY={text}"

    async def create(self, name: str, *, policy: KeyPolicy = KeyPolicy(), tags: tuple[str, ...] = ()) -> Secret:  # noqa: B008
        await self._called("create", name, policy, tags)
        self.kept += (ClientKey(f"id-{name}", name, tags, policy),)
        return Secret(TEXT)

    async def change(
        self,
        id_or_name: str,
        *,
        name: str | None = None,
        policy: KeyPolicy | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> ClientKey:
        await self._called("change", id_or_name, name, policy, tags)
        before = self._find(id_or_name)
        after = replace(
            before,
            name=before.name if name is None else name,
            policy=before.policy if policy is None else policy,
            tags=before.tags if tags is None else tags,
        )
        self.kept = tuple(after if key is before else key for key in self.kept)
        return after

    async def rotate(self, id_or_name: str, *, overlap_s: int = 86_400) -> Secret:
        await self._called("rotate", id_or_name, overlap_s)
        self._find(id_or_name)
        return Secret(TEXT)

    async def revoke(self, id_or_name: str) -> ClientKey:
        await self._called("revoke", id_or_name)
        gone = self._find(id_or_name)
        self.kept = tuple(key for key in self.kept if key is not gone)
        return gone

    async def used_lately(self) -> Mapping[str, int]:
        await self._called("used_lately")
        return self.used

    async def reload(self) -> None:
        await self._called("reload_keys")


class FakeBudgets:
    """BudgetControl over the status board's budgets."""

    def __init__(self, calls: list[tuple[Any, ...]], board: Any) -> None:
        self.calls = calls
        self._board = board
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

    def standing(self) -> tuple[BudgetStanding, ...]:
        return tuple(self._board.current.budgets)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def on_warning(self, callback: Callable[[str], None]) -> Callable[[], None]:
        self.warned = callback
        return lambda: None

    async def put(self, budget: Budget) -> Budget:
        await self._called("put_budget", budget)
        kept = budget if budget.id else replace(budget, id=f"b{len(self.standing()) + 1}")
        others = tuple(one for one in self.standing() if one.budget.id != kept.id)
        self._board.set(budgets=(*others, BudgetStanding(kept, 0, 0, 0)))
        return kept

    async def remove(self, budget_id: str) -> None:
        await self._called("remove_budget", budget_id)
        self._board.set(budgets=tuple(one for one in self.standing() if one.budget.id != budget_id))


def keys(now_us: int) -> tuple[ClientKey, ...]:
    """One of every kind."""
    return (
        ClientKey("k-default", "default", created_us=now_us - 90 * DAY_US),
        ClientKey(
            "k-laptop",
            "laptop",
            ("work",),
            KeyPolicy(models=("claude-*",), networks=("192.168.1.0/24",), requests_per_minute=60, concurrent=2),
            created_us=now_us - 40 * DAY_US,
        ),
        ClientKey("k-ci", "ci", ("work", "robots"), KeyPolicy(expires_us=now_us + 3 * DAY_US + HOUR_US)),
        ClientKey("k-guest", "guest", (), KeyPolicy(expires_us=now_us - DAY_US, tokens_per_minute=100_000)),
        ClientKey("k-old", "old desktop", (), KeyPolicy(enabled=False, clients=("codex",))),
        ClientKey("k-rotated", "website", ("site",), KeyPolicy(), ends_us=now_us + 3 * HOUR_US + 60_000_000),
        ClientKey(ENVIRONMENT, "environment"),
    )


def standings(now_us: int) -> tuple[BudgetStanding, ...]:
    """Budgets of every kind, the fullest first."""
    ends = now_us + 9 * DAY_US
    make = BudgetStanding
    return (
        make(Budget("b-model", Scope.MODEL, "claude-opus-*", Unit.MONEY, Period.WEEK, 25 * USD), 25 * USD, 0, ends),
        make(
            Budget("b-provider", Scope.PROVIDER, "Anthropic", Unit.TOKENS, Period.DAY, 5_000_000, hard=False),
            4_800_000,
            0,
            ends,
        ),
        make(Budget("b-key", Scope.KEY, "k-laptop", Unit.MONEY, Period.MONTH, 20 * USD), 15_800_000_000, USD, ends),
        make(Budget("b-all", Scope.ALL, "", Unit.MONEY, Period.MONTH, 100 * USD), 10 * USD, 0, ends, 3),
    )
