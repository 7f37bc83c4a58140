"""How many tokens a request body has, guessed from its size alone: in microseconds, and the same in every dialect."""

from __future__ import annotations

import re

from app.dialects.road import DOCUMENT_BYTES_A_PAGE, DOCUMENT_TOKENS_A_PAGE, IMAGE_TOKENS
from app.domain.usage import estimate_tokens

_MARKS = (b'"data"', b";base64,")
"""What stands before base64: Anthropic's and Gemini's member, and the data URLs of OpenAI's dialects."""
_OPENING = re.compile(rb'"data"[ \t\r\n]*:[ \t\r\n]*"')
_BASE64 = re.compile(rb"[A-Za-z0-9+/_=\\-]+")
_LEAST_BYTES = 256
"""Base64 below this size is no picture; it counts as the text that it may be."""
_LOOKED_AT_BYTES = 128
_PDF = b"JVBERi"
""""%PDF" in base64."""


def prompt_tokens(body: bytes) -> int:
    """An estimate, at least 1: the size of the body less its base64, and a fixed size for each picture and page."""
    text_bytes, fixed_tokens = len(body), 0
    for mark in _MARKS:
        at = body.find(mark)
        while at >= 0:
            start, end = _blob(body, mark, at)
            if end - start >= _LEAST_BYTES:
                text_bytes -= end - start
                fixed_tokens += _fixed_tokens(body, start, end)
            at = body.find(mark, max(end, at + len(mark)))
    return estimate_tokens(max(0, text_bytes)) + fixed_tokens


def _blob(body: bytes, mark: bytes, at: int) -> tuple[int, int]:
    """Where the base64 after a mark begins and ends; an empty place where there is none."""
    start = at + len(mark)
    if mark == _MARKS[0]:
        opening = _OPENING.match(body, at)
        if opening is None:
            return start, start
        start = opening.end()
    looked = body[start : start + _LOOKED_AT_BYTES]
    if _BASE64.fullmatch(looked) is None:
        return start, start
    end = body.find(b'"', start)
    return start, len(body) if end < 0 else end


def _fixed_tokens(body: bytes, start: int, end: int) -> int:
    if not body.startswith(_PDF, start):
        return IMAGE_TOKENS
    return DOCUMENT_TOKENS_A_PAGE * (1 + (end - start) * 3 // 4 // DOCUMENT_BYTES_A_PAGE)
