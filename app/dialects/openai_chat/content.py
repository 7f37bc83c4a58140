"""What a delta or a message says: its text, and its reasoning wherever the vendor puts that."""

from __future__ import annotations

from typing import Any

from app.dialects.openai_chat import reasoning
from app.dialects.openai_chat import wire_reply as wire
from app.domain.events import BlockKind


def thought(delta: wire.Delta, fields: tuple[str, ...]) -> str:
    """The reasoning: of the fields that the profile lists, the first that has text (OpenRouter says it twice)."""
    for field in fields:
        if field == "reasoning_details":
            text = reasoning.detail_text(delta.reasoning_details)
        else:
            text = getattr(delta, field, None) or ""
        if text:
            return text
    return ""


def pieces(content: str | list[Any] | None) -> list[tuple[BlockKind, str]]:
    """The content as text and thinking; Mistral's reasoning models send both as parts."""
    if isinstance(content, str):
        return [(BlockKind.TEXT, content)] if content else []
    found: list[tuple[BlockKind, str]] = []
    for part in content or ():
        if not isinstance(part, dict):
            continue
        if part.get("type") == "thinking":
            inner = part.get("thinking")
            text = inner if isinstance(inner, str) else "".join(text for _, text in pieces(inner))
            found.append((BlockKind.THINKING, text))
        elif isinstance(part.get("text"), str):
            found.append((BlockKind.TEXT, part["text"]))
    return [(kind, text) for kind, text in found if text]
