"""Tools and tool choice of a Responses request -> neutral ones.

A namespace's tools get flat names, and a tool search that the client runs itself is a function like any other; what
only OpenAI can run is left out and named, or refused where it is forced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.dialects.body import decode, invalid
from app.dialects.notes import Notes
from app.dialects.openai_files import unsupported
from app.dialects.openai_responses import wire_in
from app.dialects.openai_schema import FREE_TEXT
from app.domain.request import Tool, ToolChoice, ToolChoiceMode

TOOL_SEARCH = "tool_search"
WEB_SEARCH = "web_search"
_WORDS = {"auto": ToolChoiceMode.AUTO, "none": ToolChoiceMode.NONE, "required": ToolChoiceMode.REQUIRED}
_TOOL = msgspec.json.Decoder(wire_in.ToolIn)
_GRAMMAR = msgspec.json.Decoder(wire_in.GrammarIn)


def flat_name(name: str, namespace: str | None) -> str:
    """The one name of a tool for upstreams that know no namespaces."""
    return f"{namespace}__{name}" if namespace else name


class ToolReader:
    """Collects the tools of one request, those that items bring along with those it begins with."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._tools: dict[str, Tool] = {}

    def add(self, raws: Sequence[msgspec.Raw], at: str) -> tuple[Tool, ...]:
        """Read some tools, of which each name counts once; raises PatchbayError INVALID_REQUEST with the place."""
        found: list[Tool] = []
        for index, raw in enumerate(raws):
            found += self._read(raw, f"{at}.{index}")
        for tool in found:
            self._tools.setdefault(tool.name, tool)
        return tuple(found)

    def tools(self, choice: str | wire_in.ChoiceIn | None) -> tuple[Tool, ...]:
        """The tools in order, only those that `allowed_tools` leaves."""
        tools = tuple(self._tools.values())
        if not isinstance(choice, wire_in.ChoiceIn) or choice.type != "allowed_tools":
            return tools
        wanted = choice.tools or []
        return tuple(tool for tool in tools if any(_is(tool, one) for one in wanted))

    def choice(self, choice: str | wire_in.ChoiceIn | None) -> ToolChoice | None:
        """The tool choice; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
        if choice is None:
            return None
        if isinstance(choice, str):
            return ToolChoice(_mode(choice, "tool_choice"))
        if choice.type == "allowed_tools":
            return ToolChoice(_mode(choice.mode, "tool_choice.mode"))
        if choice.type in {"function", "custom"}:
            if not choice.name:
                raise invalid("the tool's name is required", "tool_choice.name")
            return ToolChoice(ToolChoiceMode.NAMED, flat_name(choice.name, choice.namespace))
        named = WEB_SEARCH if choice.type.startswith(WEB_SEARCH) else choice.type
        if named in self._tools and self._tools[named].kind:
            return ToolChoice(ToolChoiceMode.NAMED, named)
        raise unsupported(f"the tool {choice.type[:40]}", "tool_choice")

    def _read(self, raw: msgspec.Raw, at: str, namespace: str = "") -> list[Tool]:
        tool = decode(_TOOL, raw, at)
        if tool.type == "namespace" and not namespace:
            return self._grouped(tool, at)
        if tool.type in {"function", "custom"}:
            return [self._client_tool(tool, at, namespace)]
        if tool.type.startswith(WEB_SEARCH):
            return [Tool(WEB_SEARCH, kind=WEB_SEARCH, json=_search(tool, raw))]
        if tool.type == TOOL_SEARCH and tool.execution == "client" and wire_in.given(tool.parameters):
            description = tool.description or "Find further tools by what they do."
            return [Tool(TOOL_SEARCH, description, bytes(tool.parameters), kind=TOOL_SEARCH, json=bytes(raw))]
        self._notes.drop(f"tools.{tool.type[:40]}")
        return []

    def _grouped(self, group: wire_in.ToolIn, at: str) -> list[Tool]:
        if not group.name:
            raise invalid("the namespace's name is required", f"{at}.name")
        if group.description:
            self._notes.drop("tools.namespace.description")
        found: list[Tool] = []
        for index, raw in enumerate(group.tools or ()):
            found += self._read(raw, f"{at}.tools.{index}", group.name)
        return found

    def _client_tool(self, tool: wire_in.ToolIn, at: str, namespace: str) -> Tool:
        if not tool.name:
            raise invalid("the tool's name is required", f"{at}.name")
        self._note(tool)
        name = flat_name(tool.name, namespace)
        if tool.type == "custom":
            described = "\n\n".join(text for text in (tool.description, _grammar(tool, at)) if text)
            return Tool(name, described, FREE_TEXT, custom=True, namespace=namespace)
        schema = bytes(tool.parameters) if wire_in.given(tool.parameters) else b""
        return Tool(name, tool.description or "", schema, tool.strict, namespace=namespace)

    def _note(self, tool: wire_in.ToolIn) -> None:
        if wire_in.given(tool.allowed_callers):
            self._notes.drop("tools.allowed_callers")
        if wire_in.given(tool.output_schema):
            self._notes.drop("tools.output_schema")
        if tool.defer_loading:
            self._notes.drop("tools.defer_loading")


def _mode(word: str, field: str) -> ToolChoiceMode:
    mode = _WORDS.get(word)
    if mode is None:
        raise invalid(f'Expected "auto", "none" or "required", got "{word[:40]}"', field)
    return mode


def _is(tool: Tool, pointed: wire_in.ChoiceIn) -> bool:
    """Whether an entry of `allowed_tools` means a tool."""
    if pointed.type == "namespace":
        return bool(tool.namespace) and tool.namespace == pointed.name
    if pointed.type in {"function", "custom"}:
        return not tool.kind and tool.name == flat_name(pointed.name or "", pointed.namespace)
    return bool(tool.kind) and pointed.type.startswith(tool.kind)


def _grammar(tool: wire_in.ToolIn, at: str) -> str:
    """The grammar that binds a tool's text, as a sentence: only its own vendor can enforce it."""
    if not wire_in.given(tool.format):
        return ""
    grammar = decode(_GRAMMAR, tool.format, f"{at}.format")
    if grammar.type != "grammar":
        return ""
    return f"The input must match this {grammar.syntax} grammar:\n{grammar.definition}"


def _search(tool: wire_in.ToolIn, raw: msgspec.Raw) -> bytes:
    """The web search as it was, with its options where other vendors have them too."""
    flat: dict[str, Any] = msgspec.json.decode(raw)
    if tool.filters and tool.filters.allowed_domains:
        flat["allowed_domains"] = tool.filters.allowed_domains
    place = {name: value for name, value in (tool.user_location or {}).items() if value is not None}
    if len(place) > 1:
        flat["user_location"] = {"type": "approximate", **place}
    else:
        flat.pop("user_location", None)
    return msgspec.json.encode(flat)
