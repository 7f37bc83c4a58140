"""What a request needs and a target cannot do. What the request needs is asked only where a target is bounded in it."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.provider import DialectName
from app.domain.route import Target
from app.domain.routing import Facts
from app.proxy.fleet.windows import Windows

_SEARCH_MODEL = "search"
"""OpenAI's chat models that search the web have it in their names."""


def lacks(target: Target, facts: Facts, windows: Windows) -> str:
    """Why the target would not do, in words; empty where it would as far as anyone knows."""
    profile = target.provider.profile
    if profile.images == "none" and facts.image:
        return "cannot take images"
    if not profile.tools and facts.tools:
        return "cannot call tools"
    if not _searches(target, facts.dialect) and facts.web_search:
        return "cannot search the web"
    window_tokens = windows.tokens(target.provider, target.model)
    if window_tokens and facts.prompt_tokens > window_tokens:
        return f"takes {window_tokens:,} tokens, this prompt has about {facts.prompt_tokens:,}"
    return ""


def lacking(targets: Sequence[Target], facts: Facts, windows: Windows) -> tuple[str, ...]:
    """Why each target is passed over, whoever has a key; empty for all where none would do, for then all are asked."""
    found = tuple(lacks(target, facts, windows) for target in targets)
    return found if "" in found else ("",) * len(found)


def _searches(target: Target, dialect: str) -> bool:
    """Whether the offer of a web search can reach the vendor: as it is, or in a dialect that has a word for it."""
    provider = target.provider
    if provider.dialect is not DialectName.OPENAI_CHAT or dialect == provider.dialect:
        return True
    if any(dialect == name for name, _ in provider.endpoints):
        return True
    kind = provider.profile.kind
    return kind == "openrouter" or (kind == "openai" and _SEARCH_MODEL in target.model)
