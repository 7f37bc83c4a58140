"""How the program stands, as a mark with a shape, a word and a color: the same in tray, state line and tooltips."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.budget import BudgetStanding, Scope
from app.domain.budget_words import refusing
from app.domain.exchange import Totals
from app.domain.provider import CredentialState
from app.domain.rest_words import rest_words
from app.domain.status import AppStatus, Encryption, Health, ProviderStatus, ProxyState, RecordingMode
from app.ui import budget_words, formats
from app.ui.formats import one_line

RUNNING, PAUSED, TROUBLE, DOWN, WAITING = "●", "❙❙", "▲", "■", "○"
AS_ASKED = "as asked"
REFUSING = 5
"""So many budgets are named in a tooltip."""


class Mark(StrEnum):
    """What our icon shows in its corner; the value is the badge's file in `resources/icons`."""

    PLAIN = ""
    PAUSED = "badge-paused"
    DEGRADED = "badge-degraded"
    DOWN = "badge-down"


@dataclass(frozen=True, slots=True)
class Standing:
    """One state of something, ready to be shown."""

    mark: str
    word: str
    role: str
    """The color's role in the palette."""
    icon: Mark = Mark.PLAIN
    why: str = ""


_KEY_WORDS = {
    CredentialState.MISSING: "no key",
    CredentialState.WAITING: "waiting for the keyring",
    CredentialState.LOCKED: "keyring locked",
    CredentialState.UNAVAILABLE: "no keyring",
    CredentialState.REJECTED: "key rejected",
}

_HEALTH = {
    Health.OK: Standing(RUNNING, "ok", "ok"),
    Health.UNKNOWN: Standing(WAITING, "not used yet", "muted"),
    Health.DEGRADED: Standing(TROUBLE, "failing", "warning"),
    Health.DOWN: Standing(DOWN, "down", "error"),
}


def of_provider(provider: ProviderStatus, now_us: int = 0) -> Standing:
    """A provider's health; a key that is not at hand matters most, then that it rests."""
    why = one_line(provider.health_text)
    word = _KEY_WORDS.get(provider.credential)
    if word is None and provider.resting_until_us > now_us:
        words = rest_words(provider.resting_until_us, "", now_us)
        return Standing(TROUBLE, words, "warning", why=one_line(provider.resting_why) or why)
    if word is None:
        known = _HEALTH[provider.health]
        return Standing(known.mark, known.word, known.role, why=why)
    if provider.credential is CredentialState.WAITING:
        return Standing(WAITING, word, "muted", why=why)
    return Standing(DOWN, word, "error", why=why)


def of_program(status: AppStatus, now_us: int = 0) -> Standing:
    """What the whole program does, and what is wrong with it if anything is."""
    detail = one_line(status.detail)
    match status.proxy:
        case ProxyState.STARTING:
            return Standing(WAITING, "Starting", "muted", why=detail)
        case ProxyState.PAUSED:
            return Standing(PAUSED, "Paused", "warning", Mark.PAUSED, detail)
        case ProxyState.PORT_TAKEN:
            return Standing(DOWN, f"Port {status.port} is taken", "error", Mark.DOWN, detail)
        case ProxyState.STOPPED:
            return Standing(DOWN, "Stopped", "error", Mark.DOWN, detail)
        case ProxyState.FAILED:
            return Standing(DOWN, "Failed", "error", Mark.DOWN, detail)
        case ProxyState.RUNNING:
            return _running(status, now_us)


def _running(status: AppStatus, now_us: int) -> Standing:
    if not status.providers:
        return Standing(RUNNING, "Running, no provider yet", "ok")
    trouble = _all_in_trouble(status, now_us) if status.auto else _preferred_in_trouble(status, now_us)
    trouble = _with_budgets(trouble, status.budgets, now_us)
    if trouble is not None:
        return trouble
    if status.recorder_degraded:
        return Standing(TROUBLE, "Running, not recording", "warning", Mark.DEGRADED)
    return Standing(RUNNING, "Running", "ok")


def _preferred_in_trouble(status: AppStatus, now_us: int) -> Standing | None:
    active = active_provider(status)
    return None if active is None else _in_trouble(active, now_us)


