"""The road of one exchange, and how large its request is: what both ends know while the answer comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    ToolCall,
    ToolChoiceMode,
    ToolResult,
)
from app.domain.usage import Usage, UsageSource, estimate_tokens

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
    return estimate_tokens(sum(map(_bytes, said(request)))) + fixed_tokens(request)


def said(request: Request) -> Iterator[str]:
    """Every text of a request that counts as text; base64 never does."""
    yield from (text.text for text in request.system)
    for message in request.messages:
        yield from _texts(message.parts)
    for tool in request.tools:
        yield tool.name
        yield tool.description
        yield tool.schema.decode("utf-8", "replace")


def fixed_tokens(request: Request) -> int:
    """The tokens of what is no text: pictures, pages, the marks around messages and tools."""
    inside = sum(_fixed(message.parts) for message in request.messages)
    around = MESSAGE_TOKENS * len(request.messages) + TOOL_TOKENS * len(request.tools)
    return inside + around + (TOOLS_TOKENS if request.tools else 0)


def _texts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case Text() | Foreign() | Thinking():
                yield part.text
            case ToolCall():
                yield part.name
                yield part.arguments
            case Document():
                yield part.text
                yield from _texts(part.parts)
            case ToolResult():
                yield from _texts(part.parts)


def _fixed(parts: Iterable[Part]) -> int:
    tokens = 0
    for part in parts:
        match part:
            case Image():
                tokens += IMAGE_TOKENS
            case ToolResult() | Document():
                tokens += _fixed(part.parts)
        if isinstance(part, Document) and (part.data or part.url):
            tokens += DOCUMENT_TOKENS_A_PAGE * (1 + len(part.data) * 3 // 4 // DOCUMENT_BYTES_A_PAGE)
    return tokens


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


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


def settled(usage: Usage, road: Road, answer_bytes: int) -> Usage:
    """The counts a client is told: the upstream's, or estimates where it said nothing.

    A client that keeps its context within bounds by these counts would never do so without any.
    """
    if usage.source is not UsageSource.NONE:
        return usage
    output = estimate_tokens(answer_bytes) if answer_bytes else 0
    return Usage(road.input_estimate_tokens, output_tokens=output, source=UsageSource.ESTIMATED)
