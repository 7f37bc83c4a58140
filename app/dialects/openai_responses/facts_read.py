"""What routing rules ask of a Responses request. Codex names a subagent in a header and in `client_metadata`."""

from __future__ import annotations

import re

import msgspec

from app.dialects import partial
from app.dialects.base import BodyFacts

SUBAGENT = "x-openai-subagent"
_IMAGE = re.compile(rb'"type"[ \t\r\n]*:[ \t\r\n]*"(?:input_image|computer_screenshot)"')
_WEB_SEARCH = "web_search"
_OWN = frozenset({"function", "custom", "namespace", "local_shell", "shell", "apply_patch", "computer_use_preview"})
"""Tools that the client runs."""


class _Tool(msgspec.Struct):
    type: str = ""
    execution: str | None = None


class _Reasoning(msgspec.Struct):
    effort: str | None = None


_TOOLS = msgspec.json.Decoder(list[_Tool])
_REASONING = msgspec.json.Decoder(_Reasoning)
_NO_BACKGROUND = (b"", b"null", b"false")


def facts(body: bytes) -> BodyFacts:
    """See `base.Dialect`."""
    given = partial.members(body)
    tools = partial.value(_TOOLS, given.get("tools"), None) or ()
    reasoning = partial.value(_REASONING, given.get("reasoning"), None)
    wanted = given.get("input")
    return BodyFacts(
        output_tokens=partial.most(given.get("max_output_tokens")),
        thinking=reasoning is not None and reasoning.effort not in (None, "", "none"),
        tools=any(tool.type in _OWN or tool.execution == "client" for tool in tools),
        web_search=any(tool.type.startswith(_WEB_SEARCH) for tool in tools),
        background=bytes(given.get("background", b"")) not in _NO_BACKGROUND,
        image=(b'"input_image"' in body or b'"computer_screenshot"' in body) and _IMAGE.search(body) is not None,
        side_task=bool(partial.text(partial.members(given.get("client_metadata", b"")).get(SUBAGENT))),
        first_text=partial.without_reminders(partial.text(wanted)) or partial.first_user_text(wanted),
    )
