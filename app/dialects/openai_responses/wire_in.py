"""Responses requests as clients send them: the members that we look at, of the request, its items and its tools.

Source: the openai SDK's `ResponseCreateParams`, `ResponseInputItemParam` and `ToolParam`, and the items that Codex
sends. An item is decoded twice, its type first, because the types share member names with different meanings.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

NOTHING = Raw()


def given(raw: Raw) -> bool:
    """Whether an uninterpreted value is there and not null."""
    return bytes(raw) not in {b"", b"null"}


# --- content ----------------------------------------------------------------------------------------------------------


class ImageUrl(msgspec.Struct):
    """Where a picture is, in the form of the chat API, which careless clients keep."""

    url: str


class PartIn(msgspec.Struct):
    """A content part of any type; the fields of its type are set."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | ImageUrl | None = None
    file_id: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None
    detail: str | None = None
    prompt_cache_breakpoint: Raw = NOTHING


class TextIn(msgspec.Struct):
    """A piece of reasoning: of its summary, or of its text."""

    text: str = ""


# --- items ------------------------------------------------------------------------------------------------------------


class HeadIn(msgspec.Struct):
    """What an item is; a message may leave its type out."""

    type: str | None = None
    role: str | None = None


class MessageIn(msgspec.Struct):
    """A message of any role."""

    role: str
    content: str | list[PartIn] | None = None
    phase: str | None = None


class ReasoningIn(msgspec.Struct):
    """Reasoning that the client hands back."""

    summary: list[TextIn] | None = None
    content: list[TextIn] | None = None
    encrypted_content: str | None = None


class CallIn(msgspec.Struct):
    """A call of a function or of a tool that takes free text."""

    call_id: str
    name: str
    namespace: str | None = None
    arguments: str | dict[str, Any] | None = None
    input: str | None = None


class OutputIn(msgspec.Struct):
    """What a tool answered: a text, content parts, or any JSON."""

    call_id: str
    output: Raw = NOTHING


class ToolSearchIn(msgspec.Struct):
    """A search among deferred tools, or its result."""

    call_id: str | None = None
    execution: str | None = None
    arguments: Raw = NOTHING
    tools: list[Raw] | None = None


class CompactionIn(msgspec.Struct):
    """The conversation so far, in short form."""

    encrypted_content: str = ""


class SearchActionIn(msgspec.Struct):
    """What a web search did."""

    query: str | None = None
    queries: list[str] | None = None
    url: str | None = None


class SearchCallIn(msgspec.Struct):
    """A web search that the vendor ran."""

    action: SearchActionIn | None = None


# --- tools ------------------------------------------------------------------------------------------------------------


class FilterIn(msgspec.Struct):
    """Where a web search may look."""

    allowed_domains: list[str] | None = None


class ToolIn(msgspec.Struct):
    """A tool of any type; the fields of its type are set."""

    type: str
    name: str | None = None
    description: str | None = None
    parameters: Raw = NOTHING
    strict: bool | None = None
    format: Raw = NOTHING
    tools: list[Raw] | None = None
    execution: str | None = None
    filters: FilterIn | None = None
    user_location: dict[str, Any] | None = None
    allowed_callers: Raw = NOTHING
    defer_loading: bool | None = None
    output_schema: Raw = NOTHING


class GrammarIn(msgspec.Struct):
    """What binds the text of a custom tool."""

    type: str = "text"
    syntax: str = ""
    definition: str = ""


class ChoiceIn(msgspec.Struct):
    """A tool choice that is more than a word, or a tool that one points at."""

    type: str = "function"
    name: str | None = None
    namespace: str | None = None
    mode: str = "auto"
    tools: list[ChoiceIn] | None = None


# --- the request ------------------------------------------------------------------------------------------------------


class ReasoningOptions(msgspec.Struct):
    """What is asked of the model's reasoning."""

    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None


class FormatIn(msgspec.Struct):
    """The form that the answer's text must have."""

    type: str
    name: str = ""
    schema: Raw = NOTHING
    strict: bool | None = None


class TextOptions(msgspec.Struct):
    """Options of the answer's text."""

    format: FormatIn | None = None
    verbosity: str | None = None


class UpdateIn(msgspec.Struct):
    """A change of the configuration, as an item from which on it holds."""

    reasoning: ReasoningOptions | None = None
    text: TextOptions | None = None


class RequestIn(msgspec.Struct):
    """A whole request of a client."""

    model: str = ""
    input: str | list[Raw] | None = None
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[Raw] | None = None
    tool_choice: str | ChoiceIn | None = None
    parallel_tool_calls: bool | None = None
    reasoning: ReasoningOptions | None = None
    text: TextOptions | None = None
    include: list[str] | None = None
    prompt_cache_key: str | None = None
    safety_identifier: str | None = None
    user: str | None = None
    service_tier: str | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: Raw = NOTHING
    prompt: Raw = NOTHING
    top_logprobs: int | None = None
