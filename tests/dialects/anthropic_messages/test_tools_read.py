from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from app.dialects.anthropic_messages.tools_read import read_tools, with_changes
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import CacheMark, Tool


def raw(value: Any) -> Raw:
    return Raw(json.dumps(value).encode())


def change(kind: str, tool: Any) -> tuple[str, Raw, str]:
    return (kind, raw({"type": kind, "tool": tool}), "messages.1.content.0")


TOOLS = read_tools([raw({"name": name, "input_schema": {"type": "object"}}) for name in ("a", "b")])


def test_a_tool_of_the_client() -> None:
    given = {
        "name": "f",
        "type": "custom",
        "description": "does f",
        "input_schema": {"type": "object", "properties": {"format": {}}},
        "strict": True,
        "cache_control": {"type": "ephemeral"},
        "eager_input_streaming": True,
        "defer_loading": True,
        "input_examples": [],
    }
    (tool,) = read_tools([raw(given)])
    assert tool == Tool("f", "does f", json.dumps(given["input_schema"]).encode(), True, cache=CacheMark())


def test_little_is_enough() -> None:
    assert read_tools([raw({"name": "f"})]) == (Tool("f"),)
    assert read_tools([raw({"name": "f", "description": None, "input_schema": None, "strict": None})]) == (Tool("f"),)


def test_a_tool_of_the_vendor_is_kept_as_it_was() -> None:
    given = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
    assert read_tools([raw(given)]) == (
        Tool("web_search", kind="web_search_20250305", json=json.dumps(given).encode()),
    )


@pytest.mark.parametrize("kind", ["bash_20250124", "text_editor_20250728", "memory_20250818"])
def test_a_vendors_tool_that_the_client_runs_has_its_published_schema(kind: str) -> None:
    (tool,) = read_tools([raw({"type": kind, "name": "t"})])
    assert tool.kind == kind
    assert tool.description
    assert "command" in json.loads(tool.schema)["properties"]


@pytest.mark.parametrize(
    ("tool", "kind", "param"),
    [
        ({"type": "mcp_toolset", "mcp_server_name": "s"}, ErrorKind.UNSUPPORTED, "tools.1"),
        ({"name": 3}, ErrorKind.INVALID_REQUEST, "tools.1.name"),
        ({"name": "f", "strict": "yes"}, ErrorKind.INVALID_REQUEST, "tools.1.strict"),
        ("f", ErrorKind.INVALID_REQUEST, "tools.1"),
    ],
)
def test_what_cannot_be_taken_is_named_by_its_place(tool: Any, kind: ErrorKind, param: str) -> None:
    with pytest.raises(PatchbayError) as raised:
        read_tools([raw({"name": "ok"}), raw(tool)])
    assert (raised.value.kind, raised.value.param) == (kind, param)


def names(*changes: tuple[str, Raw, str]) -> list[str]:
    return [tool.name for tool in with_changes(TOOLS, changes)]


def test_tools_come_and_go_in_mid_conversation() -> None:
    reference = {"type": "tool_reference", "name": "a"}
    assert names(change("tool_removal", reference)) == ["b"]
    assert names(change("tool_removal", reference), change("tool_addition", reference)) == ["b", "a"]
    assert names(change("tool_addition", reference)) == ["a", "b"]
    assert names(change("tool_removal", {"type": "tool_reference", "name": "unknown"})) == ["a", "b"]
    defined = {"type": "tool_definition", "definition": {"name": "c", "input_schema": {}}}
    assert names(change("tool_addition", defined)) == ["a", "b", "c"]
