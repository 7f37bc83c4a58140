"""Chat requests as they are on the wire: what clients send us, and what we send to upstreams.

Source: the openai SDK's typed models (`ChatCompletionMessageParam`, `CompletionCreateParams`) and OpenRouter's
additions to them (`reasoning`, `reasoning_details`, `cache_control`). Fields that we never look at are left out on
purpose; the reader names the unknown top-level ones itself.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

NOTHING = Raw()


def given(raw: Raw) -> bool:
    """Whether an uninterpreted value is there and not null."""
    return bytes(raw) not in {b"", b"null"}


# --- what clients send ------------------------------------------------------------------------------------------------


class CacheControl(msgspec.Struct):
    """Anthropic's prompt-cache mark; OpenRouter takes it on text parts."""

    type: str = "ephemeral"
    ttl: str | UnsetType = UNSET


class ImageUrl(msgspec.Struct, omit_defaults=True):
    """Where a picture is: an address or a data URL."""

    url: str


class File(msgspec.Struct, omit_defaults=True):
    """A file in a user message; `file_data` is a data URL (or, for OpenRouter, an address)."""

    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None


class PartIn(msgspec.Struct):
    """A content part of any type; the fields of its type are set."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: ImageUrl | str | None = None
    file: File | None = None
    cache_control: CacheControl | None = None
    prompt_cache_breakpoint: Raw = NOTHING


class FunctionCall(msgspec.Struct):
    """A function's name and arguments; the latter are JSON text, or an object where a client is careless."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CustomCall(msgspec.Struct):
    """A free-text tool's name and input."""

    name: str | None = None
    input: str | None = None


class CallIn(msgspec.Struct):
    """One of an assistant message's tool calls."""

    id: str | None = None
    function: FunctionCall | None = None
    custom: CustomCall | None = None
    extra_content: Any = None


class MessageIn(msgspec.Struct):
    """A message of any role."""

    role: str
    content: str | list[PartIn] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[CallIn] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[dict[str, Any]] | None = None
    audio: Raw = NOTHING


class FunctionIn(msgspec.Struct):
    """A function tool."""

    name: str
    description: str | None = None
    parameters: Raw = NOTHING
    strict: bool | None = None


class CustomIn(msgspec.Struct):
    """A tool that takes free text; `format` may bind it to a grammar."""

    name: str
    description: str | None = None
    format: Raw = NOTHING


class ToolIn(msgspec.Struct):
    """A tool of any type."""

    type: str = "function"
    function: FunctionIn | None = None
    custom: CustomIn | None = None


class Named(msgspec.Struct):
    """Something that is named."""

    name: str


class NamedTool(msgspec.Struct):
    """A tool that is pointed at."""

    function: Named | None = None
    custom: Named | None = None

    def tool_name(self) -> str:
        """The name, empty where none was given."""
        named = self.function or self.custom
        return named.name if named else ""


class AllowedTools(msgspec.Struct):
    """The tools that the model may use this time."""

    mode: str = "auto"
    tools: list[NamedTool] = []


class ToolChoiceIn(msgspec.Struct):
    """A tool choice that is more than a word."""

    type: str = "function"
    function: Named | None = None
    custom: Named | None = None
    allowed_tools: AllowedTools | None = None


class JsonSchema(msgspec.Struct):
    """A named schema for structured output."""

    name: str = ""
    schema: Raw = NOTHING
    strict: bool | None = None


class ResponseFormat(msgspec.Struct):
    """The form that the answer's text must have."""

    type: str
    json_schema: JsonSchema | None = None


class ReasoningOptions(msgspec.Struct):
    """OpenRouter's `reasoning` object."""

    effort: str | None = None
    max_tokens: int | None = None
    enabled: bool | None = None
    exclude: bool | None = None


class StreamOptions(msgspec.Struct, omit_defaults=True):
    """Options of a stream."""

    include_usage: bool | None = None


class UserLocation(msgspec.Struct):
    """Roughly where the user is."""

    approximate: dict[str, Any] | None = None


class WebSearchOptions(msgspec.Struct):
    """Options of the built-in web search."""

    user_location: UserLocation | None = None
    search_context_size: str | None = None


class RequestIn(msgspec.Struct):
    """A whole request of a client."""

    model: str
    messages: list[MessageIn]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: str | list[str] | None = None
    tools: list[ToolIn] | None = None
    tool_choice: str | ToolChoiceIn | None = None
    parallel_tool_calls: bool | None = None
    functions: list[FunctionIn] | None = None
    function_call: str | Named | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: str | None = None
    reasoning: ReasoningOptions | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    session_id: str | None = None
    service_tier: str | None = None
    web_search_options: WebSearchOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    audio: Raw = NOTHING
    modalities: list[str] | None = None


# --- what we send -----------------------------------------------------------------------------------------------------


class TextOut(msgspec.Struct, tag_field="type", tag="text", omit_defaults=True):
    """A text part."""

    text: str
    cache_control: CacheControl | None = None


class ImageOut(msgspec.Struct, tag_field="type", tag="image_url"):
    """A picture part."""

    image_url: ImageUrl


class FileOut(msgspec.Struct, tag_field="type", tag="file"):
    """A file part."""

    file: File


PartOut = TextOut | ImageOut | FileOut
Content = str | list[PartOut]


class SystemOut(msgspec.Struct, tag_field="role", tag="system"):
    """An instruction."""

    content: Content


class UserOut(msgspec.Struct, tag_field="role", tag="user"):
    """What the user said."""

    content: Content


class FunctionOut(msgspec.Struct):
    """The function of a call."""

    name: str
    arguments: str


class CallOut(msgspec.Struct):
    """A tool call of the assistant's; `extra_content` is what Gemini wants back with it."""

    id: str
    function: FunctionOut
    type: str = "function"
    extra_content: Any = UNSET


class AssistantOut(msgspec.Struct, tag_field="role", tag="assistant", omit_defaults=True):
    """What the model said; `content` is there even where it is null."""

    content: Content | None
    tool_calls: list[CallOut] = []
    reasoning_content: str | UnsetType = UNSET
    reasoning_details: list[Raw] | UnsetType = UNSET


class ToolOut(msgspec.Struct, tag_field="role", tag="tool"):
    """What a tool answered."""

    tool_call_id: str
    content: Content


MessageOut = SystemOut | UserOut | AssistantOut | ToolOut


class Body(msgspec.Struct, omit_defaults=True):
    """A whole request to an upstream; the order of the fields is the order on the wire."""

    model: str
    messages: list[MessageOut]
    tools: list[Any] = []
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    response_format: Any = None
    web_search_options: Any = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: list[str] = []
    reasoning_effort: str | None = None
    reasoning: dict[str, str] | None = None
    thinking: dict[str, str] | None = None
    service_tier: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
