from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from app.dialects.anthropic_messages.blocks_write import MAX_CACHE_MARKS, BlockWriter
from app.dialects.names import ToolNames
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import CacheMark, Document, Foreign, Image, Part, Text, Thinking, ToolCall, ToolResult


def writer(*, cache: bool = True) -> BlockWriter:
    return BlockWriter(ToolNames([], 64), cache=cache)


def write(*parts: Part) -> Any:
    return msgspec.json.decode(msgspec.json.encode(writer().content([Text("first"), *parts])))[1:]


PDF = Document("application/pdf", "JVBERi0=", title="a.pdf", context="C")


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Text("a"), {"type": "text", "text": "a"}),
        (
            Text("a", CacheMark("1h")),
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ),
        (Thinking("hm", "S="), {"type": "thinking", "thinking": "hm", "signature": "S="}),
        (Thinking("", "S="), {"type": "thinking", "thinking": "", "signature": "S="}),
        (Thinking(redacted="R"), {"type": "redacted_thinking", "data": "R"}),
        (ToolCall("t", "f", '{"b":1,"a":2}'), {"type": "tool_use", "id": "t", "name": "f", "input": {"b": 1, "a": 2}}),
        (ToolResult("t"), {"type": "tool_result", "tool_use_id": "t"}),
        (ToolResult("t", (Text(""),)), {"type": "tool_result", "tool_use_id": "t"}),
        (
            ToolResult("t", (Text("no"),), is_error=True),
            {"type": "tool_result", "tool_use_id": "t", "content": "no", "is_error": True},
        ),
        (
            ToolResult("t", (Text("see"), Image("image/jpg", "AAAA"))),
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [
                    {"type": "text", "text": "see"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"}},
                ],
            },
        ),
        (Image(url="https://e.x"), {"type": "image", "source": {"type": "url", "url": "https://e.x"}}),
        (
            PDF,
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
                "title": "a.pdf",
                "context": "C",
            },
        ),
        (
            Document("text/plain", text="words"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}},
        ),
        (
            Document("text/csv", base64.b64encode("ä,b".encode()).decode()),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "ä,b"}},
        ),
        (Document(url="https://e.x"), {"type": "document", "source": {"type": "url", "url": "https://e.x"}}),
        (
            Document(parts=(Text("w"),)),
            {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "w"}]}},
        ),
        (Foreign("anthropic_messages", "x", b'{"type":"x","a":1}'), {"type": "x", "a": 1}),
        (Foreign("gemini", "x", b"{}", "readable"), {"type": "text", "text": "readable"}),
    ],
)
def test_every_part_has_its_block(part: Part, block: Any) -> None:
    assert write(part) == [block]


def test_one_plain_text_stays_a_string() -> None:
    assert writer().content([Text("a")]) == "a"
    assert writer().content([Text("a", CacheMark())]) != "a"


def test_what_cannot_be_shown_is_named() -> None:
    one = writer()
    assert one.content([Text("a"), Foreign("gemini", "code", b"{}")]) == [{"type": "text", "text": "a"}]
    assert one.dropped == ["messages: code"]


@pytest.mark.parametrize(
    "part",
    [Image("image/bmp", "AAAA"), Image("", "AAAA"), Document("application/zip", "AAAA"), Document("text/plain", "A")],
)
def test_what_claude_does_not_read_is_refused(part: Part) -> None:
    with pytest.raises(PatchbayError) as raised:
        write(part)
    assert (raised.value.kind, raised.value.param) == (ErrorKind.UNSUPPORTED, "messages")


def test_only_the_last_four_cache_marks_stay() -> None:
    one = writer()
    marked = [one.content([Text(str(index), CacheMark())]) for index in range(6)]
    one.trim_marks()
    assert ["cache_control" in blocks[0] for blocks in marked] == [False] * 2 + [True] * MAX_CACHE_MARKS


def test_an_upstream_without_a_cache_gets_no_marks() -> None:
    assert writer(cache=False).content([Text("a", CacheMark()), Text("b")])[0] == {"type": "text", "text": "a"}
