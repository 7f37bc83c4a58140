"""Tools for a Responses upstream: functions, free-text tools as such, web search where the upstream has one.

For what it cannot have see `tool_offer`.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from app.dialects import openai_schema, tool_offer
from app.dialects.names import ToolNames
from app.dialects.notes import Notes
from app.dialects.openai_responses import wire_out
from app.dialects.web_search import search_options
from app.domain.provider import Profile
from app.domain.request import Request, Tool, ToolChoiceMode

_OPENAI = frozenset({"openai", "azure"})


class ToolWriter:
    """Writes the tools of one request into its body."""

    def __init__(self, profile: Profile, names: ToolNames, notes: Notes) -> None:
        self._profile = profile
        self._names = names
        self._notes = notes
        self._left_out: set[str] = set()
        self._searches: set[str] = set()

    def write(self, body: wire_out.Body, request: Request) -> None:
        """Set `tools`, `tool_choice`, `parallel_tool_calls` and `max_tool_calls`."""
        for tool in tool_offer.wanted(request, self._profile.max_tools, self._notes):
            written = self._tool(tool, body)
            if written is not None:
                body.tools.append(written)
        tool_offer.say_missing(request, self._left_out, self._searches, self._notes)
        if not body.tools:
            return
        choice = request.tool_choice
        if choice is not None and choice.mode is not ToolChoiceMode.AUTO:
            self._force(body, choice.mode, choice.name)
        if body.tools and tool_offer.one_at_a_time(request, self._profile, self._notes):
            body.parallel_tool_calls = False

    def _tool(self, tool: Tool, body: wire_out.Body) -> wire_out.ToolOut | None:
        if tool.custom:
            return wire_out.CustomOut(self._names.upstream(tool.name), tool.description)
        if tool_offer.is_function(tool):
            strict = bool(tool.strict and self._profile.strict_tools and openai_schema.qualifies(tool.schema))
            parameters = openai_schema.parameters(tool.schema)
            return wire_out.FunctionOut(self._names.upstream(tool.name), parameters, strict, tool.description)
        if tool.kind.startswith("web_search"):
            self._searches.add(tool.name or tool.kind)
            if self._profile.kind in _OPENAI:
                return self._search(tool, body)
            if self._profile.kind == "openrouter":
                return self._router_search(tool)
        self._left_out.add(tool_offer.leave_out(tool, self._notes))
        return None

    def _search(self, tool: Tool, body: wire_out.Body) -> wire_out.SearchOut:
        options = search_options(tool)
        body.max_tool_calls = options.max_uses  # it counts the calls of the vendor's own tools, of which this is one
        for field in options.unmet("max_uses", "allowed_domains", "user_location", "search_context_size"):
            self._notes.drop(f"tools.web_search.{field}")
        return wire_out.SearchOut(
            filters={"allowed_domains": options.allowed_domains} if options.allowed_domains else {},
            user_location={"type": "approximate", **options.place} if options.place else {},
            search_context_size=options.context_size,
        )

    def _router_search(self, tool: Tool) -> wire_out.RouterSearchOut:
        options = search_options(tool)
        for field in options.unmet("max_uses", "allowed_domains", "blocked_domains"):
            self._notes.drop(f"tools.web_search.{field}")
        return wire_out.RouterSearchOut(options.for_router())

    def _force(self, body: wire_out.Body, mode: ToolChoiceMode, name: str) -> None:
        if not self._profile.tool_choice:
            self._notes.drop("tool_choice")
            if mode is ToolChoiceMode.NONE:
                body.tools = []  # without a word for it, only a model that sees no tool calls none
        elif mode is ToolChoiceMode.NONE:
            body.tool_choice = "none"
        elif mode is ToolChoiceMode.REQUIRED:
            body.tool_choice = "required"
        elif name in self._searches - self._left_out:
            body.tool_choice = "required"  # the API has no form that names its search; it is nearly always alone
        else:
            body.tool_choice = self._named(body.tools, name)

    def _named(self, tools: list[wire_out.ToolOut], name: str) -> dict[str, Any] | None:
        there = self._names.upstream(name)
        for tool in tools:
            if isinstance(tool, (wire_out.FunctionOut, wire_out.CustomOut)) and tool.name == there:
                return {"type": "custom" if isinstance(tool, wire_out.CustomOut) else "function", "name": there}
        if name not in self._searches:
            raise tool_offer.not_offered(name)
        return None


def free_text_tools(request: Request) -> AbstractSet[str]:
    """The client's names of the tools whose calls are a text."""
    return {tool.name for tool in request.tools if tool.custom}
