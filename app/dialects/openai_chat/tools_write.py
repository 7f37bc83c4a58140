"""Tools for a chat upstream: functions with schemas it takes, vendors' own tools as far as it has the like.

Web search has a counterpart at OpenRouter and on OpenAI's search models; for the rest see `tool_offer`.
"""

from __future__ import annotations

from typing import Any

from app.dialects import openai_schema, tool_offer
from app.dialects.names import ToolNames
from app.dialects.notes import Notes
from app.dialects.openai_chat import wire
from app.dialects.web_search import SearchOptions, search_options
from app.domain.provider import Profile
from app.domain.request import Request, Tool, ToolChoiceMode

_SEARCH_MODEL = "-search-"


class ToolWriter:
    """Writes the tools of one request into its body."""

    def __init__(self, model: str, profile: Profile, names: ToolNames, notes: Notes) -> None:
        self._model = model
        self._profile = profile
        self._names = names
        self._notes = notes
        self._left_out: set[str] = set()
        self._searches: set[str] = set()

    def write(self, body: wire.Body, request: Request) -> None:
        """Set `tools`, `tool_choice`, `parallel_tool_calls` and, for a search model, `web_search_options`."""
        for tool in tool_offer.wanted(request, self._profile.max_tools, self._notes):
            written = self._tool(tool, body)
            if written is not None:
                body.tools.append(written)
        tool_offer.say_missing(request, self._left_out, self._searches, self._notes)
        if body.tools:
            self._choose(body, request)

    def _tool(self, tool: Tool, body: wire.Body) -> Any:
        if tool_offer.is_function(tool):
            return self._function(tool)
        if tool.kind.startswith("web_search"):
            self._searches.add(tool.name or tool.kind)
            if (search := self._search(tool, body)) is not None:
                return search or None
        self._left_out.add(tool_offer.leave_out(tool, self._notes))
        return None

    def _function(self, tool: Tool) -> dict[str, Any]:
        function: dict[str, Any] = {"name": self._names.upstream(tool.name)}
        if tool.description:
            function["description"] = tool.description
        function["parameters"] = openai_schema.parameters(openai_schema.FREE_TEXT if tool.custom else tool.schema)
        if tool.strict and self._profile.strict_tools and openai_schema.qualifies(tool.schema):
            function["strict"] = True
        return {"type": "function", "function": function}

    def _search(self, tool: Tool, body: wire.Body) -> dict[str, Any] | None:
        """This upstream's own web search; empty where it is no tool but an option, None where there is none."""
        options = search_options(tool)
        if self._profile.kind == "openrouter":
            self._unmet(options, "max_uses", "allowed_domains", "blocked_domains")
            return {"type": "openrouter:web_search", "parameters": options.for_router()}
        if self._profile.kind == "openai" and _SEARCH_MODEL in self._model:
            self._unmet(options, "user_location", "search_context_size")
            place, size = options.place, options.context_size
            body.web_search_options = {"user_location": {"type": "approximate", "approximate": place}} if place else {}
            body.web_search_options |= {"search_context_size": size} if size else {}
            return {}
        return None

    def _unmet(self, options: SearchOptions, *met: str) -> None:
        for field in options.unmet(*met):
            self._notes.drop(f"tools.web_search.{field}")

    def _choose(self, body: wire.Body, request: Request) -> None:
        choice = request.tool_choice
        if choice is not None and choice.mode is not ToolChoiceMode.AUTO:
            self._force(body, choice.mode, choice.name)
        if body.tools and tool_offer.one_at_a_time(request, self._profile, self._notes):
            body.parallel_tool_calls = False

    def _force(self, body: wire.Body, mode: ToolChoiceMode, name: str) -> None:
        offered = {tool["function"]["name"] for tool in body.tools if "function" in tool}
        if not self._profile.tool_choice:
            self._notes.drop("tool_choice")
            if mode is ToolChoiceMode.NONE:
                body.tools = []  # without a word for it, only a model that sees no tool calls none
        elif mode is ToolChoiceMode.NONE:
            body.tool_choice = "none"
        elif mode is ToolChoiceMode.REQUIRED:
            body.tool_choice = "required"
        elif self._names.upstream(name) in offered:
            body.tool_choice = {"type": "function", "function": {"name": self._names.upstream(name)}}
        elif name not in self._searches:
            raise tool_offer.not_offered(name)
