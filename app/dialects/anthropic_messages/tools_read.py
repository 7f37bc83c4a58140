"""Tools of a request -> neutral tools: the client's own, the vendor's by their dated type, and changes on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from app.dialects.anthropic_messages import wire
from app.dialects.anthropic_messages.blocks_read import mark, unsupported
from app.dialects.anthropic_messages.wire import given
from app.dialects.body import decode
from app.domain.request import Tool

_TOOL = msgspec.json.Decoder(wire.Tool)
_CHANGE = msgspec.json.Decoder(wire.ToolChangeBlock)

_BASH = b"""{"type":"object","properties":{"command":{"type":"string","description":"The bash command to run."},\
"restart":{"type":"boolean","description":"Restart the tool instead of running a command."}}}"""
_EDITOR = b"""{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace",\
"insert"]},"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},"file_text":{"type":\
"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"insert_text":\
{"type":"string"}},"required":["command","path"]}"""
_MEMORY = b"""{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace",\
"insert","delete","rename"]},"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},\
"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":\
"integer"},"insert_text":{"type":"string"},"old_path":{"type":"string"},"new_path":{"type":"string"}},"required":\
["command"]}"""
_RUN_BY_CLIENT = (
    ("bash_", "Run commands in a bash shell that keeps its state.", _BASH),
    ("text_editor_", "View, create and edit files.", _EDITOR),
    ("memory_", "Read and write files below /memories, which outlive the conversation.", _MEMORY),
)
"""Vendor tools that the client itself runs: any model can call them by this schema.

Source: platform.claude.com, the pages of the bash, text editor and memory tools.
"""


def read_tools(raws: Sequence[msgspec.Raw]) -> tuple[Tool, ...]:
    """The tools of a request, in order; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with the place."""
    return tuple(_tool(raw, f"tools.{index}") for index, raw in enumerate(raws))


def with_changes(tools: tuple[Tool, ...], changes: Iterable[tuple[str, msgspec.Raw, str]]) -> tuple[Tool, ...]:
    """The tools after the (kind, block, place) changes of the conversation, in their order."""
    offered = {tool.name: tool for tool in tools}
    for kind, raw, at in changes:
        target = decode(_CHANGE, raw, at).tool
        if kind == "tool_removal":
            offered.pop(target.name, None)
        elif given(target.definition):
            tool = _tool(target.definition, f"{at}.tool.definition")
            offered[tool.name] = tool
        elif target.type == "tool_reference" and target.name not in offered:
            offered |= {tool.name: tool for tool in tools if tool.name == target.name}
    return tuple(offered.values())


def _tool(raw: msgspec.Raw, at: str) -> Tool:
    tool = decode(_TOOL, raw, at)
    kind = tool.type or "custom"
    cache = mark(tool.cache_control)
    schema = given(tool.input_schema)
    if kind == "custom":
        return Tool(tool.name, tool.description or "", schema, tool.strict, cache=cache)
    if kind == "mcp_toolset":
        raise unsupported("MCP tool sets", at)
    for prefix, description, published in _RUN_BY_CLIENT:
        if kind.startswith(prefix):
            return Tool(tool.name, description, published, kind=kind, json=bytes(raw), cache=cache)
    return Tool(tool.name, tool.description or "", schema, kind=kind, json=bytes(raw), cache=cache)
