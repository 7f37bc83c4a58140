"""Client keys in words: how one stands, what it may do, in short for a table and in a sentence for a reader.

Names, patterns and addresses are the user's or a tool's, so they pass through `formats.one_line`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.client_key import ClientKey, KeyPolicy
from app.ui import formats
from app.ui.formats import one_line

US_PER_S = 1_000_000
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
SOON_S = 7 * DAY_S
"""A key that ends within this time is marked."""
NO_LIMITS = "no limits"
EXPIRED = "expired"
DIALECTS = {
    "anthropic_messages": "Anthropic Messages",
    "openai_chat": "OpenAI Chat",
    "openai_responses": "OpenAI Responses",
    "gemini": "Gemini",
}
_WORD = 40
_LISTED = 2
"""So many patterns stand in a table's cell; more are counted."""
_SPELLED = 8
"""So many stand in a sentence."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """How a key stands: words, the role of their color, and the shape of the mark beside them."""

    text: str
    role: str
    icon: str


def state(key: ClientKey, now_us: int) -> KeyState:
    """Whether the key opens anything, and until when."""
    ends = key.policy.expires_us
    if not key.policy.enabled:
        return KeyState("disabled", "muted", "pause-circle-outline")
    if key.expired or (ends and ends <= now_us):
        return KeyState(EXPIRED, "error", "clock-alert-outline")
    if key.ends_us > now_us:
        return KeyState(f"old text ends in {span(key.ends_us - now_us)}", "accent", "key-change")
    if ends:
        soon = ends - now_us < SOON_S * US_PER_S
        return KeyState(f"expires in {span(ends - now_us)}", "warning" if soon else "text", "clock-outline")
    return KeyState("active", "ok", "check-circle-outline")


def exact_state(key: ClientKey, now_us: int) -> str:
    """The same with its moments, for a tooltip."""
    lines = [f"{state(key, now_us).text.capitalize()}"]
    if key.policy.expires_us:
        word = "Expired" if key.policy.expires_us <= now_us else "Expires"
        lines.append(f"{word} {moment(key.policy.expires_us)}")
    if key.ends_us > now_us:
        lines.append(f"It was rotated; the old text opens until {moment(key.ends_us)}")
    if key.created_us:
        lines.append(f"Created {moment(key.created_us)}")
    return "\n".join(lines)


def span(time_us: int) -> str:
    """A time to come, rounded: "12 days", "30 h", "5 min", "less than a minute"."""
    seconds = max(0, time_us) // US_PER_S
    for unit_s, least_s, word in ((DAY_S, 2 * DAY_S, "days"), (HOUR_S, HOUR_S, "h"), (MINUTE_S, MINUTE_S, "min")):
        if seconds >= least_s - unit_s // 120:  # what was chosen a moment ago reads as it was chosen
            return f"{(seconds + unit_s // 2) // unit_s}{formats.NBSP}{word}"
    return "less than a minute"


def moment(at_us: int) -> str:
    """Local date and time to the minute: "3 Dec 2026, 14:00"; "at an unknown time" where the calendar has none."""
    try:
        at = formats.local(at_us)
    except (ValueError, OverflowError, OSError):
        return "at an unknown time"
    return f"{at.day}{formats.NBSP}{at:%b} {at.year}, {at:%H:%M}"


def short_limits(policy: KeyPolicy) -> str:
    """What narrows a key, shortest words: "60/min · 2 at once · claude-* only"."""
    parts = []
    if policy.requests_per_minute:
        parts.append(f"{formats.count(policy.requests_per_minute)}/min")
    if policy.tokens_per_minute:
        parts.append(f"{formats.tokens(policy.tokens_per_minute)}{formats.NBSP}tokens/min")
    if policy.concurrent:
        parts.append(f"{formats.count(policy.concurrent)} at once")
    if policy.models:
        parts.append(f"{_few(policy.models, 'models')} only")
    if policy.clients:
        parts.append(f"{_few(policy.clients, 'clients')} only")
    if policy.dialects:
        parts.append(f"{_few([_dialect(one) for one in policy.dialects], 'dialects')} only")
    if policy.networks:
        parts.append(f"from {_few(policy.networks, 'networks')}")
    return " · ".join(parts) or NO_LIMITS


def sentence(policy: KeyPolicy) -> str:
    """What a key may do, for people: "May use claude-* from 192.168.1.0/24, at most 60 requests a minute."."""
    text = f"May use {_list(policy.models, 'and')}" if policy.models else "May use every model"
    if policy.clients:
        text += f" with {_list(policy.clients, 'or')}"
    if policy.dialects:
        text += f" in {_list([_dialect(one) for one in policy.dialects], 'or')}"
    if policy.networks:
        text += f" from {_list(policy.networks, 'or')}"
    bounds = _bounds(policy)
    if bounds:
        text += f", at most {_list(bounds, 'and')}"
    if policy.expires_us:
        text += f", until {moment(policy.expires_us)}"
    closed = "" if policy.enabled else " It is disabled: it opens nothing until it is enabled again."
    return f"{text}.{closed}"


def _bounds(policy: KeyPolicy) -> list[str]:
    found = []
    if policy.requests_per_minute:
        found.append(f"{_counted(policy.requests_per_minute, 'request')} a minute")
    if policy.tokens_per_minute:
        found.append(f"{_counted(policy.tokens_per_minute, 'token')} a minute")
    if policy.concurrent:
        found.append(f"{_counted(policy.concurrent, 'request')} at once")
    return found


def _counted(number: int, noun: str) -> str:
    return f"{formats.count(number)} {noun}{'' if number == 1 else 's'}"


def _dialect(name: str) -> str:
    return DIALECTS.get(name, name)


def _few(values: Sequence[str], noun: str) -> str:
    if len(values) > _LISTED:
        return f"{len(values)} {noun}"
    return ", ".join(one_line(value, _WORD) for value in values)


def _list(values: Sequence[str], last: str) -> str:
    """Like "a", "a and b", "a, b and c"; what is too many is counted."""
    shown = [one_line(value, _WORD) for value in values[:_SPELLED]]
    if len(values) > _SPELLED:
        shown.append(f"{len(values) - _SPELLED} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def tags(values: Sequence[str]) -> str:
    """Tags in one line."""
    return ", ".join(one_line(value, _WORD) for value in values)


def last_used(used_us: int, now_us: int) -> str:
    """When a key opened something last: "2 min ago", "never"."""
    if not used_us:
        return "never"
    try:
        return formats.relative(used_us, now_us)
    except (ValueError, OverflowError, OSError):
        return formats.DASH
