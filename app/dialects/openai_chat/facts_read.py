"""What routing rules ask of a chat request. No coding agent that we know marks its side tasks in this dialect."""

from __future__ import annotations

import re

import msgspec

from app.dialects import partial
from app.dialects.base import BodyFacts

_IMAGE = re.compile(rb'"type"[ \t\r\n]*:[ \t\r\n]*"image_url"')
_ABSENT = (b"", b"null")
_TOOLS = msgspec.json.Decoder(list[msgspec.Raw])
_NO_EFFORT = ("", "none")


class _Reasoning(msgspec.Struct):
    effort: str | None = None
    max_tokens: int | None = None
    enabled: bool | None = None


_REASONING = msgspec.json.Decoder(_Reasoning)


def facts(body: bytes) -> BodyFacts:
    """See `base.Dialect`."""
    given = partial.members(body)
    offered = [partial.value(_TOOLS, given.get(name), None) for name in ("tools", "functions")]
    return BodyFacts(
        output_tokens=partial.most(given.get("max_completion_tokens"), given.get("max_tokens")),
        answers=partial.most(given.get("n"), given.get("best_of")) or 1,
        thinking=_thinks(given),
        tools=any(offered),
        web_search=bytes(given.get("web_search_options", b"")) not in _ABSENT,
        image=b'"image_url"' in body and _IMAGE.search(body) is not None,
        first_text=partial.first_user_text(given.get("messages")),
    )


def _thinks(given: partial.Members) -> bool:
    """OpenAI's form or OpenRouter's."""
    options = partial.value(_REASONING, given.get("reasoning"), None) or _Reasoning()
    effort = partial.text(given.get("reasoning_effort")) or options.effort or ""
    if effort == "none" or options.enabled is False:
        return False
    return effort not in _NO_EFFORT or bool(options.enabled) or bool(options.max_tokens)
