"""How many tokens a request body has, known before it is sent: by its size, and by the files where a vendor reads some.

Base64 counts as a picture or a document only where the dialect has a place for one, and only if it is nothing but
base64: a text may say whatever it likes of itself, and the input of a tool too. All else counts as the text it is.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from app.dialects import partial
from app.dialects.road import DOCUMENT_BYTES_A_PAGE, DOCUMENT_TOKENS_A_PAGE, IMAGE_TOKENS
from app.domain.usage import estimate_tokens

IMAGE_MOST_TOKENS = 5_000
"""What a picture is billed as at most by Anthropic (4,784 for its newest models) and Google."""
OPENAI_IMAGE_MOST_TOKENS = 10_000
"""And by OpenAI in its original size."""
DOCUMENT_MOST_TOKENS = 1_000_000
"""No model reads more."""
LINKED_DOCUMENT_TOKENS = 100_000
"""The most that is reckoned with for a document whose size nobody knows."""
_PLAYED_BYTES_A_TOKEN = 32
"""Base64 of sound and films: Google counts 32 tokens a second of sound, of which there is hardly less than 1 kB."""
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n"
_DATA_URL = re.compile(r"data:([\w.+/-]+)(?:;[\w.=-]+)*;base64,")
_PDF = "JVBERi"
""""%PDF" in base64."""
_PDF_TYPE = "application/pdf"
_PLAIN = frozenset({"text", "input_text", "output_text", "tool_use", "thinking", "function_call", "reasoning"})
_ANTHROPIC = frozenset({"image", "document"})
_OPENAI = frozenset({"image_url", "input_image", "computer_screenshot", "file", "input_file"})


@dataclass(frozen=True, slots=True)
class PromptSize:
    """Tokens of a prompt, both estimated and at least 1."""

    tokens: int
    """What it most likely has."""
    most_tokens: int
    """With each picture and document as dear as any vendor has it."""


@dataclass(frozen=True, slots=True)
class _File:
    """What is no text, and the bytes of the body that it takes."""

    body_bytes: int
    tokens: int
    most_tokens: int


class _Source(msgspec.Struct):
    """Where Anthropic's pictures and documents are, and Google's media."""

    type: str | None = None
    media_type: str | None = None
    camel_type: str | None = msgspec.field(name="mimeType", default=None)
    snake_type: str | None = msgspec.field(name="mime_type", default=None)
    data: str | None = None
    url: str | None = None
    content: str | list[_Part] | None = None


class _Link(msgspec.Struct):
    """Chat's picture."""

    url: str | None = None


class _ChatFile(msgspec.Struct):
    file_data: str | None = None


class _Inner(msgspec.Struct):
    """What a function returned to Gemini; its `response` is text for the model."""

    parts: list[_Part] | None = None


class _Part(msgspec.Struct):
    """A part of a message in any dialect, an item of Responses, or a whole message: what may hold further parts.

    The input of a tool is not among its members: whatever it looks like, the model reads it as text.
    """

    type: str | None = None
    role: str | None = None
    content: str | list[_Part] | _Part | None = None
    output: str | list[_Part] | _Part | None = None
    parts: list[_Part] | None = None
    source: str | _Source | None = None
    image_url: str | _Link | None = None
    file: _ChatFile | None = None
    file_data: str | None = None
    file_url: str | None = None
    camel_data: _Source | None = msgspec.field(name="inlineData", default=None)
    snake_data: _Source | None = msgspec.field(name="inline_data", default=None)
    camel_reply: _Inner | None = msgspec.field(name="functionResponse", default=None)
    snake_reply: _Inner | None = msgspec.field(name="function_response", default=None)


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_PART = msgspec.json.Decoder(_Part)


def prompt_size(body: bytes) -> PromptSize:
    """The size of any body, whatever is wrong with it; some 0.5 ms for 500 kB."""
    text_bytes, tokens, most_tokens = len(body), 0, 0
    for file in _files(body):
        text_bytes -= file.body_bytes
        tokens += file.tokens
        most_tokens += file.most_tokens
    text_tokens = estimate_tokens(max(0, text_bytes))
    return PromptSize(text_tokens + tokens, text_tokens + most_tokens)


def prompt_tokens(body: bytes) -> int:
    """What the prompt most likely has."""
    return prompt_size(body).tokens


def _files(body: bytes) -> list[_File]:
    given = partial.members(body)
    if "contents" not in given:  # a count of Gemini's has the request inside
        given = partial.members(partial.either(given, "generateContentRequest", "generate_content_request")) or given
    found: list[_File] = []
    for name in ("messages", "input", "contents"):
        for one in partial.value(_LIST, given.get(name), None) or ():
            # Message by message: an odd one is text as a whole, and hides no picture of the others.
            message = partial.value(_PART, one, None)
            if message is not None:
                with contextlib.suppress(RecursionError):  # deeper than any dialect
                    _look(message, message.role in (None, "user"), found)
    return found


