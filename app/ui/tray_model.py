"""What the tray's menu, icon and tooltip say: a pure function of `AppStatus`, no Qt widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.budget import BudgetStanding, Period, Scope
from app.domain.budget_words import refusing
from app.domain.provider import Tier
from app.domain.routing import Pin
from app.domain.status import AppStatus, ProxyState, TierChoice
from app.ui import budget_words, formats, standing
from app.ui.formats import one_line
from app.ui.models.pins import pin_target
from app.ui.standing import Mark

PROVIDERS = 12
MODELS = 30
PINS = 12
"""How many entries a list of the menu holds; what is beyond is in the window."""
LEAST_SHARE = 0.01
"""A budget of which less was used is no news."""

CLIENTS = (
    ("claude-code", "Claude Code"),
    ("codex", "Codex CLI"),
    ("gemini-cli", "Gemini CLI"),
    ("openai", "OpenAI SDK"),
    ("anthropic", "Anthropic SDK"),
    ("curl", "curl"),
)
"""Names that `keys.snippet` takes, and what they are called."""

TIER_NAMES = {Tier.BIG: "Big", Tier.MIDDLE: "Middle", Tier.SMALL: "Small"}
AUTO = "Auto"
ONLY = "Only this one"
PINS_MORE = "Routes…"
_LABEL_LIMIT = 60
_WITHIN = {Period.DAY: "today", Period.WEEK: "this week", Period.MONTH: "this month", Period.TOTAL: "in all"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list."""

    text: str
    value: str
    """The name of the provider, model or pin; empty is "as asked", and Auto among providers."""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class TierMenu:
    """The models of one tier."""

    tier: Tier
    title: str
    entries: tuple[Entry, ...]
    more: bool
    """There are more models than the list holds."""


@dataclass(frozen=True, slots=True)
class MenuModel:
    """Everything the tray shows."""

    state: str
    recording: str
    """What is kept of requests; empty where it is everything."""
    budget: str
    """The one that matters most; empty where none has been used by as much as a hundredth."""
    provider: str
    """Title of the list of providers, with the choice."""
    providers: tuple[Entry, ...]
    """Auto first; empty without any provider."""
    more_providers: bool
    only: bool
    can_only: bool
    """Auto is no provider that could be the only one."""
    pins: tuple[Entry, ...]
    more_pins: bool
    models: str
    """Title of the tiers: with Auto, whose they are."""
    tiers: tuple[TierMenu, ...]
    pause: str
    """Text of the item: "Pause" or "Resume"."""
    can_pause: bool
    icon: Mark
    tooltip: str


def menu_model(status: AppStatus, now_us: int = 0, key_names: Mapping[str, str] | None = None) -> MenuModel:
    """The tray of a status at a moment; `key_names` of client keys by id, for their budgets."""
    now = standing.of_program(status, now_us)
    budget = _budget(status.budgets, key_names or {}, now_us)
    recording = standing.recording(status)
    return MenuModel(
        state=_state(status, now),
        recording=f"{recording[:1].upper()}{recording[1:]}",
        budget=budget,
        provider=f"Provider: {_preferred(status)}",
        providers=_providers(status, now_us),
        more_providers=len(status.providers) > PROVIDERS,
        only=status.only and not status.auto,
        can_only=not status.auto,
        pins=tuple(Entry(_pin(pin), pin.name) for pin in status.routing.pins[:PINS]),
        more_pins=len(status.routing.pins) > PINS,
        models=_models(status),
        tiers=tuple(_tier(choice) for choice in status.tiers) if status.providers else (),
        pause="Resume" if status.proxy is ProxyState.PAUSED else "Pause",
        can_pause=status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED),
        icon=now.icon,
        tooltip=_tooltip(status, now, budget, recording),
    )


def _state(status: AppStatus, now: standing.Standing) -> str:
    parts = [f"{now.mark} {now.word}"]
    if status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED):
        parts.append(f"port {status.port}")
    if status.today.exchanges:
        parts.append(f"today {standing.today(status)}")
    return " · ".join(parts)


def _preferred(status: AppStatus) -> str:
    if status.auto:
        return AUTO
    return f"{'only ' if status.only else ''}{one_line(status.active, _LABEL_LIMIT)}"


