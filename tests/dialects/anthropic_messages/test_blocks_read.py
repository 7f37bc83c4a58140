from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from app.dialects.anthropic_messages.blocks_read import BlockReader, text_only
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import CacheMark, Document, Foreign, Image, Part, Text, Thinking, ToolCall, ToolResult


def parts(*blocks: Any) -> tuple[Part, ...]:
    return BlockReader().parts([Raw(json.dumps(block).encode()) for block in blocks], "messages.3.content")


def problem(block: Any) -> PatchbayError:
    with pytest.raises(PatchbayError) as raised:
        parts({"type": "text", "text": "first"}, block)
    return raised.value


def base64(kind: str) -> dict[str, str]:
    return {"type": "base64", "media_type": kind, "data": "AAAA"}


EPHEMERAL = {"cache_control": {"type": "ephemeral"}}
DEF = "document"


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "a"}, Text("a")),
        ({"type": "text", "text": ""}, Text("")),
        ({"type": "text", "text": "a", "citations": None, **EPHEMERAL}, Text("a", CacheMark())),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            Text("a", CacheMark("1h")),
        ),
        ({"type": "text", "text": "a", "cache_control": None}, Text("a")),
        ({"type": "image", "source": base64("image/png")}, Image("image/png", "AAAA")),
        ({"type": "image", "source": {"type": "url", "url": "https://e.x"}}, Image(url="https://e.x")),
        (
            {"type": DEF, "source": base64("application/pdf"), "title": "T", "context": None, **EPHEMERAL},
            Document("application/pdf", "AAAA", title="T", cache=CacheMark()),
        ),
        (
            {"type": DEF, "source": {"type": "text", "media_type": "text/plain", "data": "words"}, "context": "C"},
            Document("text/plain", text="words", context="C"),
        ),
        ({"type": DEF, "source": {"type": "url", "url": "https://e.x"}}, Document(url="https://e.x")),
        ({"type": DEF, "source": {"type": "content", "content": "words"}}, Document(parts=(Text("words"),))),
        (
            {"type": DEF, "source": {"type": "content", "content": [{"type": "image", "source": base64("image/png")}]}},
            Document(parts=(Image("image/png", "AAAA"),)),
        ),
        ({"type": "thinking", "thinking": "hm", "signature": "S="}, Thinking("hm", "S=")),
        ({"type": "thinking", "thinking": "hm", "signature": ""}, Thinking("hm")),
        ({"type": "thinking", "thinking": "hm", "signature": None}, Thinking("hm")),
        ({"type": "redacted_thinking", "data": "opaque"}, Thinking(redacted="opaque")),
        ({"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1]}}, ToolCall("t", "f", '{"a": [1]}')),
        ({"type": "tool_use", "id": "t", "name": "f", "caller": {"type": "direct"}}, ToolCall("t", "f", "{}")),
        ({"type": "tool_use", "id": "t", "name": "f", "input": "odd"}, ToolCall("t", "f", '"odd"')),
        ({"type": "tool_result", "tool_use_id": "t"}, ToolResult("t")),
        ({"type": "tool_result", "tool_use_id": "t", "content": "", "is_error": None}, ToolResult("t")),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": "ok", "is_error": True},
            ToolResult("t", (Text("ok"),), True),
        ),
        (
            {"type": "tool_result", "content": [{"type": "text", "text": "ok"}], "tool_use_id": "t", **EPHEMERAL},
            ToolResult("t", (Text("ok"),), cache=CacheMark()),
        ),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": base64("image/png")}]},
            ToolResult("t", (Image("image/png", "AAAA"),)),
        ),
    ],
)
def test_every_block_has_its_part(block: Any, part: Part) -> None:
    assert parts(block) == (part,)


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "tool_reference", "tool_name": "grep"}, "Tool loaded: grep"),
        (
            {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "found"}]},
            '<search_result source="s" title="t">\nfound\n</search_result>',
        ),
        ({"type": "compaction", "content": "so far"}, "[summary of earlier conversation]\nso far"),
        ({"type": "compaction", "content": None}, ""),
        ({"type": "something_new", "x": 1}, ""),
        ({"type": "something_new", "text": "readable"}, "readable"),
        ({"type": "mcp_tool_use", "id": "m", "name": "n", "server_name": "s", "input": {}}, ""),
    ],
)
def test_what_only_this_dialect_knows_is_kept_whole(block: Any, text: str) -> None:
    assert parts(block) == (Foreign("anthropic_messages", block["type"], json.dumps(block).encode(), text),)


def test_a_search_is_readable_in_its_result() -> None:
    use = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "ulm"}}
    page = {"type": "web_search_result", "url": "https://e.x", "title": "E", "encrypted_content": "z"}
    failed = {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    found = parts(
        use,
        {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [page, page]},
        {"type": "web_search_tool_result", "tool_use_id": "s1", "content": failed},
    )
    assert [part.text for part in found if isinstance(part, Foreign)] == [
        "",
        '[web search "ulm": E - https://e.x; E - https://e.x]',
        '[web search "ulm": ]',
    ]


@pytest.mark.parametrize(
    ("block", "param"),
    [
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, "source"),
        ({"type": "document", "source": {"type": "file", "file_id": "f"}}, "source"),
        ({"type": "container_upload", "file_id": "f"}, ""),
    ],
)
def test_what_needs_the_vendors_own_state_is_unsupported(block: Any, param: str) -> None:
    error = problem(block)
    assert error.kind is ErrorKind.UNSUPPORTED
    assert error.param == ".".join(filter(None, ("messages.3.content.1", param)))


@pytest.mark.parametrize(
    ("block", "param"),
    [
        ({}, "type"),
        ({"type": 3}, "type"),
        ({"type": "text"}, "text"),
        ({"type": "text", "text": None}, "text"),
        ({"type": "image", "source": "x"}, "source"),
        ({"type": "tool_use", "name": "f"}, "id"),
        ({"type": "tool_result", "tool_use_id": 3}, "tool_use_id"),
        ({"type": "tool_result", "tool_use_id": "t", "content": {}}, "content"),
        ({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text"}]}, "content.0.text"),
        ("text", ""),
        (None, ""),
    ],
)
def test_a_broken_block_is_named_by_its_place(block: Any, param: str) -> None:
    error = problem(block)
    assert error.kind is ErrorKind.INVALID_REQUEST
    assert error.param == ".".join(filter(None, ("messages.3.content.1", param)))


def test_a_text_stays_a_text_in_the_clients_order() -> None:
    assert BlockReader().parts("hi", "x") == (Text("hi"),)


def test_where_only_text_may_stand() -> None:
    reader = BlockReader()
    raws = [Raw(b'{"type":"text","text":"a"}'), Raw(b'{"type":"text","text":""}')]
    assert text_only(reader, raws, "system") == (Text("a"),)
    with pytest.raises(PatchbayError) as raised:
        text_only(reader, [Raw(b'{"type":"thinking","thinking":""}')], "system")
    assert raised.value.param == "system.0"