def _look(part: _Part, pictures: bool, found: list[_File]) -> None:  # noqa: FBT001 (thousands of calls)
    """`pictures`: OpenAI's models see them here; servers of its dialect show what others said as text."""
    kind = part.type
    if kind in _PLAIN:
        return
    if kind in _ANTHROPIC:
        if isinstance(part.source, _Source):
            found.extend(_of_source(part.source, document=kind == "document"))
    elif kind in _OPENAI:
        if pictures:
            found.extend(_of_openai(part))
    else:
        _look_inside(part, pictures, found)


def _look_inside(part: _Part, pictures: bool, found: list[_File]) -> None:  # noqa: FBT001
    """A message, the result of a tool, or a part of Gemini's, which has no type."""
    for inner in (part.content, part.output, part.parts):
        if isinstance(inner, list):
            for one in inner:
                _look(one, pictures, found)
        elif isinstance(inner, _Part):
            _look(inner, pictures, found)
    media = part.camel_data or part.snake_data
    if media is not None:
        found.extend(_media(media.camel_type or media.snake_type or "", media.data or ""))
    reply = part.camel_reply or part.snake_reply
    if reply is not None:
        for one in reply.parts or ():
            _look(one, pictures, found)


def _of_source(source: _Source, *, document: bool) -> Iterator[_File]:
    if source.type == "base64":
        yield from _document(source.data or "") if document else _picture(source.data or "", IMAGE_MOST_TOKENS)
    elif source.type in ("url", "file"):
        yield _linked_document() if document else _File(0, IMAGE_TOKENS, IMAGE_MOST_TOKENS)
    elif source.type == "content" and isinstance(source.content, list):
        inner: list[_File] = []
        for one in source.content:
            _look(one, False, inner)
        yield from inner


def _of_openai(part: _Part) -> Iterator[_File]:
    if part.type not in ("file", "input_file"):
        url = part.image_url.url if isinstance(part.image_url, _Link) else part.image_url
        media_type, data = _data_url(url or "")
        if media_type.startswith("image/"):
            yield from _picture(data, OPENAI_IMAGE_MOST_TOKENS)
        elif not media_type:
            yield _File(0, IMAGE_TOKENS, OPENAI_IMAGE_MOST_TOKENS)
    else:
        given = (part.file.file_data if part.file else part.file_data) or ""
        media_type, data = _data_url(given)
        if media_type in ("", _PDF_TYPE) and data.startswith(_PDF):
            yield from _document(data)
        elif not given:
            yield _linked_document()


def _media(media_type: str, data: str) -> Iterator[_File]:
    """Google's; what is neither seen nor played is read as text."""
    named, inner = _data_url(data)
    data = inner if named else data
    if media_type.startswith("image/"):
        yield from _picture(data, IMAGE_MOST_TOKENS)
    elif media_type == _PDF_TYPE:
        yield from _document(data)
    elif media_type.startswith(("audio/", "video/")) and _is_base64(data):
        tokens = len(data) // _PLAYED_BYTES_A_TOKEN + 1
        yield _File(len(data), tokens, tokens)


def _picture(data: str, most_tokens: int) -> Iterator[_File]:
    if _is_base64(data):
        yield _File(len(data), IMAGE_TOKENS, most_tokens)


def _document(data: str) -> Iterator[_File]:
    """A PDF packs its text, so that it may hold as many tokens as if its base64 were the text."""
    if data.startswith(_PDF) and _is_base64(data):
        pages = 1 + len(data) * 3 // 4 // DOCUMENT_BYTES_A_PAGE
        tokens = DOCUMENT_TOKENS_A_PAGE * pages
        most_tokens = max(tokens, DOCUMENT_TOKENS_A_PAGE + min(DOCUMENT_MOST_TOKENS, estimate_tokens(len(data))))
        yield _File(len(data), tokens, most_tokens)


def _linked_document() -> _File:
    return _File(0, DOCUMENT_TOKENS_A_PAGE, LINKED_DOCUMENT_TOKENS)


def _data_url(url: str) -> tuple[str, str]:
    """Its media type and its base64; without a type, where it is none, the whole."""
    found = _DATA_URL.match(url, 0, 200)
    return (found[1], url[found.end() :]) if found else ("", url)


def _is_base64(data: str) -> bool:
    return data.isascii() and not data.encode().translate(None, _BASE64)
