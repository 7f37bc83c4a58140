"""What the Anthropic Messages API takes, as far as we read it; unknown members are ignored.

Source: the typed models of the vendor's own SDK (`anthropic.types`), and Claude Code's traffic. What we do not
interpret stays `Raw`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct

Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
ModelName = Annotated[str, Meta(max_length=512)]


def given(raw: Raw) -> bytes:
    """The JSON of a member; empty where it is missing or null."""
    data = bytes(raw)
    return b"" if data == b"null" else data


class CacheControl(Struct):
    """A prompt-cache breakpoint."""

    ttl: str | None = None


class Head(Struct):
    """The one member that every block and event has."""

    type: str


# --- blocks of a request ------------------------------------------------------------------------------------------


class TextBlock(Struct):
    """Text."""

    text: str
    cache_control: CacheControl | None = None


class Source(Struct):
    """Where an image or a document is."""

    type: str
    media_type: str = ""
    data: str = ""
    url: str = ""
    content: str | list[Raw] = ""


class ImageBlock(Struct):
    """A picture."""

    source: Source
    cache_control: CacheControl | None = None


class DocumentBlock(Struct):
    """A document."""

    source: Source
    title: str | None = None
    context: str | None = None
    cache_control: CacheControl | None = None


class ThinkingBlock(Struct):
    """Readable reasoning."""

    thinking: str = ""
    signature: str | None = None


class RedactedBlock(Struct):
    """Unreadable reasoning."""

    data: str


class ToolUseBlock(Struct):
    """A call of a client tool."""

    id: str
    name: str
    input: Raw = Raw(b"{}")
    cache_control: CacheControl | None = None


class ToolResultBlock(Struct):
    """What a client tool answered."""

    tool_use_id: str
    content: str | list[Raw] | None = None
    is_error: bool | None = None
    cache_control: CacheControl | None = None


class ServerToolUseBlock(Struct):
    """A call of a tool that the vendor runs."""

    id: str = ""
    name: str = ""
    input: Raw = Raw(b"{}")


class SearchInput(Struct):
    """What a web search was asked."""

    query: str = ""


class SearchHit(Struct):
    """A page that a web search found."""

    url: str = ""
    title: str | None = None


class SearchResultBlock(Struct):
    """What a web search found: a list of pages, or an error object."""

    tool_use_id: str = ""
    content: Raw = Raw(b"[]")


class KnowledgeBlock(Struct):
    """A search result of the client's own (`search_result`)."""

    source: str = ""
    title: str = ""
    content: list[Raw] = []


class CompactionBlock(Struct):
    """The vendor's own summary of an earlier conversation."""

    content: str | None = None


class ToolReferenceBlock(Struct):
    """A tool that a tool search found."""

    tool_name: str = ""


class ToolTarget(Struct):
    """Which tool a `tool_addition` or `tool_removal` speaks of."""

    type: str = ""
    name: str = ""
    definition: Raw = Raw()


class ToolChangeBlock(Struct):
    """A tool comes or goes in mid-conversation."""

    tool: ToolTarget


# --- a request ----------------------------------------------------------------------------------------------------


class Message(Struct):
    """One turn."""

    role: str
    content: str | list[Raw] = ""
    clear_at: str | None = None


class Tool(Struct):
    """A tool: a client's own, or one of the vendor's by its dated `type`."""

    name: str = ""
    type: str | None = None
    description: str | None = None
    input_schema: Raw = Raw()
    strict: bool | None = None
    cache_control: CacheControl | None = None


class ToolChoice(Struct):
    """How free the model is to call tools."""

    type: str
    name: str = ""
    disable_parallel_tool_use: bool | None = None


class Thinking(Struct):
    """What the client wants of the model's thinking."""

    type: str
    budget_tokens: Count | None = None
    display: str | None = None


class OutputFormat(Struct):
    """Structured output."""

    type: str
    schema: Raw = Raw()
    name: str = ""


class OutputConfig(Struct):
    """Effort and form of the answer."""

    effort: str | None = None
    format: OutputFormat | None = None


class Metadata(Struct):
    """Who asks; Claude Code puts JSON with its session into `user_id`."""

    user_id: str | None = None


class Session(Struct):
    """The JSON inside Claude Code's `user_id`."""

    session_id: str = ""


class Peek(Struct):
    """The little that routing needs."""

    model: ModelName = ""
    stream: bool | None = None
    metadata: Raw = Raw()


class Request(Struct):
    """The body of `POST /v1/messages` and `/v1/messages/count_tokens`."""

    model: ModelName
    messages: Annotated[list[Message], Meta(max_length=100_000)]
    max_tokens: Count | None = None
    system: str | list[Raw] | None = None
    tools: list[Raw] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    metadata: Metadata | None = None
    stream: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: Count | None = None
    stop_sequences: list[str] | None = None
    service_tier: str | None = None
