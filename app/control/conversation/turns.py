"""What a conversation is made of when a person reads it: turns of readable blocks, all of them plain text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    """Who speaks in a turn."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class BlockKind(StrEnum):
    """What a block holds."""

    TEXT = "text"
    THINKING = "thinking"
    TOOL_CALL = "tool_call"
    TOOL_RESULT = "tool_result"
    MEDIA = "media"
    """A picture, document or sound: said in words, never decoded."""
    ERROR = "error"
    OTHER = "other"
    """A block that this view does not know, as indented JSON."""


@dataclass(frozen=True, slots=True)
class Block:
    """A readable piece of a turn; `title` is a tool's name, a media type or the block's own type."""

    kind: BlockKind
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said before the other spoke again."""

    speaker: Speaker
    blocks: tuple[Block, ...]
    is_reply: bool = False
    """The answer of this exchange; every other turn was sent along with the request."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns of one exchange, what tools the model was offered, and in words what could not be read."""

    turns: tuple[Turn, ...]
    tools: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
