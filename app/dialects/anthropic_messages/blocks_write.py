"""Neutral parts -> content blocks; counts the cache marks, of which the API takes four."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from app.dialects.arguments import as_object
from app.dialects.names import ToolNames
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName
from app.domain.request import CacheMark, Document, Foreign, Image, Part, Text, Thinking, ToolCall, ToolResult

MAX_CACHE_MARKS = 4
_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
Block = dict[str, Any]


class BlockWriter:
    """Writes the blocks of one request, in the order in which the upstream caches them: tools, system, messages."""

    def __init__(self, names: ToolNames, *, cache: bool) -> None:
        self._names = names
        self._cache = cache
        self._marked: list[Block] = []
        self.dropped: list[str] = []

    def mark(self, block: Block, mark: CacheMark | None) -> Block:
        """The block with the cache mark on it, if it has one and the upstream takes any."""
        if mark is not None and self._cache:
            block["cache_control"] = {"type": "ephemeral"} | ({"ttl": mark.ttl} if mark.ttl else {})
            self._marked.append(block)
        return block

    def trim_marks(self) -> None:
        """Takes away all cache marks but the last four."""
        for block in self._marked[:-MAX_CACHE_MARKS]:
            del block["cache_control"]

    def content(self, parts: Sequence[Part]) -> str | list[Block | msgspec.Raw]:
        """The content of a message or a tool result; one plain text stays a string."""
        blocks = list(self._blocks(parts))
        if len(parts) == 1 and isinstance(parts[0], Text) and parts[0].cache is None:
            return parts[0].text
        return blocks

    def _blocks(self, parts: Iterable[Part]) -> Iterable[Block | msgspec.Raw]:
        for part in parts:
            block = self._block(part)
            if block is not None:
                yield block

    def _block(self, part: Part) -> Block | msgspec.Raw | None:
        match part:
            case Text():
                return self.mark({"type": "text", "text": part.text}, part.cache)
            case ToolCall():
                name = self._names.upstream(part.name)
                call = {"type": "tool_use", "id": part.id, "name": name, "input": as_object(part.arguments)}
                return self.mark(call, part.cache)
            case ToolResult():
                return self._result(part)
            case Thinking():
                return _thinking(part)
            case Image():
                return self.mark({"type": "image", "source": _image(part)}, part.cache)
            case Document():
                return self._document(part)
            case Foreign():
                return self._foreign(part)
        return None

    def _result(self, part: ToolResult) -> Block:
        block: Block = {"type": "tool_result", "tool_use_id": part.call_id}
        parts = [one for one in part.parts if not isinstance(one, Text) or one.text.strip()]
        if parts:
            block["content"] = self.content(parts)
        if part.is_error:
            block["is_error"] = True
        return self.mark(block, part.cache)

    def _document(self, part: Document) -> Block:
        block: Block = {"type": "document", "source": self._document_source(part)}
        if part.title:
            block["title"] = part.title
        if part.context:
            block["context"] = part.context
        return self.mark(block, part.cache)

    def _document_source(self, part: Document) -> Block:
        if part.url:
            return {"type": "url", "url": part.url}
        if part.parts:
            return {"type": "content", "content": list(self._blocks(part.parts))}
        if part.text:
            return {"type": "text", "media_type": "text/plain", "data": part.text}
        if part.media_type == "application/pdf":
            return {"type": "base64", "media_type": part.media_type, "data": part.data}
        if part.media_type.startswith("text/"):
            return {"type": "text", "media_type": "text/plain", "data": _decoded(part.data)}
        raise _unsupported(f"documents of type {part.media_type or 'unknown'}")

    def _foreign(self, part: Foreign) -> Block | msgspec.Raw | None:
        if part.dialect == DialectName.ANTHROPIC_MESSAGES:
            return msgspec.Raw(part.json)
        if part.text.strip():
            return {"type": "text", "text": part.text}
        self.dropped.append(f"messages: {part.kind}")
        return None


def _thinking(part: Thinking) -> Block:
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.redacted}
    return {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _image(part: Image) -> Block:
    if part.url:
        return {"type": "url", "url": part.url}
    kind = "image/jpeg" if part.media_type == "image/jpg" else part.media_type
    if kind not in _IMAGES:
        raise _unsupported(f"images of type {part.media_type or 'unknown'}")
    return {"type": "base64", "media_type": kind, "data": part.data}


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise _unsupported("documents that are no base64") from None


def _unsupported(what: str) -> PatchbayError:
    return PatchbayError(ErrorKind.UNSUPPORTED, f"messages: Claude does not read {what}.", param="messages")
