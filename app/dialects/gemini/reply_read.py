"""Whole answers of a Gemini upstream -> neutral; a whole answer is read as a stream of one piece."""

from __future__ import annotations

import msgspec

from app.dialects import upstream_error
from app.dialects.base import Road
from app.dialects.fold import Fold
from app.dialects.gemini.loose import read_answers
from app.dialects.gemini.stream_read import GeminiStreamReader
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply
from app.domain.provider import DialectName


class _Count(msgspec.Struct, rename="camel"):
    total_tokens: int


_COUNT = msgspec.json.Decoder(_Count)


def read_reply(body: bytes, road: Road) -> Reply:
    """The answer, whole or as an array of pieces; raises PatchbayError BAD_REPLY, or what an error in a 200 says."""
    answers = read_answers(body)
    if answers is None:
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer is not valid JSON.")
    if any(answer.failed() for answer in answers):
        raise upstream_error.in_stream(body)
    if not any(answer.candidates or answer.prompt_feedback for answer in answers):
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer has no candidates.")
    fold = Fold(DialectName.GEMINI)
    for event in GeminiStreamReader(road).whole(answers):
        fold.add(event)
    return fold.reply()


def read_token_count(body: bytes) -> int:
    """The answer to `countTokens`; raises PatchbayError BAD_REPLY."""
    try:
        count = _COUNT.decode(body).total_tokens
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        count = -1
    if count < 0:
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer to a token count holds no count.")
    return count
