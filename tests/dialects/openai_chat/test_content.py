from __future__ import annotations

from app.dialects.openai_chat import content
from app.dialects.openai_chat import wire_reply as wire
from app.domain.events import BlockKind

FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")


def test_the_first_field_with_text_is_the_thought():
    delta = wire.Delta(reasoning_content="", reasoning="a", thinking="b", reasoning_details=[{"text": "c"}])
    assert content.thought(delta, FIELDS) == "a"
    assert content.thought(delta, ("reasoning_details", "reasoning")) == "c"
    assert content.thought(delta, ("thinking",)) == "b"
    assert content.thought(delta, ()) == ""
    assert content.thought(wire.Delta(reasoning_details=[{"summary": "s"}, {"data": "x"}]), FIELDS) == "s"


def test_content_in_parts():
    given = [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": "b"}, "c", {"type": "image"}, {"text": ""}]
    assert content.pieces(given) == [(BlockKind.TEXT, "a"), (BlockKind.THINKING, "b")]
    assert content.pieces("a") == [(BlockKind.TEXT, "a")]
    assert content.pieces("") == content.pieces(None) == []
