"""Tools and tool choice of a Gemini client -> neutral ones: its own functions, and what Google runs."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.dialects.body import invalid
from app.dialects.gemini import wire_in as wire
from app.dialects.gemini.parts_read import unsupported
from app.dialects.gemini.schema_read import json_schema
from app.domain.request import Tool, ToolChoice, ToolChoiceMode

_MODES = {
    "AUTO": ToolChoiceMode.AUTO,
    "VALIDATED": ToolChoiceMode.AUTO,
    "ANY": ToolChoiceMode.REQUIRED,
    "NONE": ToolChoiceMode.NONE,
}
_MODE_WORDS = '"AUTO", "ANY", "NONE" or "VALIDATED"'
_NOT_SAID = "MODE_UNSPECIFIED"
_CHOICE_AT = "toolConfig.functionCallingConfig"


class ToolReader:
    """Reads the tools of one request; `dropped` names what other vendors know nothing of."""

    def __init__(self) -> None:
        self.dropped: dict[str, None] = {}

    def tools(self, tools: list[wire.ToolIn]) -> tuple[Tool, ...]:
        """The tools, in order; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with the place."""
        return tuple(one for index, tool in enumerate(tools) for one in self._tool(tool, f"tools.{index}"))

    def choice(
        self, config: wire.ToolConfigIn | None, tools: tuple[Tool, ...]
    ) -> tuple[ToolChoice | None, tuple[Tool, ...]]:
        """The tool choice, and of the tools those that it allows."""
        if config is None:
            return None, tools
        if wire.given(config.retrieval_config):
            self.dropped["toolConfig.retrievalConfig"] = None
        calling = config.function_calling_config
        word = (calling.mode or _NOT_SAID).upper() if calling else _NOT_SAID
        if calling is None or word == _NOT_SAID:
            return None, tools
        mode = _MODES.get(word)
        if mode is None:
            raise invalid(f'Expected {_MODE_WORDS}, got "{word[:40]}"', f"{_CHOICE_AT}.mode")
        allowed = list(dict.fromkeys(calling.allowed_function_names or ()))
        if not allowed or mode is ToolChoiceMode.NONE:
            return ToolChoice(mode), tools
        _check(allowed, tools)
        if mode is ToolChoiceMode.REQUIRED and len(allowed) == 1:
            return ToolChoice(ToolChoiceMode.NAMED, allowed[0]), tools
        return ToolChoice(mode), tuple(tool for tool in tools if tool.kind or tool.name in allowed)

    def _tool(self, tool: wire.ToolIn, at: str) -> Iterator[Tool]:
        for index, function in enumerate(tool.function_declarations or ()):
            yield self._function(function, f"{at}.functionDeclarations.{index}")
        yield from self._searches(tool)
        if wire.given(tool.url_context):
            yield Tool("urlContext", kind="web_fetch", json=b"{}")
        for name, raw in (
            ("computerUse", tool.computer_use),
            ("fileSearch", tool.file_search),
            ("retrieval", tool.retrieval),
            ("mcpServers", tool.mcp_servers),
        ):
            if wire.given(raw):
                raise unsupported(f"the tool {name}, which Google runs,", f"{at}.{name}")
        for name, raw in (("tools.codeExecution", tool.code_execution), ("tools.googleMaps", tool.google_maps)):
            if wire.given(raw):
                self.dropped[name] = None

    def _function(self, function: wire.DeclarationIn, at: str) -> Tool:
        if not function.name:
            raise invalid("field required", f"{at}.name")
        for name, raw in (
            ("tools.functionDeclarations.response", function.response),
            ("tools.functionDeclarations.responseJsonSchema", function.response_json_schema),
            ("tools.functionDeclarations.behavior", function.behavior),
        ):
            if wire.given(raw):
                self.dropped[name] = None
        schema = b""
        if wire.given(function.parameters_json_schema):
            schema = json_schema(function.parameters_json_schema, f"{at}.parametersJsonSchema")
        elif wire.given(function.parameters):
            schema = json_schema(function.parameters, f"{at}.parameters")
        return Tool(function.name, function.description or "", schema)

    def _searches(self, tool: wire.ToolIn) -> Iterator[Tool]:
        """The web search, under any of Google's names, with the wishes that other vendors know too."""
        search = tool.google_search
        older = wire.given(tool.google_search_retrieval) or wire.given(tool.enterprise_web_search)
        if search is None and not older:
            return
        wishes = {}
        if search is not None and search.exclude_domains:
            wishes["blocked_domains"] = search.exclude_domains
        yield Tool("googleSearch", kind="web_search", json=msgspec.json.encode(wishes))
        if search is None:
            return
        for name, raw in (
            ("tools.googleSearch.blockingConfidence", search.blocking_confidence),
            ("tools.googleSearch.searchTypes", search.search_types),
            ("tools.googleSearch.timeRangeFilter", search.time_range_filter),
        ):
            if wire.given(raw):
                self.dropped[name] = None


def _check(allowed: list[str], tools: tuple[Tool, ...]) -> None:
    known = {tool.name for tool in tools}
    for name in allowed:
        if name not in known:
            raise invalid(f"{name[:80]} is not among the tools", f"{_CHOICE_AT}.allowedFunctionNames")
