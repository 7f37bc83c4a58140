"""Responses requests as we send them to upstreams.

Source: the openai SDK's `ResponseCreateParams` and `ResponseInputItemParam`. Item ids are left out: they must begin
with the prefix of their type, and only the one who gave them knows them; reasoning alone is found by its own.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

# --- content ----------------------------------------------------------------------------------------------------------


class TextOut(msgspec.Struct, tag_field="type", tag="input_text"):
    """A text."""

    text: str


class ImageOut(msgspec.Struct, tag_field="type", tag="input_image"):
    """A picture: an address or a data URL."""

    image_url: str
    detail: str = "auto"


class FileOut(msgspec.Struct, tag_field="type", tag="input_file", omit_defaults=True):
    """A file: a data URL with its name, or an address."""

    filename: str | None = None
    file_data: str | None = None
    file_url: str | None = None


PartOut = TextOut | ImageOut | FileOut
Content = str | list[PartOut]

# --- items ------------------------------------------------------------------------------------------------------------


class MessageOut(msgspec.Struct, tag_field="type", tag="message"):
    """What someone said; the assistant's content is a string, because a list of its parts would need an id."""

    role: str
    content: Content


class ReasoningOut(msgspec.Struct, tag_field="type", tag="reasoning"):
    """Reasoning that this upstream gave; it reads the encrypted text alone."""

    encrypted_content: str
    id: str | UnsetType = UNSET
    summary: tuple[()] = ()


class CallOut(msgspec.Struct, tag_field="type", tag="function_call"):
    """The model called a function."""

    call_id: str
    name: str
    arguments: str


class CustomCallOut(msgspec.Struct, tag_field="type", tag="custom_tool_call"):
    """The model called a tool that takes free text."""

    call_id: str
    name: str
    input: str


class OutputOut(msgspec.Struct, tag_field="type", tag="function_call_output"):
    """What a function answered."""

    call_id: str
    output: Content


class CustomOutputOut(msgspec.Struct, tag_field="type", tag="custom_tool_call_output"):
    """What a tool that takes free text answered."""

    call_id: str
    output: Content


ItemOut = MessageOut | ReasoningOut | CallOut | CustomCallOut | OutputOut | CustomOutputOut

# --- tools ------------------------------------------------------------------------------------------------------------


class FunctionOut(msgspec.Struct, tag_field="type", tag="function", omit_defaults=True):
    """A function; `strict` is always there, because the API takes a missing one for true."""

    name: str
    parameters: msgspec.Raw
    strict: bool
    description: str = ""


class CustomOut(msgspec.Struct, tag_field="type", tag="custom", omit_defaults=True):
    """A tool that takes free text."""

    name: str
    description: str = ""


class SearchOut(msgspec.Struct, tag_field="type", tag="web_search", omit_defaults=True):
    """OpenAI's web search."""

    filters: dict[str, list[str]] = {}
    user_location: dict[str, Any] = {}
    search_context_size: str = ""


class RouterSearchOut(msgspec.Struct, tag_field="type", tag="openrouter:web_search"):
    """OpenRouter's web search."""

    parameters: dict[str, Any]


ToolOut = FunctionOut | CustomOut | SearchOut | RouterSearchOut

# --- the request ------------------------------------------------------------------------------------------------------


class Body(msgspec.Struct, omit_defaults=True):
    """A whole request; the order of the fields is the order on the wire."""

    model: str
    instructions: str = ""
    tools: list[ToolOut] = []
    input: list[ItemOut] = []
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    max_tool_calls: int | None = None
    reasoning: dict[str, str] = {}
    text: dict[str, Any] = {}
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    store: bool | None = None
    include: list[str] = []
    service_tier: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    stream: bool = False
