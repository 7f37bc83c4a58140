"""What routing rules ask of a Messages request.

Claude Code marks a subagent's requests in the billing line of its system prompt (`cc_is_subagent=true`, from 2.1.20x);
its titles, summaries and web searches offer the model no tool of its own, which the conversation itself always does.
"""

from __future__ import annotations

import re

import msgspec

from app.dialects import partial
from app.dialects.base import BodyFacts

_IMAGE = re.compile(rb'"type"[ \t\r\n]*:[ \t\r\n]*"image"')
_SUBAGENT = b"cc_is_subagent=true"
_OWN = ("custom", "bash_", "text_editor_", "computer_", "memory_")
"""Tools that the client runs; those of any other type run at the vendor."""
_WEB_SEARCH = "web_search"


class _Tool(msgspec.Struct):
    type: str | None = None


class _Thinking(msgspec.Struct):
    type: str = ""


_TOOLS = msgspec.json.Decoder(list[_Tool])
_THINKING = msgspec.json.Decoder(_Thinking)


def facts(body: bytes) -> BodyFacts:
    """See `base.Dialect`."""
    given = partial.members(body)
    types = [tool.type or "custom" for tool in partial.value(_TOOLS, given.get("tools"), None) or ()]
    thinking = partial.value(_THINKING, given.get("thinking"), None)
    own = any(one.startswith(_OWN) for one in types)
    return BodyFacts(
        output_tokens=partial.most(given.get("max_tokens")),
        thinking=thinking is not None and thinking.type in ("enabled", "adaptive"),
        tools=own,
        web_search=any(one.startswith(_WEB_SEARCH) for one in types),
        image=b'"image"' in body and _IMAGE.search(body) is not None,
        side_task=not own or _SUBAGENT in bytes(given.get("system", b"")),
        first_text=partial.first_user_text(given.get("messages")),
    )
