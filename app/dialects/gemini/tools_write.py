"""Tools for a Gemini upstream: functions, Google's own web search, and how free the model is to call them.

Web search becomes Google's; beside functions only models from Gemini 3 on take it, and before them the model is told
that it is missing. A search that is demanded goes alone, for nothing can force it beside functions.
"""

from __future__ import annotations

import msgspec

from app.dialects import openai_schema, tool_offer
from app.dialects.gemini import schema
from app.dialects.gemini.families import Family
from app.dialects.gemini.wire_out import Body, CallingOut, DeclarationOut, SearchOut, ToolConfigOut, ToolOut
from app.dialects.names import ToolNames
from app.dialects.notes import Notes
from app.dialects.web_search import search_options
from app.domain.provider import Profile
from app.domain.request import Request, Tool, ToolChoice, ToolChoiceMode

_MODES = {ToolChoiceMode.AUTO: "AUTO", ToolChoiceMode.REQUIRED: "ANY", ToolChoiceMode.NONE: "NONE"}


class ToolWriter:
    """Writes the tools of one request into its body."""

    def __init__(self, family: Family, profile: Profile, names: ToolNames, notes: Notes) -> None:
        self._family = family
        self._profile = profile
        self._names = names
        self._notes = notes
        self._searches: set[str] = set()
        self._left_out: set[str] = set()

    def write(self, body: Body, request: Request) -> None:
        """Set `tools` and `toolConfig`. Raises PatchbayError UNSUPPORTED or INVALID_REQUEST."""
        choice = request.tool_choice
        offered = tool_offer.wanted(request, self._profile.max_tools, self._notes)
        functions = [one for tool in offered if (one := self._declared(tool)) is not None]
        search = self._search(choice, beside=bool(functions))
        if functions and search and self._searching(choice):
            functions = []
            self._notes.drop("tools: functions beside a web search")
        if functions:
            body.tools.append(ToolOut(function_declarations=functions))
        if search:
            body.tools.append(ToolOut(google_search=SearchOut()))
        tool_offer.say_missing(request, self._left_out, (), self._notes)
        if functions:
            config = ToolConfigOut(self._calling(choice, functions), include_server_side_tool_invocations=search)
            body.tool_config = config if config != ToolConfigOut() else None
            if request.parallel_tool_calls is False:
                self._notes.drop("parallel_tool_calls")

    def _declared(self, tool: Tool) -> DeclarationOut | None:
        if tool_offer.is_function(tool):
            return self._function(tool)
        name = tool.name or tool.kind
        if tool.kind.startswith("web_search"):
            self._searches.add(name)
            for field in search_options(tool).unmet():
                self._notes.drop(f"tools.{name}.{field}")
        else:
            self._left_out.add(tool_offer.leave_out(tool, self._notes))
        return None

    def _function(self, tool: Tool) -> DeclarationOut:
        declared = DeclarationOut(self._names.upstream(tool.name), tool.description)
        given = openai_schema.FREE_TEXT if tool.custom and not tool.schema else tool.schema
        if schema.takes_something(given):
            if self._profile.parameters_schema:
                declared.parameters = schema.parameters(given)
            else:
                declared.parameters_json_schema = msgspec.Raw(given)
        if tool.strict:
            self._notes.drop(f"tools.{tool.name}.strict")
        return declared

    def _search(self, choice: ToolChoice | None, *, beside: bool) -> bool:
        """Whether Google's search is to be offered; where functions stand against it, the model is told."""
        if not self._searches:
            return False
        if not beside or self._family.third or self._searching(choice):
            return True
        self._left_out |= self._searches
        for name in sorted(self._searches):
            self._notes.drop(f"tools.{name}")
        return False

    def _searching(self, choice: ToolChoice | None) -> bool:
        return choice is not None and choice.mode is ToolChoiceMode.NAMED and choice.name in self._searches

    def _calling(self, choice: ToolChoice | None, functions: list[DeclarationOut]) -> CallingOut | None:
        if choice is None:
            return None
        if not self._profile.tool_choice:
            self._notes.drop("tool_choice")
            return None
        if choice.mode is not ToolChoiceMode.NAMED:
            beside = choice.mode is ToolChoiceMode.AUTO and bool(self._searches)
            return None if beside else CallingOut(_MODES[choice.mode])  # AUTO is a 400 beside Google's own tools
        name = self._names.upstream(choice.name)
        if all(function.name != name for function in functions):
            raise tool_offer.not_offered(choice.name)
        return CallingOut("ANY", [name])
