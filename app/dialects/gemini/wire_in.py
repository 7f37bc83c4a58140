"""Gemini requests as clients send them.

Source: the google-genai SDK's typed models and Google's "Generating content" reference. The structs know every member
by Google's lowerCamelCase name and refuse others, so that nothing is overlooked; other spellings go through `spelling`.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

NOTHING = Raw()


def given(raw: Raw) -> bool:
    """Whether an uninterpreted value is there and not null."""
    return bytes(raw) not in {b"", b"null"}


class Wire(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What all objects of a request share."""


# --- contents ---------------------------------------------------------------------------------------------------------


class BlobIn(Wire):
    """Media in base64, of either alphabet."""

    mime_type: str | None = None
    data: str | None = None
    display_name: str | None = None


class FileIn(Wire):
    """Media at an address."""

    file_uri: str | None = None
    mime_type: str | None = None
    display_name: str | None = None


class FunctionCallIn(Wire):
    """The model asked for a function; `args` is an object."""

    id: str | None = None
    name: str | None = None
    args: Raw = NOTHING
    partial_args: Raw = NOTHING
    will_continue: bool | None = None


class ResponsePartIn(Wire):
    """Media that a function returned."""

    inline_data: BlobIn | None = None
    file_data: FileIn | None = None
    media_resolution: Raw = NOTHING
    video_metadata: Raw = NOTHING


class FunctionResponseIn(Wire):
    """What a function returned; `response` is an object."""

    id: str | None = None
    name: str | None = None
    response: Raw = NOTHING
    parts: list[ResponsePartIn] | None = None
    scheduling: Raw = NOTHING
    will_continue: bool | None = None


class PartIn(Wire):
    """One of text, media, a call or its result, with what stands beside it."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: BlobIn | None = None
    file_data: FileIn | None = None
    function_call: FunctionCallIn | None = None
    function_response: FunctionResponseIn | None = None
    executable_code: Raw = NOTHING
    code_execution_result: Raw = NOTHING
    tool_call: Raw = NOTHING
    tool_response: Raw = NOTHING
    video_metadata: Raw = NOTHING
    media_resolution: Raw = NOTHING
    part_metadata: Raw = NOTHING


class ContentIn(Wire):
    """A turn."""

    role: str | None = None
    parts: list[PartIn] | None = None


# --- tools ------------------------------------------------------------------------------------------------------------


class DeclarationIn(Wire):
    """A function; its schema is OpenAPI's subset in `parameters`, or JSON Schema in `parametersJsonSchema`."""

    name: str | None = None
    description: str | None = None
    parameters: Raw = NOTHING
    parameters_json_schema: Raw = NOTHING
    response: Raw = NOTHING
    response_json_schema: Raw = NOTHING
    behavior: Raw = NOTHING


class GoogleSearchIn(Wire):
    """Google's own web search."""

    exclude_domains: list[str] | None = None
    blocking_confidence: Raw = NOTHING
    search_types: Raw = NOTHING
    time_range_filter: Raw = NOTHING


class ToolIn(Wire):
    """Functions of the client, and tools that Google runs."""

    function_declarations: list[DeclarationIn] | None = None
    google_search: GoogleSearchIn | None = None
    google_search_retrieval: Raw = NOTHING
    enterprise_web_search: Raw = NOTHING
    url_context: Raw = NOTHING
    code_execution: Raw = NOTHING
    computer_use: Raw = NOTHING
    file_search: Raw = NOTHING
    google_maps: Raw = NOTHING
    retrieval: Raw = NOTHING
    mcp_servers: Raw = NOTHING


class CallingConfigIn(Wire):
    """How free the model is to call functions."""

    mode: str | None = None
    allowed_function_names: list[str] | None = None
    stream_function_call_arguments: bool | None = None


class ToolConfigIn(Wire):
    """Settings of all tools."""

    function_calling_config: CallingConfigIn | None = None
    retrieval_config: Raw = NOTHING
    include_server_side_tool_invocations: bool | None = None


# --- the rest ---------------------------------------------------------------------------------------------------------


class ThinkingConfigIn(Wire):
    """How much the model shall think, by level or by budget, and whether the client wants to read it."""

    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class GenerationConfigIn(Wire):
    """Settings of the answer."""

    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    stop_sequences: list[str] | None = None
    candidate_count: int | None = None
    response_mime_type: str | None = None
    response_schema: Raw = NOTHING
    response_json_schema: Raw = NOTHING
    thinking_config: ThinkingConfigIn | None = None
    response_modalities: list[str] | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    seed: Raw = NOTHING
    presence_penalty: Raw = NOTHING
    frequency_penalty: Raw = NOTHING
    media_resolution: Raw = NOTHING
    speech_config: Raw = NOTHING
    image_config: Raw = NOTHING
    audio_timestamp: Raw = NOTHING
    routing_config: Raw = NOTHING
    model_selection_config: Raw = NOTHING
    enable_affective_dialog: Raw = NOTHING
    enable_enhanced_civic_answers: Raw = NOTHING


class RequestIn(Wire):
    """A whole request; the model stands in the path, and here only where a token count holds the request."""

    contents: list[ContentIn] | None = None
    system_instruction: ContentIn | list[PartIn] | str | None = None
    tools: list[ToolIn] | None = None
    tool_config: ToolConfigIn | None = None
    generation_config: GenerationConfigIn | None = None
    model: str | None = None
    safety_settings: Raw = NOTHING
    labels: Raw = NOTHING
    cached_content: str | None = None
    service_tier: Raw = NOTHING
    store: Raw = NOTHING


class CountIn(RequestIn):
    """A token count: of the contents in it, or of the whole request in it."""

    generate_content_request: RequestIn | None = None


class PeekIn(msgspec.Struct):
    """Nothing: a Gemini body is only checked before it is routed."""
