"""Which of a client's tools an upstream of OpenAI's dialects is offered, and what becomes of those it cannot have.

A tool that comes with a schema becomes a function, also a vendor's own that the client runs (shell, text editor). A
tool that only its vendor can run cannot: where it may be missing the model is told so; others are refused, because the
answer would rest on nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from app.dialects import wording
from app.dialects.notes import Notes
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Request, Tool

MAY_BE_MISSING = ("web_search", "web_fetch", "tool_search")
"""Beginnings of kinds that may be left out, if the model knows."""


def wanted(request: Request, most: int, notes: Notes) -> list[Tool]:
    """Each tool once, no more than `most`; the one that is forced is always among them."""
    first: dict[str, Tool] = {}
    for tool in request.tools:
        first.setdefault(tool.name or tool.kind, tool)
    tools = list(first.values())
    if len(tools) <= most:
        return tools
    notes.drop(f"tools[{most}:]")
    forced = request.tool_choice.name if request.tool_choice else ""
    late = [tool for tool in tools[most:] if tool.name == forced]
    return tools[: most - len(late)] + late


def is_function(tool: Tool) -> bool:
    """Whether the client runs the tool, so that any model can call it."""
    return bool(tool.schema or tool.custom or not tool.kind)


def leave_out(tool: Tool, notes: Notes) -> str:
    """The name of a tool that may be missing; raises PatchbayError UNSUPPORTED for one that must not be."""
    name = tool.name or tool.kind
    if tool.kind.startswith(MAY_BE_MISSING):
        notes.drop(f"tools.{name}")
        return name
    raise PatchbayError(
        ErrorKind.UNSUPPORTED,
        f"The tool {name} runs at its vendor and is not available on this upstream.",
        param="tools",
    )


def refuse_forced(request: Request, missing: Collection[str]) -> None:
    """Raise PatchbayError UNSUPPORTED where a tool that is missing is demanded."""
    name = request.tool_choice.name if request.tool_choice else ""
    if name in missing:
        raise PatchbayError(
            ErrorKind.UNSUPPORTED, f"The tool {name} is not available on this upstream.", param="tool_choice"
        )


def say_missing(request: Request, missing: Collection[str], searches: Collection[str], notes: Notes) -> None:
    """Let the model know which tools it lacks; raises PatchbayError UNSUPPORTED where one of them is demanded.

    Not for a web search: there a plain answer ends the client's try.
    """
    if missing:
        refuse_forced(request, set(missing) - set(searches))
        notes.system.append(wording.not_available(missing))


def one_at_a_time(request: Request, profile: Profile, notes: Notes) -> bool:
    """Whether the upstream is to be told that the model may make but one call at a time."""
    if request.parallel_tool_calls is not False:
        return False
    if not profile.parallel_tool_calls:
        notes.drop("parallel_tool_calls")
    return profile.parallel_tool_calls


def not_offered(name: str) -> PatchbayError:
    """The error for a tool choice that names none of the tools."""
    return PatchbayError(ErrorKind.INVALID_REQUEST, f"tool_choice: {name} is not among the tools.", param="tool_choice")
