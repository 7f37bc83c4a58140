from __future__ import annotations

from app.dialects.openai_chat import content
from app.dialects.openai_chat import wire_reply as wire
from app.domain.events import BlockKind
from app.domain.request import SearchHit

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


def test_each_page_is_cited_once():
    cited = {"url": "u", "title": "T", "start_index": 1, "end_index": 2}
    annotations = [
        {"type": "url_citation", "url_citation": cited},
        {"type": "url_citation", "url_citation": {"url": "u", "title": "again"}},
        {"url": "v", "title": None, "start_index": "x"},
        {"type": "file_citation", "file": {}},
        {"url_citation": "x"},
    ]
    assert content.hits(annotations) == (SearchHit("u", "T", 1, 2), SearchHit("v"))
