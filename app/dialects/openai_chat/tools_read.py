"""Tools, tool choice and their older forms in a chat client's request -> neutral ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from app.dialects.body import invalid
from app.dialects.openai_chat import wire
from app.dialects.openai_schema import FREE_TEXT
from app.domain.request import Tool, ToolChoice, ToolChoiceMode

_WORDS = {"auto": ToolChoiceMode.AUTO, "none": ToolChoiceMode.NONE, "required": ToolChoiceMode.REQUIRED}


class _Grammar(msgspec.Struct):
    syntax: str = ""
    definition: str = ""


class _Format(msgspec.Struct):
    grammar: _Grammar | None = None


_FORMAT = msgspec.json.Decoder(_Format)


def read_tools(request: wire.RequestIn) -> tuple[Tool, ...]:
    """The tools in order, only those that `allowed_tools` leaves; raises PatchbayError INVALID_REQUEST with `param`."""
    tools = [_tool(tool, f"tools.{index}") for index, tool in enumerate(request.tools or ())]
    tools += [_function(function) for function in request.functions or ()]
    allowed = _allowed(request)
    if allowed is not None:
        names = {tool.tool_name() for tool in allowed.tools}
        tools = [tool for tool in tools if tool.name in names]
    return (*tools, *_search(request.web_search_options))


def read_tool_choice(request: wire.RequestIn) -> ToolChoice | None:
    """The tool choice; raises PatchbayError INVALID_REQUEST with `param`."""
    choice, field = request.tool_choice, "tool_choice"
    if choice is None and request.function_call is not None:
        choice, field = _modern(request.function_call), "function_call"
    if choice is None:
        return None
    if isinstance(choice, str):
        return ToolChoice(_mode(choice, field))
    if choice.allowed_tools is not None:
        return ToolChoice(_mode(choice.allowed_tools.mode, f"{field}.allowed_tools.mode"))
    named = choice.function or choice.custom
    if named is None:
        raise invalid("a function or an allowed_tools is required", field)
    return ToolChoice(ToolChoiceMode.NAMED, named.name)


def _mode(word: str, field: str) -> ToolChoiceMode:
    mode = _WORDS.get(word)
    if mode is None:
        raise invalid(f'Expected "auto", "none" or "required", got "{word[:40]}"', field)
    return mode


def _modern(old: str | wire.Named) -> str | wire.ToolChoiceIn:
    return old if isinstance(old, str) else wire.ToolChoiceIn(function=old)


def _allowed(request: wire.RequestIn) -> wire.AllowedTools | None:
    choice = request.tool_choice
    return choice.allowed_tools if isinstance(choice, wire.ToolChoiceIn) else None


def _tool(tool: wire.ToolIn, at: str) -> Tool:
    if tool.function is not None:
        return _function(tool.function)
    if tool.custom is not None:
        description = "\n\n".join(text for text in (tool.custom.description, _grammar(tool.custom)) if text)
        return Tool(tool.custom.name, description, FREE_TEXT, custom=True)
    if tool.type in {"function", "custom"}:
        raise invalid("the field is required", f"{at}.{tool.type}")
    raise invalid(f'Expected "function" or "custom", got "{tool.type[:40]}"', f"{at}.type")


def _function(function: wire.FunctionIn) -> Tool:
    given = bytes(function.parameters) if wire.given(function.parameters) else b""
    return Tool(function.name, function.description or "", given, function.strict)


def _grammar(custom: wire.CustomIn) -> str:
    """The grammar that binds a tool's text, as a sentence: only its own vendor can enforce it."""
    if not wire.given(custom.format):
        return ""
    try:
        grammar = _FORMAT.decode(custom.format).grammar
    except msgspec.DecodeError:
        return ""
    if grammar is None:
        return ""
    return f"The input must match this {grammar.syntax} grammar:\n{grammar.definition}"


def _search(options: wire.WebSearchOptions | None) -> Iterator[Tool]:
    """The built-in web search as a vendor tool, in the flat form that other vendors' tools have."""
    if options is None:
        return
    flat: dict[str, Any] = {}
    place = options.user_location.approximate if options.user_location else None
    if place:
        flat["user_location"] = {"type": "approximate", **place}
    if options.search_context_size:
        flat["search_context_size"] = options.search_context_size
    yield Tool("web_search", kind="web_search", json=msgspec.json.encode(flat))
