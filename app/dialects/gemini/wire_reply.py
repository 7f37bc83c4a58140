"""Gemini answers as upstreams send them, whole and in pieces of a stream, which have one form.

Source: the google-genai SDK's typed `GenerateContentResponse`. Every member may be missing; what does not even fit
these types is read by `loose`. The structs are untracked by the garbage collector: a piece costs two microseconds.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

NOTHING = Raw()


class _Wire(msgspec.Struct, rename="camel", gc=False):
    """What all objects of an answer share."""


class BlobIn(_Wire):
    """Media in base64."""

    mime_type: str | None = None
    data: str | None = None


class CallIn(_Wire):
    """A function that the model calls; `args` is an object."""

    id: str | None = None
    name: str | None = None
    args: Raw = NOTHING


class CodeIn(_Wire):
    """Code that Google ran for the model."""

    code: str | None = None
    language: str | None = None


class CodeResultIn(_Wire):
    """What that code printed."""

    output: str | None = None
    outcome: str | None = None


class PartIn(_Wire):
    """One of text, thought, media, a call, code, or a tool that Google ran; a signature may stand beside each."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: CallIn | None = None
    inline_data: BlobIn | None = None
    executable_code: CodeIn | None = None
    code_execution_result: CodeResultIn | None = None
    tool_call: Raw = NOTHING
    tool_response: Raw = NOTHING


class ContentIn(_Wire):
    """The model's turn, or more of it."""

    parts: list[PartIn] | None = None


class WebIn(_Wire):
    """A page that the search found."""

    uri: str | None = None
    title: str | None = None


class SourceIn(_Wire):
    """Something that the answer rests on."""

    web: WebIn | None = None


class SegmentIn(_Wire):
    """A piece of the answer's text."""

    text: str | None = None


class SupportIn(_Wire):
    """Which sources a piece of the answer rests on, by their number."""

    segment: SegmentIn | None = None
    grounding_chunk_indices: list[int] | None = None


class GroundingIn(_Wire):
    """What Google searched for and found."""

    web_search_queries: list[str] | None = None
    grounding_chunks: list[SourceIn] | None = None
    grounding_supports: list[SupportIn] | None = None


class CandidateIn(_Wire):
    """One of the answers; we ask for one only."""

    index: int | None = None
    content: ContentIn | None = None
    finish_reason: str | None = None
    finish_message: str | None = None
    grounding_metadata: GroundingIn | None = None


class FeedbackIn(_Wire):
    """Why the prompt was not answered."""

    block_reason: str | None = None
    block_reason_message: str | None = None


class UsageIn(_Wire):
    """Token counts so far: the prompt includes what was cached, the candidates leave the thoughts out."""

    prompt_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    total_token_count: int | None = None


class Answer(_Wire):
    """A whole answer, or one piece of a stream."""

    candidates: list[CandidateIn] | None = None
    prompt_feedback: FeedbackIn | None = None
    usage_metadata: UsageIn | None = None
    model_version: str | None = None
    response_id: str | None = None
    error: Raw = NOTHING

    def failed(self) -> bool:
        """Whether it is an error and no answer."""
        return bytes(self.error) not in {b"", b"null", b"{}"}
