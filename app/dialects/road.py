"""The road of one exchange, and how large its request is: what both ends know while the answer comes back."""

from __future__ import annotations

from collections.abc import Iterable

from app.dialects.base import Road, Written
from app.domain.provider import Profile
from app.domain.request import (
    Document,
    Foreign,
    Image,
    Part,
    Request,
    Role,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoiceMode,
    ToolResult,
)
from app.domain.usage import estimate_tokens

IMAGE_TOKENS = 1500
DOCUMENT_BYTES_A_PAGE = 50_000
DOCUMENT_TOKENS_A_PAGE = 2000
MESSAGE_TOKENS = 4
TOOL_TOKENS = 12
TOOLS_TOKENS = 350

_SEARCH_HELPER = "Perform a web search for the query:"
"""How Claude Code words the request that wants nothing but a web search."""


def road_for(request: Request, written: Written, sent_model: str, profile: Profile, created_s: int) -> Road:
    """The road of a request that was written for an upstream; `created_s` is the Unix time of the answer."""
    return Road(
        requested_model=request.model,
        sent_model=sent_model,
        upstream_kind=profile.kind,
        profile=profile,
        names=written.names,
        stop=request.stop,
        show_thinking=request.reasoning.show,
        omit_thinking_text=request.reasoning.omit_text,
        include_usage=request.include_usage,
        input_estimate_tokens=estimate_input(request),
        created_s=created_s,
        json_tool=written.json_tool,
        custom_tools=frozenset(tool.name for tool in request.tools if tool.custom),
        search_query=_search_query(request),
        namespaces={tool.name: tool.namespace for tool in request.tools if tool.namespace},
        opaque_thinking=request.reasoning.opaque,
        echo=request.echo,
    )


def estimate_input(request: Request) -> int:
    """Roughly how many tokens a request has; at least 1, and always to be shown as an estimate.

    Base64 never counts as text: a picture and a page of a document have fixed sizes.
    """
    size, tokens = _measured(part for message in request.messages for part in message.parts)
    size += sum(_bytes(text.text) for text in request.system) + sum(map(_tool_bytes, request.tools))
    tokens += MESSAGE_TOKENS * len(request.messages) + TOOL_TOKENS * len(request.tools)
    return estimate_tokens(size) + tokens + (TOOLS_TOKENS if request.tools else 0)


def _measured(parts: Iterable[Part]) -> tuple[int, int]:
    """(bytes of text, tokens of everything else)."""
    size = tokens = 0
    for part in parts:
        match part:
            case Text() | Foreign():
                size += _bytes(part.text)
            case Thinking():
                size += _bytes(part.text)
            case ToolCall():
                size += _bytes(part.name) + _bytes(part.arguments)
            case Image():
                tokens += IMAGE_TOKENS
            case ToolResult() | Document():
                inner = _measured(part.parts)
                size, tokens = size + inner[0], tokens + inner[1]
        if isinstance(part, Document):
            size += _bytes(part.text)
            if part.data or part.url:
                tokens += DOCUMENT_TOKENS_A_PAGE * (1 + len(part.data) * 3 // 4 // DOCUMENT_BYTES_A_PAGE)
    return size, tokens


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _tool_bytes(tool: Tool) -> int:
    return _bytes(tool.name) + _bytes(tool.description) + len(tool.schema)


def _search_query(request: Request) -> str:
    """What is to be searched, where the client forced a web search; empty otherwise."""
    choice = request.tool_choice
    forced = choice is not None and choice.mode in {ToolChoiceMode.NAMED, ToolChoiceMode.REQUIRED}
    if not forced or not request.tools or not all(tool.kind.startswith("web_search") for tool in request.tools):
        return ""
    said = [
        part.text
        for message in request.messages
        if message.role is Role.USER
        for part in message.parts
        if isinstance(part, Text) and part.text.strip()
    ]
    last = said[-1].strip() if said else ""
    return last.removeprefix(_SEARCH_HELPER).strip() or last