def _in_trouble(provider: ProviderStatus, now_us: int) -> Standing | None:
    health = of_provider(provider, now_us)
    if health.mark not in (TROUBLE, DOWN):
        return None
    word = f"{one_line(provider.name, 40)}: {health.word}"
    return Standing(TROUBLE, word, "warning", Mark.DEGRADED, health.why)


def _all_in_trouble(status: AppStatus, now_us: int) -> Standing | None:
    """With Auto one that fails is no news, as long as another can answer."""
    asked = [one for one in status.providers if one.failover] or list(status.providers)
    if len(asked) == 1:
        return _in_trouble(asked[0], now_us)
    troubles = [trouble for one in asked if (trouble := _in_trouble(one, now_us)) is not None]
    if len(troubles) < len(asked):
        return None
    why = "\n".join(trouble.word for trouble in troubles)
    return Standing(TROUBLE, "No provider is well", "warning", Mark.DEGRADED, why)


def _with_budgets(trouble: Standing | None, budgets: tuple[BudgetStanding, ...], now_us: int) -> Standing | None:
    """Hard budgets that are used up, or nearly so: clients get refusals, however well the providers are."""
    found = [one for one in budgets if one.refuses]
    if not found:
        return trouble
    number = "a budget refuses" if len(found) == 1 else f"{len(found)} budgets refuse"
    every = any(one.budget.scope is Scope.ALL and not one.too_little for one in found)
    until = budget_words.until(found[0], now_us) if len(found) == 1 else ""
    what = f"{'every request' if every else 'requests'}{until}"
    named = (_refuses(one, now_us) for one in found[:REFUSING])
    why = [trouble.why] if trouble is not None and trouble.why else []
    word = f"{trouble.word if trouble is not None else 'Running'}, {number} {what}"
    return Standing(TROUBLE, word, "warning", Mark.DEGRADED, "\n".join((*why, *named)))


def _refuses(one: BudgetStanding, now_us: int) -> str:
    """Like "Used up until midnight: all requests, every day"."""
    why, budget = refusing(one), one.budget
    whose = f"{budget_words.whose(budget)}, {budget_words.EVERY[budget.period]}"
    return f"{why[:1].upper()}{why[1:]}{budget_words.until(one, now_us)}: {whose}"


def recording(status: AppStatus) -> str:
    """What is kept of requests, where that is not everything in clear text; empty where it is."""
    if status.recording is RecordingMode.COUNTERS:
        return "recording is paused, requests are only counted"
    if status.recording is RecordingMode.ROWS:
        return "recording figures only, no prompts or answers"
    return {
        Encryption.OFF: "",
        Encryption.ON: "prompts and answers are stored encrypted",
        Encryption.LOCKED: "prompts and answers are locked and not kept: the keyring is not open",
    }[status.encryption]


def active_provider(status: AppStatus) -> ProviderStatus | None:
    """The provider that requests go to; None before there is one."""
    return next((provider for provider in status.providers if provider.name == status.active), None)


def target(status: AppStatus) -> str:
    """Provider › model, the middle tier's model speaking for all: "Anthropic › claude-sonnet-4-8"; or "auto"."""
    active = active_provider(status)
    if active is None:
        return "no provider"
    if status.auto and len(status.providers) > 1:
        return f"auto › {len(status.providers)} providers"
    middle = next((choice for choice in status.tiers if choice.tier == "middle"), None)
    model = one_line(middle.effective, 60) if middle and middle.effective else AS_ASKED
    return f"{'only ' if status.only else ''}{one_line(active.name, 40)} › {model}"


def models(status: AppStatus) -> str:
    """The model of every tier, for tooltips: "big: as asked, middle: x, small: y"."""
    return ", ".join(f"{one.tier}: {one_line(one.effective, 60) or AS_ASKED}" for one in status.tiers)


def all_tokens(totals: Totals) -> int:
    """Everything that went in, cached or not, and came out."""
    return prompt_tokens(totals) + totals.output_tokens


def prompt_tokens(totals: Totals) -> int:
    """Everything that went in, cached or not."""
    return totals.input_tokens + totals.cache_read_tokens + totals.cache_write_tokens


def today(status: AppStatus) -> str:
    """Today's cost and tokens: "$1.27, 45.6 k tokens"."""
    return f"{formats.total_cost(status.today)}, {formats.tokens(all_tokens(status.today))} tokens"
