"""Chat answers as they are on the wire, whole and in chunks, with every vendor's additions that we read.

Sources: the openai SDK's `ChatCompletion` and `ChatCompletionChunk`; OpenRouter (`reasoning`, `reasoning_details`,
`cost`, `error`), DeepSeek (`reasoning_content`, `prompt_cache_hit_tokens`), Groq (`x_groq`), Moonshot (`usage` in the
choice), vLLM (`stop_reason`) and SGLang (`matched_stop`). Every field may be missing or null; what does not even fit
these types is read by `loose`. The chunk structs are small and untracked by the garbage collector: a chunk costs
under a microsecond.
"""

from __future__ import annotations

from typing import Any

import msgspec


class CachedTokens(msgspec.Struct, gc=False):
    """What of the prompt came from, or went to, the vendor's cache."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class ReasoningTokens(msgspec.Struct, gc=False):
    """What of the output was reasoning."""

    reasoning_tokens: int | None = None


class SearchCount(msgspec.Struct, gc=False):
    """How often the upstream searched the web."""

    web_search_requests: int | None = None


class CostDetails(msgspec.Struct, gc=False):
    """What OpenRouter's own upstream charged to the user's key there."""

    upstream_inference_cost: float | None = None


class UsageIn(msgspec.Struct, gc=False):
    """Token counts of an upstream."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: CachedTokens | None = None
    completion_tokens_details: ReasoningTokens | None = None
    prompt_cache_hit_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cost: float | None = None
    is_byok: bool | None = None
    cost_details: CostDetails | None = None
    server_tool_use_details: SearchCount | None = None
    server_tool_use: SearchCount | None = None


class FunctionPiece(msgspec.Struct, gc=False):
    """Some of a function call; careless servers send the arguments as an object."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CustomPiece(msgspec.Struct, gc=False):
    """Some of a free-text tool call."""

    name: str | None = None
    input: str | None = None


class CallPiece(msgspec.Struct, gc=False):
    """Some of a tool call."""

    index: int | None = None
    id: str | None = None
    function: FunctionPiece | None = None
    custom: CustomPiece | None = None
    extra_content: dict[str, Any] | None = None
    """Gemini's signature of the reasoning that led to the call."""


class Delta(msgspec.Struct, gc=False):
    """What a chunk adds; a whole message has the same members."""

    content: str | list[Any] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None
    reasoning_details: list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: list[CallPiece] | None = None
    function_call: FunctionPiece | None = None
    annotations: list[dict[str, Any]] | None = None


class Choice(msgspec.Struct, gc=False):
    """One of the answers; we ask for one only."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    stop_reason: Any = None
    matched_stop: Any = None
    usage: UsageIn | None = None


class GroqExtra(msgspec.Struct, gc=False):
    """Where Groq puts the usage of a stream."""

    usage: UsageIn | None = None


class Chunk(msgspec.Struct, gc=False):
    """One event of a stream, or a whole answer."""

    id: str | None = None
    object: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: UsageIn | None = None
    x_groq: GroqExtra | None = None
    error: Any = None

    def counts(self) -> UsageIn | None:
        """The usage, wherever it stands."""
        if self.usage is not None:
            return self.usage
        if self.x_groq is not None and self.x_groq.usage is not None:
            return self.x_groq.usage
        return next((choice.usage for choice in self.choices or () if choice.usage is not None), None)


# --- what we send to clients ------------------------------------------------------------------------------------------


class UsageOut(msgspec.Struct):
    """Token counts for a client; the prompt includes what was cached, the completion what was reasoning."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: dict[str, int]
    completion_tokens_details: dict[str, int]


class FunctionOut(msgspec.Struct, omit_defaults=True):
    """A called function."""

    name: str | None = None
    arguments: str | None = None


class CustomOut(msgspec.Struct):
    """A called free-text tool."""

    name: str
    input: str


class CallOut(msgspec.Struct, omit_defaults=True):
    """A tool call, or some of it in a chunk (which alone has an index)."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionOut | None = None
    custom: CustomOut | None = None
    extra_content: dict[str, Any] | None = None
    """`{"google": {"thought_signature"}}`, as in the replies of Google's own chat endpoint."""


class MessageOut(msgspec.Struct, omit_defaults=True):
    """The answer's message; `content` and `refusal` are there even where they are null."""

    role: str
    content: str | None
    refusal: str | None
    reasoning_content: str | None = None
    reasoning_details: list[dict[str, Any]] = []
    tool_calls: list[CallOut] = []
    annotations: list[dict[str, Any]] = []


class ChoiceOut(msgspec.Struct):
    """The one answer."""

    message: MessageOut
    finish_reason: str
    index: int = 0
    logprobs: None = None


class CompletionOut(msgspec.Struct):
    """A whole answer to a client; `usage` is null where nobody knows it."""

    id: str
    created: int
    model: str
    choices: list[ChoiceOut]
    usage: UsageOut | None
    object: str = "chat.completion"


class DeltaOut(msgspec.Struct, omit_defaults=True):
    """What a chunk adds, for all but the commonest chunks, which the stream writer makes by hand."""

    role: str | None = None
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[CallOut] = []
    reasoning_details: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
