"""Content blocks of a request -> neutral parts, in the client's order and without repairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from app.dialects.anthropic_messages import wire
from app.dialects.body import decode, invalid
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName
from app.domain.request import CacheMark, Document, Foreign, Image, Part, Text, Thinking, ToolCall, ToolResult

T = TypeVar("T", bound=msgspec.Struct)

_HEAD = msgspec.json.Decoder(wire.Head)
_SEARCH_INPUT = msgspec.json.Decoder(wire.SearchInput)
_HITS = msgspec.json.Decoder(list[wire.SearchHit])
_NATIVE_ONLY = frozenset({"container_upload"})
"""Blocks that point at state only the vendor has."""


class BlockReader:
    """Reads the blocks of one request; remembers the web searches, whose query and result are two blocks."""

    def __init__(self) -> None:
        self._queries: dict[str, str] = {}
        self._known: dict[str, Callable[[msgspec.Raw, str], Part]] = {
            "text": self._text,
            "image": self._image,
            "document": self._document,
            "thinking": self._thinking,
            "redacted_thinking": self._redacted,
            "tool_use": self._tool_use,
            "tool_result": self._tool_result,
            "server_tool_use": self._server_tool_use,
            "web_search_tool_result": self._search_result,
            "search_result": self._knowledge,
            "tool_reference": self._tool_reference,
            "compaction": self._compaction,
        }

    def parts(self, content: str | Sequence[msgspec.Raw], at: str) -> tuple[Part, ...]:
        """The parts of a content; `at` is where it stands in the body ("messages.0.content").

        Raises PatchbayError INVALID_REQUEST or UNSUPPORTED with the block's place as `param`.
        """
        if isinstance(content, str):
            return (Text(content),)
        return tuple(self._part(raw, f"{at}.{index}") for index, raw in enumerate(content))

    def _part(self, raw: msgspec.Raw, at: str) -> Part:
        kind = decode(_HEAD, raw, at).type
        read = self._known.get(kind)
        if read is not None:
            return read(raw, at)
        if kind in _NATIVE_ONLY:
            raise unsupported(f"{kind} blocks", at)
        return foreign(kind, raw, _any_text(raw))

    def _text(self, raw: msgspec.Raw, at: str) -> Text:
        block = decode(_decoder(wire.TextBlock), raw, at)
        return Text(block.text, mark(block.cache_control))

    def _image(self, raw: msgspec.Raw, at: str) -> Image:
        block = decode(_decoder(wire.ImageBlock), raw, at)
        source, cache = block.source, mark(block.cache_control)
        if source.type == "base64":
            return Image(media_type=source.media_type, data=source.data, cache=cache)
        if source.type == "url":
            return Image(url=source.url, cache=cache)
        raise unsupported(f"image sources of type {source.type}", f"{at}.source")

    def _document(self, raw: msgspec.Raw, at: str) -> Document:
        block = decode(_decoder(wire.DocumentBlock), raw, at)
        source, cache = block.source, mark(block.cache_control)
        title, context = block.title or "", block.context or ""
        if source.type == "base64":
            return Document(source.media_type, data=source.data, title=title, context=context, cache=cache)
        if source.type == "text":
            return Document(source.media_type, text=source.data, title=title, context=context, cache=cache)
        if source.type == "url":
            return Document(source.media_type, url=source.url, title=title, context=context, cache=cache)
        if source.type == "content":
            parts = self.parts(source.content, f"{at}.source.content")
            return Document(parts=parts, title=title, context=context, cache=cache)
        raise unsupported(f"document sources of type {source.type}", f"{at}.source")

    def _thinking(self, raw: msgspec.Raw, at: str) -> Thinking:
        block = decode(_decoder(wire.ThinkingBlock), raw, at)
        return Thinking(block.thinking, block.signature or "")

    def _redacted(self, raw: msgspec.Raw, at: str) -> Thinking:
        return Thinking(redacted=decode(_decoder(wire.RedactedBlock), raw, at).data)

    def _tool_use(self, raw: msgspec.Raw, at: str) -> ToolCall:
        block = decode(_decoder(wire.ToolUseBlock), raw, at)
        return ToolCall(block.id, block.name, text_of(block.input), mark(block.cache_control))

    def _tool_result(self, raw: msgspec.Raw, at: str) -> ToolResult:
        block = decode(_decoder(wire.ToolResultBlock), raw, at)
        parts = self.parts(block.content, f"{at}.content") if block.content else ()
        return ToolResult(block.tool_use_id, parts, bool(block.is_error), mark(block.cache_control))

    def _server_tool_use(self, raw: msgspec.Raw, at: str) -> Foreign:
        block = decode(_decoder(wire.ServerToolUseBlock), raw, at)
        if block.name == "web_search":
            self._queries[block.id] = decode(_SEARCH_INPUT, block.input, f"{at}.input").query
        return foreign("server_tool_use", raw)

    def _search_result(self, raw: msgspec.Raw, at: str) -> Foreign:
        block = decode(_decoder(wire.SearchResultBlock), raw, at)
        try:
            hits = _HITS.decode(block.content)
        except msgspec.ValidationError:
            hits = []  # an error object stands in the place of the list
        pages = "; ".join(f"{hit.title or ''} - {hit.url}" for hit in hits)
        query = self._queries.get(block.tool_use_id, "")
        return foreign("web_search_tool_result", raw, f'[web search "{query}": {pages}]')

    def _knowledge(self, raw: msgspec.Raw, at: str) -> Foreign:
        block = decode(_decoder(wire.KnowledgeBlock), raw, at)
        inner = self.parts(block.content, f"{at}.content")
        text = "\n".join(part.text for part in inner if isinstance(part, Text))
        head = f'<search_result source="{block.source}" title="{block.title}">'
        return foreign("search_result", raw, f"{head}\n{text}\n</search_result>")

    def _tool_reference(self, raw: msgspec.Raw, at: str) -> Foreign:
        name = decode(_decoder(wire.ToolReferenceBlock), raw, at).tool_name
        return foreign("tool_reference", raw, f"Tool loaded: {name}")

    def _compaction(self, raw: msgspec.Raw, at: str) -> Foreign:
        summary = decode(_decoder(wire.CompactionBlock), raw, at).content
        return foreign("compaction", raw, f"[summary of earlier conversation]\n{summary}" if summary else "")


_DECODERS: dict[type[msgspec.Struct], msgspec.json.Decoder[msgspec.Struct]] = {}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.json.Decoder(kind)
    return _DECODERS[kind]  # type: ignore[return-value]  # the dict's values belong to their keys


def mark(control: wire.CacheControl | None) -> CacheMark | None:
    """The neutral cache mark of a `cache_control`."""
    return None if control is None else CacheMark(control.ttl or "")


def foreign(kind: str, raw: msgspec.Raw, text: str = "") -> Foreign:
    """A block kept whole for a writer of its own dialect."""
    return Foreign(DialectName.ANTHROPIC_MESSAGES, kind, bytes(raw), text)


def text_of(raw: msgspec.Raw) -> str:
    """JSON as the text that it was."""
    return bytes(raw).decode("utf-8", "replace")


def unsupported(what: str, at: str) -> PatchbayError:
    """An UNSUPPORTED error that names the field."""
    return PatchbayError(
        ErrorKind.UNSUPPORTED, f"{at}: {what} need an upstream that speaks Anthropic Messages.", param=at
    )


def _any_text(raw: msgspec.Raw) -> str:
    """The `text` of a block that we do not know, where it has one."""
    try:
        return _decoder(wire.TextBlock).decode(raw).text
    except msgspec.DecodeError:
        return ""


def text_only(reader: BlockReader, content: str | Sequence[msgspec.Raw], at: str) -> tuple[Text, ...]:
    """The texts of a content that may hold nothing else; empty ones are left out."""
    texts = []
    for index, part in enumerate(reader.parts(content, at)):
        if not isinstance(part, Text):
            raise invalid("only text blocks may stand here", f"{at}.{index}")
        if part.text:
            texts.append(part)
    return tuple(texts)
