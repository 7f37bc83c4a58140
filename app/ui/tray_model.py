"""What the tray's menu, icon and tooltip say: a pure function of `AppStatus`, no Qt widgets."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.provider import Tier
from app.domain.status import AppStatus, ProxyState, TierChoice
from app.ui import formats, standing
from app.ui.formats import one_line
from app.ui.standing import Mark

PROVIDERS = 12
MODELS = 30
"""How many entries a list of the menu holds; what is beyond is in the window."""

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
_LABEL_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list."""

    text: str
    value: str
    """The provider's or the model's name; empty is "as asked"."""
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
    providers: tuple[Entry, ...]
    more_providers: bool
    tiers: tuple[TierMenu, ...]
    pause: str
    """Text of the item: "Pause" or "Resume"."""
    can_pause: bool
    icon: Mark
    tooltip: str


def menu_model(status: AppStatus) -> MenuModel:
    """The tray of a status."""
    now = standing.of_program(status)
    return MenuModel(
        state=_state(status, now),
        providers=_providers(status),
        more_providers=len(status.providers) > PROVIDERS,
        tiers=tuple(_tier(choice) for choice in status.tiers) if status.providers else (),
        pause="Resume" if status.proxy is ProxyState.PAUSED else "Pause",
        can_pause=status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED),
        icon=now.icon,
        tooltip=_tooltip(status, now),
    )


def _state(status: AppStatus, now: standing.Standing) -> str:
    parts = [f"{now.mark} {now.word}"]
    if status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED):
        parts.append(f"port {status.port}")
    if status.today.exchanges:
        parts.append(f"today {standing.today(status)}")
    return " · ".join(parts)


def _providers(status: AppStatus) -> tuple[Entry, ...]:
    """The active one is always among them, however many there are."""
    shown = status.providers[:PROVIDERS]
    active = standing.active_provider(status)
    if active is not None and active not in shown:
        shown = (*shown[:-1], active)
    return tuple(_provider(one.name, standing.of_provider(one), one is active) for one in shown)


def _provider(name: str, health: standing.Standing, active: bool) -> Entry:  # noqa: FBT001 (one field of the entry)
    word = "" if health.mark == standing.RUNNING else f" {health.word}"
    return Entry(f"{one_line(name, _LABEL_LIMIT)}   {health.mark}{word}", name, active)


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


def _tooltip(status: AppStatus, now: standing.Standing) -> str:
    lines = [f"Patchbay: {now.word}"]
    if now.why:
        lines.append(now.why)
    if status.port and status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED):
        lines.append(status.base_url + (" (open to every program on this machine)" if status.open_auth else ""))
    active = standing.active_provider(status)
    if active is not None:
        models = standing.models(status)
        lines.append(f"{one_line(active.name, _LABEL_LIMIT)}{f' › {models}' if models else ''}")
    today = status.today
    requests = f"{formats.count(today.exchanges)} request{'' if today.exchanges == 1 else 's'}"
    failed = f", {formats.count(today.failed)} failed" if today.failed else ""
    lines.append(f"Today {standing.today(status)}, {requests}{failed}")
    return "\n".join(lines)