def _providers(status: AppStatus, now_us: int) -> tuple[Entry, ...]:
    """The preferred one is always among them, however many there are."""
    if not status.providers:
        return ()
    shown = status.providers[:PROVIDERS]
    active = standing.active_provider(status)
    if active is not None and active not in shown:
        shown = (*shown[:-1], active)
    chosen = None if status.auto else active
    return (
        Entry(AUTO, "", status.auto),
        *(_provider(one.name, standing.of_provider(one, now_us), one is chosen) for one in shown),
    )


def _provider(name: str, health: standing.Standing, active: bool) -> Entry:  # noqa: FBT001 (one field of the entry)
    # Words alone: marks would stand at a different place in each line, and look like those of the radio items.
    return Entry(f"{one_line(name, _LABEL_LIMIT)}: {health.word}", name, active)


def _models(status: AppStatus) -> str:
    if status.auto and len(status.providers) > 1:
        return f"Model of {one_line(status.active, _LABEL_LIMIT)}"
    return "Model"


def _pin(pin: Pin) -> str:
    return f"{one_line(pin.name, _LABEL_LIMIT)} → {pin_target(pin)}"


def _budget(budgets: tuple[BudgetStanding, ...], key_names: Mapping[str, str], now_us: int) -> str:
    """One that refuses requests comes before any that only warns, however far beyond its amount that is."""
    first = min((one for one in budgets if not one.idle), key=lambda one: one.urgency, default=None)
    if first is None or (first.share < LEAST_SHARE and not first.refuses):
        return ""
    others = sum(one.refuses for one in budgets) - 1
    more = f"; {others} more refuse{'s' if others == 1 else ''} requests" if others > 0 else ""
    return f"{budget_line(first, key_names, now_us)}{more}"


def budget_line(one: BudgetStanding, key_names: Mapping[str, str], now_us: int) -> str:
    """Like "Budget: $12.40 of $20.00 this month", with a mark and a word once it is nearly or wholly used."""
    budget = one.budget
    whose = "" if budget.scope is Scope.ALL else f" of {budget_words.whose(budget, key_names)}"
    text = f"Budget{whose}: {budget_words.used_of(one)} {_WITHIN[budget.period]}"
    if one.refuses:
        why = refusing(one)
        return f"{standing.DOWN} {text}, {why}: requests are refused{budget_words.until(one, now_us)}"
    if one.share >= 1:
        return f"{standing.TROUBLE} {text}, used up: requests go on"
    if budget.warn_percent and one.share * 100 >= budget.warn_percent:
        return f"{standing.TROUBLE} {text}, nearly used up"
    return text


def _tier(choice: TierChoice) -> TierMenu:
    picked = choice.chosen if choice.chosen or choice.as_asked else choice.effective
    names = choice.models if not picked or picked in choice.models else (picked, *choice.models)
    every = [Entry("As asked", "", picked == "")] if choice.as_asked else []
    every += [Entry(one_line(name, _LABEL_LIMIT), name, name == picked) for name in names]
    shown = every[:MODELS]
    if not any(entry.checked for entry in shown):
        shown[-1:] = [entry for entry in every if entry.checked] or shown[-1:]
    current = one_line(picked, _LABEL_LIMIT) or standing.AS_ASKED
    title = f"{TIER_NAMES[choice.tier]}: {current}" if every else f"{TIER_NAMES[choice.tier]}: no models listed"
    return TierMenu(choice.tier, title, tuple(shown), more=len(every) > MODELS)


def _tooltip(status: AppStatus, now: standing.Standing, budget: str, recording: str) -> str:
    lines = [f"Patchbay: {now.word}"]
    if now.why:
        lines.append(now.why)
    if status.port and status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED):
        lines.append(status.base_url + (" (open to every program on this machine)" if status.open_auth else ""))
    active = standing.active_provider(status)
    if active is not None:
        models = standing.models(status)
        among = status.auto and len(status.providers) > 1
        name = f"{'only ' if status.only else ''}{one_line(active.name, _LABEL_LIMIT)}"
        lines.append(standing.target(status) if among else f"{name}{f' › {models}' if models else ''}")
    today = status.today
    requests = f"{formats.count(today.exchanges)} request{'' if today.exchanges == 1 else 's'}"
    failed = f", {formats.count(today.failed)} failed" if today.failed else ""
    lines.append(f"Today {standing.today(status)}, {requests}{failed}")
    lines += [f"{line[:1].upper()}{line[1:]}" for line in (budget, recording) if line]
    return "\n".join(lines)
