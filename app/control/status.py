"""The one value that tray, window and terminal draw: made from the present parts, told when it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.control.core import Core
from app.control.health import HealthMarks, Mark, judge
from app.control.proxy import ProxyControl
from app.control.resting import ends_us, partly, rest_of, rest_of_all, words_of
from app.control.subscribers import Subscribers
from app.control.today import Today
from app.domain.budget import BudgetStanding
from app.domain.errors import PatchbayError
from app.domain.exchange import Totals
from app.domain.exposure import NO_REACH, Reach
from app.domain.provider import Account, Provider, Tier
from app.domain.route import CLAUDE_NAMES, default_model
from app.domain.routing import ModelWindow, Resting
from app.domain.settings import AuthMode, Settings
from app.domain.snapshot import Snapshot
from app.domain.status import (
    AccountStatus,
    AppStatus,
    Encryption,
    Health,
    Notice,
    NoticeAction,
    ProviderStatus,
    ProxyState,
    RecordingMode,
    Severity,
    TierChoice,
)
from app.vendors.presets import DEMO, vendor

COALESCE_S = 0.05
LONGEST_WAIT_S = 3_600.0
_NO_PROVIDER = Notice(
    "no-provider",
    Severity.WARNING,
    "Patchbay has no provider yet, so it cannot answer any request.",
    NoticeAction.ADD_PROVIDER,
    "Add a provider",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an `AppStatus` is made of."""

    snapshot: Snapshot
    proxy: ProxyState
    port: int
    detail: str
    marks: dict[str, Mark]
    now_s: float
    """Monotonic."""
    now_us: int
    """UTC."""
    account_marks: Mapping[tuple[str, str], Mark] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    today: Totals = field(default_factory=Totals)
    in_flight: int = 0
    recorder_degraded: bool = False
    encryption: Encryption = Encryption.OFF
    version: str = ""
    budgets: tuple[BudgetStanding, ...] = ()
    resting: tuple[Resting, ...] = ()
    windows: tuple[ModelWindow, ...] = ()
    reach: Reach = NO_REACH


def build(parts: Parts) -> AppStatus:
    """The status that these parts add up to."""
    snapshot = parts.snapshot
    active = snapshot.active()
    paused = snapshot.paused and parts.proxy is ProxyState.RUNNING
    notices = parts.notices if snapshot.providers else (*parts.notices, _NO_PROVIDER)
    return AppStatus(
        proxy=ProxyState.PAUSED if paused else parts.proxy,
        port=parts.port,
        detail=parts.detail,
        open_auth=snapshot.settings.auth is AuthMode.OPEN,
        demo=any(provider.vendor == DEMO.name for provider in snapshot.providers),
        providers=tuple(_provider(parts, one, index) for index, one in enumerate(snapshot.providers)),
        active=active.name if active else "",
        tiers=tuple(_tier(snapshot, active, tier) for tier in Tier) if active else (),
        today=parts.today,
        in_flight=parts.in_flight,
        notices=notices,
        recorder_degraded=parts.recorder_degraded,
        recording=recording_of(snapshot.settings),
        encryption=parts.encryption,
        version=parts.version,
        auto=snapshot.preferred() is None,
        only=snapshot.routing.only,
        routing=snapshot.routing,
        budgets=parts.budgets,
        resting=parts.resting,
        windows=parts.windows,
        reach=parts.reach,
    )


def recording_of(settings: Settings) -> RecordingMode:
    """What is kept of a request under these settings."""
    if not settings.record_rows:
        return RecordingMode.COUNTERS
    return RecordingMode.EVERYTHING if settings.record_bodies else RecordingMode.ROWS


def _provider(parts: Parts, provider: Provider, index: int) -> ProviderStatus:
    usable = parts.snapshot.usable(provider)
    credential = parts.snapshot.credential(provider.name, usable.name)
    preset = vendor(provider.vendor)
    accounts = tuple(_account(parts, provider, one) for one in provider.credentials())
    rest = rest_of_all(accounts)
    rests = words_of(rest, parts.now_us)
    health, text = judge(credential, parts.marks.get(provider.name), parts.now_s, rests)
    if text != rests and health is not Health.DOWN:
        text = "; ".join((text, *partly(parts.resting, provider.name, accounts, parts.now_us)))
    return ProviderStatus(
        name=provider.name,
        vendor=provider.vendor,
        vendor_label=preset.label if preset else provider.vendor,
        base_url=provider.base_url,
        dialect=provider.dialect,
        active=provider is parts.snapshot.active(),
        health=health,
        health_text=text,
        credential=credential.state,
        credential_source=f"account {usable.name}, {credential.source}" if usable.name else credential.source,
        models=provider.listed(),
        env_key=provider.env_key,
        color=index,
        failover=provider.failover,
        also_speaks=tuple(dialect for dialect, _ in provider.endpoints),
        accounts=accounts,
        resting_until_us=rest.until_us,
        resting_why=rest.why,
    )


