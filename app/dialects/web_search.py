"""A vendor's web search tool, whoever's client described it: the wishes that other vendors know too.

Sources: Anthropic, "Web search tool" (`allowed_domains`, `blocked_domains`, `max_uses`, `user_location`); OpenAI, "Web
search" (`filters`, `search_context_size`, `external_web_access`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.domain.request import Tool


class _Filters(msgspec.Struct):
    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None


class _Tool(msgspec.Struct):
    max_uses: int | None = None
    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None
    user_location: dict[str, Any] | None = None
    filters: _Filters | None = None
    search_context_size: str | None = None


_TOOL = msgspec.json.Decoder(_Tool)


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What the client wants of a search; empty where it said nothing."""

    max_uses: int | None = None
    allowed_domains: list[str] = field(default_factory=list)
    blocked_domains: list[str] = field(default_factory=list)
    place: dict[str, Any] = field(default_factory=dict)
    """Roughly where the user is: `city`, `region`, `country`, `timezone`."""
    context_size: str = ""
    """OpenAI's "low", "medium" or "high"."""

    def unmet(self, *met: str) -> list[str]:
        """The wishes that an upstream does not know, as clients spell them; `met` are those that it does."""
        wishes = {
            "max_uses": self.max_uses,
            "allowed_domains": self.allowed_domains,
            "blocked_domains": self.blocked_domains,
            "user_location": self.place,
            "search_context_size": self.context_size,
        }
        return [name for name, wish in wishes.items() if wish and name not in met]

    def for_router(self) -> dict[str, Any]:
        """As OpenRouter's own search takes them, in both of its dialects (openrouter.ai/docs, "Web search")."""
        wishes = {
            "max_uses": self.max_uses,
            "allowed_domains": self.allowed_domains,
            "excluded_domains": self.blocked_domains,
        }
        return {name: wish for name, wish in wishes.items() if wish}


def search_options(tool: Tool) -> SearchOptions:
    """The wishes in a tool's own JSON; none where it cannot be read."""
    try:
        wired = _TOOL.decode(tool.json)
    except (msgspec.DecodeError, RecursionError):
        return SearchOptions()
    filters = wired.filters or _Filters()
    place = dict(wired.user_location or {})
    place.pop("type", None)
    return SearchOptions(
        max_uses=wired.max_uses,
        allowed_domains=wired.allowed_domains or filters.allowed_domains or [],
        blocked_domains=wired.blocked_domains or filters.blocked_domains or [],
        place=place,
        context_size=wired.search_context_size or "",
    )
