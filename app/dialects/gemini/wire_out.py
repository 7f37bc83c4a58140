"""Gemini requests as we send them to upstreams.

Source: the google-genai SDK's typed models (`Content`, `Part`, `FunctionDeclaration`, `GenerationConfig`). Keys are
Google's lowerCamelCase; what has its default is left out. Signatures and media are base64 text and stay as they are.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, UnsetType


class _Wire(msgspec.Struct, rename="camel", omit_defaults=True):
    """What all objects of a request share."""


class BlobOut(_Wire):
    """Media in base64."""

    mime_type: str
    data: str


class FileOut(_Wire):
    """Media at an address."""

    file_uri: str
    mime_type: str = ""


class CallOut(_Wire):
    """A function that the model called; `args` is an object."""

    name: str
    args: Raw
    id: str = ""


class MediaOut(_Wire):
    """Media that a function returned."""

    inline_data: BlobOut | None = None
    file_data: FileOut | None = None


class SaidOut(_Wire):
    """What a function returned as text: its output, or its failure."""

    output: str | None = None
    error: str | None = None


class ResponseOut(_Wire):
    """What a function returned."""

    name: str
    response: SaidOut
    id: str = ""
    parts: list[MediaOut] = []


class PartOut(_Wire):
    """One of text, media, a call or its response; `thought_signature` stands beside it."""

    text: str | None = None
    inline_data: BlobOut | None = None
    file_data: FileOut | None = None
    function_call: CallOut | None = None
    function_response: ResponseOut | None = None
    thought_signature: str = ""


class ContentOut(_Wire):
    """A turn of the user or the model; instructions have no role."""

    role: str = ""
    parts: list[PartOut] = []


class DeclarationOut(_Wire):
    """A function, its schema as JSON Schema or as the OpenAPI subset of older servers; none where it takes nothing."""

    name: str
    description: str = ""
    parameters_json_schema: Raw | UnsetType = UNSET
    parameters: Raw | UnsetType = UNSET


class SearchOut(_Wire):
    """Google's own web search, which takes no wishes."""


class ToolOut(_Wire):
    """Functions of the client, or a tool that Google runs."""

    function_declarations: list[DeclarationOut] = []
    google_search: SearchOut | None = None


class CallingOut(_Wire):
    """How free the model is to call functions."""

    mode: str
    allowed_function_names: list[str] = []


class ToolConfigOut(_Wire):
    """Settings of all tools."""

    function_calling_config: CallingOut | None = None
    include_server_side_tool_invocations: bool = False


class ThinkingOut(_Wire):
    """How much the model shall think, by level or by budget but never by both, and whether it is to be read."""

    include_thoughts: bool = False
    thinking_budget: int | None = None
    thinking_level: str = ""


class GenerationOut(_Wire):
    """Settings of the answer."""

    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] = []
    thinking_config: ThinkingOut | None = None
    response_mime_type: str = ""
    response_json_schema: Raw | UnsetType = UNSET
    response_schema: Raw | UnsetType = UNSET


class Body(_Wire):
    """A request; `model` stands here only where a token count holds it, else in the path."""

    model: str = ""
    system_instruction: ContentOut | None = None
    contents: list[ContentOut] = []
    tools: list[ToolOut] = []
    tool_config: ToolConfigOut | None = None
    generation_config: GenerationOut | None = None


class CountBody(_Wire):
    """The question how many tokens a request has."""

    generate_content_request: Body
