"""What routing rules ask of a Gemini request, in either of Google's spellings.

Gemini CLI's side tasks (which model to take, who speaks next, summaries) offer the model no tools; its turns do.
"""

from __future__ import annotations

import re

import msgspec

from app.dialects import partial
from app.dialects.base import BodyFacts

_IMAGE = re.compile(rb'"mime_?[tT]ype"[ \t\r\n]*:[ \t\r\n]*"image/')
_ITEMS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_NUMBER = msgspec.json.Decoder(int | str, strict=False)
_NOTHING = (b"", b"null", b"[]")
_SEARCHES = ("googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval")
_CONFIGS = ("generationConfig", "generation_config")
_BOUNDS = ("maxOutputTokens", "max_output_tokens")
_ANSWERS = ("candidateCount", "candidate_count")
_FUNCTIONS = ("functionDeclarations", "function_declarations")


def facts(body: bytes) -> BodyFacts:
    """See `base.Dialect`."""
    given = partial.members(body)
    if "contents" not in given:  # a count of tokens, which has either contents of its own or a request inside
        given = partial.members(partial.either(given, "generateContentRequest", "generate_content_request")) or given
    configs = [partial.members(given.get(name, b"")) for name in _CONFIGS]
    config = configs[1] | configs[0]
    tools = _tools(given.get("tools", b""))
    own = any(bytes(partial.either(tool, *_FUNCTIONS)) not in _NOTHING for tool in tools)
    return BodyFacts(
        output_tokens=partial.most(*(one.get(name) for one in configs for name in _BOUNDS)),
        answers=partial.most(*(one.get(name) for one in configs for name in _ANSWERS)) or 1,
        thinking=_thinks(partial.members(partial.either(config, "thinkingConfig", "thinking_config"))),
        tools=own,
        web_search=any(name in tool for tool in tools for name in _SEARCHES),
        image=b'"image/' in body and _IMAGE.search(body) is not None,
        side_task=not own,
        first_text=partial.first_user_text(given.get("contents"), ("user", None)),
    )


def _tools(data: msgspec.Raw | bytes) -> list[partial.Members]:
    """One object stands for a list of one."""
    found = partial.value(_ITEMS, data, None)
    return found if found is not None else [one for one in (partial.members(data),) if one]


def _thinks(config: partial.Members) -> bool:
    level = partial.text(config.get("thinkingLevel") or config.get("thinking_level"))
    if level:
        return level.lower() != "thinking_level_unspecified"
    budget = partial.value(_NUMBER, config.get("thinkingBudget") or config.get("thinking_budget"), 0)
    return budget not in (0, "0", None)
