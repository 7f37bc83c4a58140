"""Anthropic's `usage` <-> our disjoint counts; numbers that cannot be are zero and marked, never believed.

Anthropic's `input_tokens` already leaves the cache out. In a stream the counts are cumulative: those of `message_delta`
replace those of `message_start` where they are present and not null; nothing is ever added up.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.dialects.anthropic_messages.answer_read import mended
from app.dialects.anthropic_messages.wire import given
from app.domain.usage import MOST_TOKENS, NO_USAGE, Usage, UsageSource

_TOTALS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


class Counts:
    """Collects the `usage` objects of one answer, each replacing the last where it says something."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._invalid = False
        self._output_in_delta = 0

    def see(self, raw: msgspec.Raw, *, final: bool = False) -> None:
        """One more `usage` object; `final` says that it came with the stop reason."""
        data = given(raw)
        if not data:
            return
        try:
            value = msgspec.json.decode(data)
        except msgspec.DecodeError:  # a number beyond every size
            value = msgspec.json.decode(mended(data) or b"null")
        if not isinstance(value, dict):
            self._invalid = True
            return
        for name in _TOTALS:
            self._take(name, value.get(name))
        for name, inner, member in (
            ("cache_1h", "cache_creation", "ephemeral_1h_input_tokens"),
            ("reasoning", "output_tokens_details", "thinking_tokens"),
            ("searches", "server_tool_use", "web_search_requests"),
        ):
            nested = value.get(inner)
            if isinstance(nested, dict):
                self._take(name, nested.get(member))
        output = self._known.get("output_tokens", 0)
        if final:
            self._invalid = self._invalid or output < self._output_in_delta
            self._output_in_delta = output

    def usage(self) -> Usage:
        """The counts as known so far."""
        known = self._known
        if not known and not self._invalid:
            return NO_USAGE
        written = known.get("cache_creation_input_tokens", 0)
        long_lived = min(known.get("cache_1h", 0), written)
        output = known.get("output_tokens", 0)
        return Usage(
            input_tokens=known.get("input_tokens", 0),
            cache_read_tokens=known.get("cache_read_input_tokens", 0),
            cache_write_5m_tokens=written - long_lived,
            cache_write_1h_tokens=long_lived,
            output_tokens=output,
            reasoning_tokens=min(known.get("reasoning", 0), output),
            web_searches=known.get("searches", 0),
            source=UsageSource.INVALID if self._invalid else UsageSource.REPORTED,
        )

    def _take(self, name: str, value: object) -> None:
        if value is None:
            return
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_TOKENS:
            self._invalid = True
            value = 0
        self._known[name] = value


def write_usage(usage: Usage) -> dict[str, Any]:
    """The `usage` object of an answer."""
    written: dict[str, Any] = {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "output_tokens": usage.output_tokens,
    }
    if usage.cache_write_tokens:
        written["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write_5m_tokens,
            "ephemeral_1h_input_tokens": usage.cache_write_1h_tokens,
        }
    if usage.reasoning_tokens:
        written["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    if usage.web_searches:
        written["server_tool_use"] = {"web_search_requests": usage.web_searches, "web_fetch_requests": 0}
    return written