def _account(parts: Parts, provider: Provider, account: Account) -> AccountStatus:
    known = parts.snapshot.credential(provider.name, account.name)
    rest = rest_of(parts.resting, provider.name, account.name)
    mark = parts.account_marks.get((provider.name, account.name))
    health, text = judge(known, mark, parts.now_s, words_of(rest, parts.now_us))
    return AccountStatus(
        account.name, known.state, known.source, account.priority, account.weight, rest.until_us, rest.why, health, text
    )


def _tier(snapshot: Snapshot, active: Provider, tier: Tier) -> TierChoice:
    settings = snapshot.settings
    override = {Tier.BIG: settings.big_model, Tier.MIDDLE: settings.middle_model, Tier.SMALL: settings.small_model}
    own = active.tier_models(tier)
    try:
        target = snapshot.target(CLAUDE_NAMES[tier])
    except PatchbayError:
        effective = ""
    else:
        elsewhere = "" if target.provider is active else f"{target.provider.name}:"
        effective = "" if target.model == CLAUDE_NAMES[tier] else f"{elsewhere}{target.model}"
    return TierChoice(
        tier=tier,
        models=(*own, *(model for model in active.listed() if model not in own)),
        chosen=override[tier] or active.chosen(tier),
        as_asked=not default_model(active, tier),
        effective=effective,
    )


class StatusBoard:
    """Keeps the present status. Changes that come together are told once, `COALESCE_S` later."""

    def __init__(self, core: Core, proxy: ProxyControl, marks: HealthMarks, today: Today, version: str) -> None:
        self._core = core
        self._proxy = proxy
        self._marks = marks
        self._today = today
        self._version = version
        self._timer: asyncio.TimerHandle | None = None
        self._at_rests_end: asyncio.TimerHandle | None = None
        self._subscribers: Subscribers[AppStatus] = Subscribers()
        self.degraded: Callable[[], str] = lambda: ""
        """Why the record is incomplete; empty while it is whole."""
        self.encryption: Callable[[], Encryption] = lambda: Encryption.OFF
        """How bodies are stored."""
        self.budgets: Callable[[], tuple[BudgetStanding, ...]] = lambda: ()
        """How the budgets stand, the fullest first."""
        self.reach: Callable[[], Reach] = Reach
        """Where other machines can connect."""
        self.current = self._build()
        for source in (core.snapshots, core.notices, proxy, marks, today):
            source.subscribe(lambda _: self.touch())

    def subscribe(self, callback: Callable[[AppStatus], None]) -> Callable[[], None]:
        """Be told, on the loop, each status that differs from the one before; the result ends that."""
        return self._subscribers.add(callback)

    def touch(self) -> None:
        """Something may have changed: look soon, and tell if it did."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(COALESCE_S, self.refresh)

    def refresh(self) -> None:
        """Look now, and tell if anything changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        status = self._build()
        if status != self.current:
            self.current = status
            self._subscribers.tell(status)
        self._look_when_rests_end(status)

    def look(self) -> AppStatus:
        """The status as of this moment, which is told if it differs."""
        self.refresh()
        return self.current

    def close(self) -> None:
        """Tell nobody any more."""
        for timer in filter(None, (self._timer, self._at_rests_end)):
            timer.cancel()
        self._timer = self._at_rests_end = None

    def _look_when_rests_end(self, status: AppStatus) -> None:
        """Nobody tells when time is over."""
        if self._at_rests_end is not None:
            self._at_rests_end.cancel()
            self._at_rests_end = None
        now_us = self._core.clock.now_us()
        if end_us := ends_us(status.resting, now_us):
            wait_s = min((end_us - now_us) / 1e6 + COALESCE_S, LONGEST_WAIT_S)
            self._at_rests_end = asyncio.get_running_loop().call_later(wait_s, self.refresh)

    def _build(self) -> AppStatus:
        return build(
            Parts(
                snapshot=self._core.snapshots.current,
                proxy=self._proxy.state,
                port=self._proxy.port,
                detail=self._proxy.detail,
                marks=self._marks.marks,
                now_s=self._core.clock.monotonic_ns() / 1e9,
                now_us=self._core.clock.now_us(),
                account_marks=self._marks.accounts,
                notices=self._core.notices.current,
                today=self._today.totals,
                in_flight=self._proxy.in_flight,
                recorder_degraded=bool(self.degraded()),
                encryption=self.encryption(),
                version=self._version,
                budgets=self.budgets(),
                resting=self._proxy.resting,
                windows=self._proxy.windows,
                reach=self.reach(),
            )
        )
