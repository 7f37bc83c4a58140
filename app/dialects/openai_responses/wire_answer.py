"""Responses answers as upstreams send them, whole and in events.

Sources: the openai SDK's `Response` and `ResponseStreamEvent`; OpenRouter (`cost`). Every member may be missing or
null; what does not even fit these types is read by `answer_loose`. What nobody here interprets stays as it came.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import Raw

from app.domain.events import BlockKind

NOTHING = Raw()


def given(raw: Raw) -> bool:
    """Whether an uninterpreted value is there and not null."""
    return bytes(raw) not in {b"", b"null"}


# --- the commonest events: more of an item ----------------------------------------------------------------------------


class TextDelta(msgspec.Struct, tag_field="type", tag="response.output_text.delta", gc=False):
    """More of a message's text."""

    delta: str
    output_index: int
    item_id: str | None = None
    place: int = msgspec.field(default=0, name="content_index")
    item: ClassVar[str] = "message"
    kind: ClassVar[BlockKind] = BlockKind.TEXT


class RefusalDelta(msgspec.Struct, tag_field="type", tag="response.refusal.delta", gc=False):
    """More of a refusal."""

    delta: str
    output_index: int
    item_id: str | None = None
    place: int = msgspec.field(default=0, name="content_index")
    item: ClassVar[str] = "message"
    kind: ClassVar[BlockKind] = BlockKind.TEXT


class SummaryDelta(msgspec.Struct, tag_field="type", tag="response.reasoning_summary_text.delta", gc=False):
    """More of a summary of the reasoning."""

    delta: str
    output_index: int
    item_id: str | None = None
    place: int = msgspec.field(default=0, name="summary_index")
    item: ClassVar[str] = "reasoning"
    kind: ClassVar[BlockKind] = BlockKind.THINKING


class ThoughtDelta(msgspec.Struct, tag_field="type", tag="response.reasoning_text.delta", gc=False):
    """More of the reasoning itself, from servers of open models."""

    delta: str
    output_index: int
    item_id: str | None = None
    place: int = msgspec.field(default=0, name="content_index")
    item: ClassVar[str] = "reasoning"
    kind: ClassVar[BlockKind] = BlockKind.THINKING


class ArgumentsDelta(msgspec.Struct, tag_field="type", tag="response.function_call_arguments.delta", gc=False):
    """More of a function's arguments."""

    delta: str
    output_index: int
    item_id: str | None = None
    place: ClassVar[int] = 0
    item: ClassVar[str] = "function_call"
    kind: ClassVar[BlockKind] = BlockKind.TOOL


class InputDelta(msgspec.Struct, tag_field="type", tag="response.custom_tool_call_input.delta", gc=False):
    """More of the text for a tool that takes free text."""

    delta: str
    output_index: int
    item_id: str | None = None
    place: ClassVar[int] = 0
    item: ClassVar[str] = "custom_tool_call"
    kind: ClassVar[BlockKind] = BlockKind.TOOL


Delta = TextDelta | RefusalDelta | SummaryDelta | ThoughtDelta | ArgumentsDelta | InputDelta
DELTAS: dict[str, type[Delta]] = {
    "response.output_text.delta": TextDelta,
    "response.refusal.delta": RefusalDelta,
    "response.reasoning_summary_text.delta": SummaryDelta,
    "response.reasoning_text.delta": ThoughtDelta,
    "response.function_call_arguments.delta": ArgumentsDelta,
    "response.custom_tool_call_input.delta": InputDelta,
}
OLDER: dict[str, type[Delta]] = {
    "response.reasoning.delta": ThoughtDelta,
    "response.reasoning_summary.delta": SummaryDelta,
}
"""What the API called them at first, and some servers of open models still do."""
COMPLETE: dict[str, type[Delta]] = {
    "response.output_text.done": TextDelta,
    "response.refusal.done": RefusalDelta,
    "response.reasoning_summary_text.done": SummaryDelta,
    "response.reasoning_summary_part.done": SummaryDelta,
    "response.reasoning_text.done": ThoughtDelta,
    "response.function_call_arguments.done": ArgumentsDelta,
    "response.custom_tool_call_input.done": InputDelta,
}
"""Events that tell the whole of what these deltas told in pieces."""

# --- items ------------------------------------------------------------------------------------------------------------


class PartIn(msgspec.Struct):
    """A part of a message, of a summary or of reasoning."""

    type: str | None = None
    text: str | None = None
    refusal: str | None = None
    annotations: list[dict[str, Any]] | None = None

    def said(self) -> str:
        """Its text."""
        return self.text or self.refusal or ""


class SourceIn(msgspec.Struct):
    """A page that a search looked at."""

    url: str | None = None


class ActionIn(msgspec.Struct):
    """What a web search did: searched, opened a page, looked for words in it."""

    type: str | None = None
    query: str | None = None
    queries: list[str] | None = None
    sources: list[SourceIn] | None = None


class ItemIn(msgspec.Struct):
    """An output item of any type; the fields of its type are set."""

    type: str | None = None
    id: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | dict[str, Any] | None = None
    input: str | None = None
    content: str | list[PartIn] | None = None
    summary: list[PartIn] | None = None
    encrypted_content: str | None = None
    action: ActionIn | None = None


# --- the answer -------------------------------------------------------------------------------------------------------


class InputDetails(msgspec.Struct):
    """What of the input came from, or went to, the vendor's cache."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class OutputDetails(msgspec.Struct):
    """What of the output was reasoning."""

    reasoning_tokens: int | None = None


class CostDetails(msgspec.Struct):
    """What OpenRouter's own upstream charged to the user's key there."""

    upstream_inference_cost: float | None = None


class UsageIn(msgspec.Struct):
    """Token counts of an upstream."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None
    cost: float | None = None
    is_byok: bool | None = None
    cost_details: CostDetails | None = None


class SearchUsage(msgspec.Struct):
    """How many searches are charged."""

    num_requests: int | None = None


class ToolUsage(msgspec.Struct):
    """What the vendor's own tools used."""

    web_search: SearchUsage | None = None


class Incomplete(msgspec.Struct):
    """Why an answer is not complete."""

    reason: str | None = None


class ResponseIn(msgspec.Struct):
    """The answer, as an object of its own or inside an event."""

    id: str | None = None
    model: str | None = None
    status: str | None = None
    error: Raw = NOTHING
    output: list[Raw] | None = None
    usage: UsageIn | None = None
    incomplete_details: Incomplete | None = None
    tool_usage: ToolUsage | None = None


class EventIn(msgspec.Struct):
    """An event of any type; the fields of its type are set."""

    type: str | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    summary_index: int | None = None
    delta: str | None = None
    text: str | None = None
    refusal: str | None = None
    arguments: str | dict[str, Any] | None = None
    input: str | None = None
    name: str | None = None
    part: PartIn | None = None
    annotation: dict[str, Any] | None = None
    item: Raw = NOTHING
    response: Raw = NOTHING
    error: Raw = NOTHING
