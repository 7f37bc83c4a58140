"""Content blocks of the dialects, whichever side they stand on, as readable blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.control.conversation.loose import items, mapping, objects, pretty, text
from app.control.conversation.turns import Block, BlockKind

_TEXT_TYPES = frozenset({"text", "input_text", "output_text", "summary_text", "reasoning_text"})
_MEDIA_TYPES = frozenset({"image", "document", "image_url", "input_image", "input_audio", "file", "input_file"})
_CALL_TYPES = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


def content(value: Any) -> Iterator[Block]:
    """Blocks of a `content` field: a string, or a list of Anthropic's or OpenAI's typed parts."""
    if isinstance(value, str):
        if value:
            yield Block(BlockKind.TEXT, value)
        return
    for part in items(value):
        if isinstance(part, str):
            yield Block(BlockKind.TEXT, part)
        elif isinstance(part, dict):
            yield typed(part)


def typed(part: Mapping[str, Any]) -> Block:
    """One typed part of Anthropic Messages, OpenAI chat or OpenAI Responses."""
    kind = text(part.get("type"))
    if kind in _TEXT_TYPES:
        return Block(BlockKind.TEXT, text(part.get("text")))
    if kind == "refusal":
        return Block(BlockKind.TEXT, text(part.get("refusal")), "refusal")
    if kind == "thinking":
        return Block(BlockKind.THINKING, text(part.get("thinking")))
    if kind == "redacted_thinking":
        return Block(BlockKind.THINKING, "The vendor keeps this thinking encrypted.", "encrypted")
    if kind in _CALL_TYPES:
        return call(part.get("name"), part.get("input"))
    if kind.endswith("tool_result"):
        return result(part)
    if kind in _MEDIA_TYPES:
        return media(part)
    return Block(BlockKind.OTHER, pretty(part), kind or "unknown block")


def call(name: Any, arguments: Any) -> Block:
    """A tool call; `arguments` is an object or its JSON text."""
    return Block(BlockKind.TOOL_CALL, pretty(arguments) if arguments not in (None, "") else "", text(name) or "tool")


def result(part: Mapping[str, Any]) -> Block:
    """What a tool answered; nested parts become one text."""
    value = part.get("content")
    failed = part.get("is_error") is True
    return Block(BlockKind.TOOL_RESULT, flat(value), "failed" if failed else "")


def flat(value: Any) -> str:
    """A tool's answer as one text: strings as they are, parts one after another, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = (block.text or f"[{block.title}]" for block in content(value))
        return "\n".join(parts)
    return "" if value is None else pretty(value)


def media(part: Mapping[str, Any]) -> Block:
    """A picture, document or sound, described: its type, and its size or address."""
    source = mapping(part.get("source")) or mapping(part.get("image_url")) or mapping(part.get("file")) or part
    kind = text(source.get("media_type") or source.get("mimeType") or part.get("type")) or "media"
    address = text(source.get("url") or part.get("image_url"))
    data = text(source.get("data") or source.get("file_data"))
    if address.startswith("data:"):
        kind = address[5:].partition(";")[0] or kind
        data = address.partition(",")[2]
    if data:
        return Block(BlockKind.MEDIA, f"{kind}, {max(1, len(data) * 3 // 4096)} kB", kind)
    name = text(source.get("filename") or source.get("file_id") or part.get("title"))
    return Block(BlockKind.MEDIA, " ".join(word for word in (kind, name or address) if word), kind)


def gemini(parts: Any) -> Iterator[Block]:
    """Gemini's untyped parts, neighbouring texts joined."""
    kind, texts = BlockKind.TEXT, list[str]()
    for part in objects(parts):
        said = part.get("text")
        now = BlockKind.THINKING if part.get("thought") is True else BlockKind.TEXT
        if isinstance(said, str):
            if texts and now is not kind:
                yield Block(kind, "".join(texts))
                texts = []
            kind = now
            texts.append(said)
            continue
        if texts:
            yield Block(kind, "".join(texts))
            texts = []
        yield _gemini_part(part)
    if texts:
        yield Block(kind, "".join(texts))


def _gemini_part(part: Mapping[str, Any]) -> Block:
    if "functionCall" in part:
        made = mapping(part["functionCall"])
        return call(made.get("name"), made.get("args"))
    if "functionResponse" in part:
        answer = mapping(part["functionResponse"])
        return Block(BlockKind.TOOL_RESULT, flat(answer.get("response")), text(answer.get("name")))
    for key in ("inlineData", "inline_data", "fileData", "file_data"):
        if key in part:
            source = mapping(part[key])
            return media({"type": text(source.get("mime_type")), "source": source})
    return Block(BlockKind.OTHER, pretty(part), next(iter(part), "unknown part"))


def error(value: Any) -> Block | None:
    """The message of an error body in any dialect's form, or None where there is none."""
    inner = mapping(value).get("error") or mapping(mapping(value).get("response")).get("error")
    if isinstance(inner, str) and inner:
        return Block(BlockKind.ERROR, inner)
    inner = mapping(inner)
    message = text(inner.get("message"))
    kind = text(inner.get("type") or inner.get("code") or inner.get("status"))
    return Block(BlockKind.ERROR, message or pretty(inner), kind) if inner else None
