"""Neutral tools and tool choice -> Anthropic's, with the forced tool that stands in for structured output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from app.dialects.anthropic_messages.blocks_write import BlockWriter
from app.dialects.anthropic_messages.families import Family
from app.dialects.anthropic_messages.schema import for_input, is_closed
from app.dialects.names import ToolNames
from app.dialects.web_search import search_options
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Format, Request, Tool, ToolChoice, ToolChoiceMode

JSON_TOOL = "json_output"
SEARCH_TYPE = "web_search_20250305"
_DATED = re.compile(r"[a-z_]+_20\d{6}")
_SEARCH_MEMBERS = ("max_uses", "allowed_domains", "blocked_domains", "user_location")
_FREE_TEXT = b'{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}'
_MODES = {ToolChoiceMode.AUTO: "auto", ToolChoiceMode.REQUIRED: "any", ToolChoiceMode.NONE: "none"}
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class ToolWriter:
    """Writes the tools of one request."""

    def __init__(
        self, request: Request, family: Family, profile: Profile, names: ToolNames, blocks: BlockWriter
    ) -> None:
        self._request = request
        self._family = family
        self._profile = profile
        self._names = names
        self._blocks = blocks
        self.dropped: list[str] = []

    def tools(self) -> list[dict[str, Any] | msgspec.Raw]:
        """The tools, each name once, as many as the upstream takes."""
        unique = {tool.name or tool.kind: tool for tool in reversed(self._request.tools)}
        tools = [tool for tool in self._request.tools if unique.pop(tool.name or tool.kind, None) is not None]
        written = [one for tool in tools if (one := self._tool(tool)) is not None]
        if len(written) > self._profile.max_tools:
            self.dropped.append(f"tools[{self._profile.max_tools}:]")
        return written[: self._profile.max_tools]

    def choice(self, *, json_tool: bool) -> dict[str, Any] | None:
        """The tool choice for a request that has tools."""
        if json_tool:
            alone = not self._request.tools
            return {"type": "tool", "name": JSON_TOOL} if alone else {"type": "any"}
        if not self._profile.tool_choice:
            if self._request.tool_choice is not None:
                self.dropped.append("tool_choice")
            return None
        choice = self._request.tool_choice
        serial = self._request.parallel_tool_calls is False
        if choice is None and not serial:
            return None
        written = self._mode(choice or ToolChoice(ToolChoiceMode.AUTO))
        if serial and written["type"] != "none":
            written["disable_parallel_tool_use"] = True
        return written

    def _mode(self, choice: ToolChoice) -> dict[str, Any]:
        if choice.mode is ToolChoiceMode.NAMED:
            return {"type": "tool", "name": self._names.upstream(choice.name)}
        return {"type": _MODES[choice.mode]}

    def _tool(self, tool: Tool) -> dict[str, Any] | msgspec.Raw | None:
        if _DATED.fullmatch(tool.kind) and tool.json:
            return msgspec.Raw(tool.json)
        if tool.kind.startswith("web_search"):
            for field in search_options(tool).unmet(*_SEARCH_MEMBERS):
                self.dropped.append(f"tools.web_search.{field}")
            return self._blocks.mark(_search(tool), tool.cache)
        if tool.kind and not tool.schema:
            self._refuse(tool)
            return None
        schema = _FREE_TEXT if tool.custom and not tool.schema else tool.schema
        written: dict[str, Any] = {"name": self._names.upstream(tool.name)}
        if tool.description:
            written["description"] = tool.description
        written["input_schema"] = for_input(schema)
        if tool.strict:
            if self._profile.strict_tools and self._family.output_format and is_closed(schema):
                written["strict"] = True
            else:
                self.dropped.append(f"tools.{tool.name}.strict")
        return self._blocks.mark(written, tool.cache)

    def _refuse(self, tool: Tool) -> None:
        name = tool.name or tool.kind
        forced = self._request.tool_choice
        if forced is not None and forced.mode is ToolChoiceMode.NAMED and forced.name == name:
            raise PatchbayError(
                ErrorKind.UNSUPPORTED, f"tools: {name} is not available on this upstream.", param="tools"
            )
        self.dropped.append(f"tools.{name}")


def format_tool(wanted: Format) -> dict[str, Any]:
    """The tool whose input is the structured output, for models that know no output format."""
    return {
        "name": JSON_TOOL,
        "description": "Give the answer as the input of this tool.",
        "input_schema": for_input(wanted.schema),
    }


def stub_tools(names: Sequence[str]) -> list[dict[str, Any]]:
    """Tools for a history that calls some although the request offers none."""
    return [{"name": name, "input_schema": {"type": "object"}} for name in dict.fromkeys(names)]


def _search(tool: Tool) -> dict[str, Any]:
    """The vendor's own search for any dialect's."""
    written: dict[str, Any] = {"type": SEARCH_TYPE, "name": "web_search"}
    try:
        given = _OBJECT.decode(tool.json) if tool.json else {}
    except msgspec.DecodeError:
        given = {}
    for name in _SEARCH_MEMBERS:
        if name in given and bytes(given[name]) != b"null":
            written[name] = given[name]
    return written
