"""The stream alphabet: what an answer is made of while it arrives, and the whole answer.

A reader of any dialect yields these in one strict order, so that every writer stays trivial:

    MessageStart (BlockStart BlockDelta* BlockSignature? BlockStop)* MessageStop
    ... or, anywhere, StreamError as the last event; Ping anywhere after MessageStart; UsageSeen anywhere.

Block indices are 0, 1, 2 … without gaps and only one block is open at a time: a reader whose upstream interleaves
blocks (chat's parallel tool calls) buffers the later ones. A tool block's deltas concatenate to its JSON arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import PatchbayError
from app.domain.request import Part, Search
from app.domain.usage import NO_USAGE, Usage


class BlockKind(StrEnum):
    """What a block of the answer holds."""

    TEXT = "text"
    THINKING = "thinking"
    REDACTED = "redacted_thinking"
    TOOL = "tool_use"
    SEARCH = "search"
    """A web search that the upstream ran by itself; whole in its start, without deltas."""
    FOREIGN = "foreign"
    """A block that only its own dialect knows (server tools); a writer of another dialect skips it."""


class StopReason(StrEnum):
    """Why the model stopped."""

    END_TURN = "end_turn"
    TOOL_USE = "tool_use"
    MAX_TOKENS = "max_tokens"
    CONTEXT_FULL = "model_context_window_exceeded"
    STOP_SEQUENCE = "stop_sequence"
    REFUSAL = "refusal"
    PAUSE = "pause_turn"


@dataclass(frozen=True, slots=True)
class MessageStart:
    """The upstream began to answer; `usage` is what it knew then."""

    id: str
    model: str
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class BlockStart:
    """A block opens.

    `id`, `name` and `signature` (see `ToolCall.signature`) belong to a tool, `json` to a redacted (its data) or foreign
    (the block) one, `search` to a search.
    """

    index: int
    kind: BlockKind
    id: str = ""
    name: str = ""
    json: bytes = b""
    search: Search | None = None
    signature: str = ""


@dataclass(frozen=True, slots=True)
class BlockDelta:
    """More of the open block: text, thinking, or a fragment of a tool's JSON arguments; may be empty."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class BlockSignature:
    """The signature of the open thinking block; at most one a block, right before its stop."""

    index: int
    signature: str


@dataclass(frozen=True, slots=True)
class BlockStop:
    """The open block is complete."""

    index: int


@dataclass(frozen=True, slots=True)
class UsageSeen:
    """The counts as known so far; cumulative, so a later one replaces an earlier one."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Ping:
    """The upstream is alive and has nothing to say."""


@dataclass(frozen=True, slots=True)
class MessageStop:
    """The terminator arrived: the answer is complete."""

    reason: StopReason
    usage: Usage = NO_USAGE
    stop_sequence: str | None = None
    refusal: str = ""
    """The upstream's explanation of a refusal, where it gave one."""


@dataclass(frozen=True, slots=True)
class StreamError:
    """The answer ends here and is not complete; nothing follows."""

    error: PatchbayError


Event = (
    MessageStart | BlockStart | BlockDelta | BlockSignature | BlockStop | UsageSeen | Ping | MessageStop | StreamError
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: `parts` are Text, Thinking, ToolCall, Search and Foreign in the upstream's order."""

    id: str
    model: str
    parts: tuple[Part, ...]
    stop: StopReason
    usage: Usage = NO_USAGE
    stop_sequence: str | None = None
    refusal: str = ""
