"""A conversation as styled pieces of plain text, whole or only what is new in this exchange."""

from __future__ import annotations

from collections.abc import Iterator

from app.control.conversation import Block, BlockKind, Conversation, Speaker, Turn
from app.ui import formats
from app.ui.widgets.text_pages import Piece

SPEAKERS = {
    Speaker.SYSTEM: "System",
    Speaker.USER: "User",
    Speaker.ASSISTANT: "Assistant",
    Speaker.TOOL: "Tool",
}
_TITLES = {
    BlockKind.THINKING: "Thinking",
    BlockKind.TOOL_CALL: "Calls",
    BlockKind.TOOL_RESULT: "Result",
    BlockKind.MEDIA: "Attachment",
    BlockKind.ERROR: "Error",
    BlockKind.OTHER: "Block",
}


def split(conversation: Conversation) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """(earlier turns, what this exchange is about): what was sent since the model last spoke, and its answer."""
    turns = conversation.turns
    spoken = [place for place, turn in enumerate(turns) if turn.speaker is Speaker.ASSISTANT and not turn.is_reply]
    first = (
        spoken[-1] + 1
        if spoken
        else next((place for place, turn in enumerate(turns) if turn.speaker is not Speaker.SYSTEM), 0)
    )
    return turns[:first], turns[first:]


def summary(conversation: Conversation) -> str:
    """What stands before the newest turns: "System prompt 18.2 kB · 42 tools · 48 earlier turns"."""
    earlier, _ = split(conversation)
    system = sum(
        len(block.text.encode()) for turn in earlier for block in turn.blocks if turn.speaker is Speaker.SYSTEM
    )
    turns = sum(turn.speaker is not Speaker.SYSTEM for turn in earlier)
    parts = [f"System prompt {formats.size(system)}"] if system else []
    if conversation.tools:
        parts.append(f"{len(conversation.tools)} tool{'' if len(conversation.tools) == 1 else 's'}")
    if turns:
        parts.append(f"{turns} earlier turn{'' if turns == 1 else 's'}")
    return "  ·  ".join(parts)


def pieces(conversation: Conversation, *, whole: bool) -> Iterator[Piece]:
    """The text; styles are "<speaker>-name" for names, "<speaker>-<block kind>" for the rest, "note"."""
    earlier, newest = split(conversation)
    for note in conversation.notes:
        yield Piece(f"{note}\n\n", "note")
    if whole and conversation.tools:
        yield Piece(f"Tools offered: {', '.join(conversation.tools)}\n\n", "note")
    for turn in (*earlier, *newest) if whole else newest:
        yield from _turn(turn)


def _turn(turn: Turn) -> Iterator[Piece]:
    yield Piece(f"{SPEAKERS[turn.speaker]}\n", f"{turn.speaker}-name")
    for block in turn.blocks:
        yield from _block(turn.speaker, block)
    yield Piece("\n", "gap")


def _block(speaker: Speaker, block: Block) -> Iterator[Piece]:
    style = f"{speaker}-{block.kind}"
    if block.kind is not BlockKind.TEXT:
        title = f"{_TITLES[block.kind]} {block.title}".rstrip()
        yield Piece(f"{formats.one_line(title)}\n", f"{speaker}-title")
    yield Piece(block.text.rstrip("\n") + "\n", style)
