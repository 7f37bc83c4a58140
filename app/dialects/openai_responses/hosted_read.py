"""Calls that OpenAI ran itself, or asked the client to run in a form of its own, as short texts.

Another vendor's model cannot be shown such an item, but it must know what happened: what was searched, run, answered.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.dialects.body import decode
from app.dialects.openai_responses import wire_in
from app.domain.provider import DialectName
from app.domain.request import Foreign, Role

HOSTED = frozenset(
    {
        *("file_search_call", "computer_call", "computer_call_output", "image_generation_call"),
        *("code_interpreter_call", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output"),
        *("apply_patch_call", "apply_patch_call_output", "mcp_list_tools", "mcp_approval_request"),
        *("mcp_approval_response", "mcp_call", "program", "program_output"),
    }
)
_BY_USER = frozenset({"mcp_approval_response"})
_SHOWN = (
    *("server_label", "name", "action", "operation", "arguments", "code", "queries", "results", "revised_prompt"),
    *("approve", "reason", "output", "outputs", "result", "error"),
)
"""Members worth showing, in this order."""
_PICTURE_CHARS = 1000
"""A string beyond this without a space is data, not text."""
_SEARCH = msgspec.json.Decoder(wire_in.SearchCallIn)
_ITEM = msgspec.json.Decoder(dict[str, Any])


def read_hosted(kind: str, raw: msgspec.Raw, at: str) -> tuple[Role, Foreign]:
    """Who an item of a kind in `HOSTED` is to be told by, and the item with its text."""
    item = decode(_ITEM, raw, at)
    shown = {name: _brief(item[name]) for name in _SHOWN if item.get(name) not in (None, "", [], {})}
    if kind == "image_generation_call":
        shown.pop("result", None)
    said = " " + msgspec.json.encode(shown).decode() if shown else ""
    role = Role.USER if kind.endswith("_output") or kind in _BY_USER else Role.ASSISTANT
    return role, _foreign(kind, raw, f"[{kind}{said}]")


def read_search(raw: msgspec.Raw, at: str) -> Foreign:
    """A web search in the words that conversions from every dialect use for one."""
    action = decode(_SEARCH, raw, at).action or wire_in.SearchActionIn()
    looked = action.query or "; ".join(action.queries or ()) or action.url or ""
    return _foreign("web_search_call", raw, f'[web search "{looked}"]')


def _foreign(kind: str, raw: msgspec.Raw, text: str) -> Foreign:
    return Foreign(DialectName.OPENAI_RESPONSES, kind, bytes(raw), text)


def _brief(value: Any) -> Any:
    """The value without pictures and other data."""
    if isinstance(value, str):
        data = value.startswith("data:") or (len(value) > _PICTURE_CHARS and not any(map(str.isspace, value)))
        return "(data)" if data else value
    if isinstance(value, list):
        return [_brief(one) for one in value]
    if isinstance(value, dict):
        return {name: _brief(one) for name, one in value.items()}
    return value
