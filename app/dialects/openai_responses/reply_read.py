"""A whole answer of a Responses upstream -> neutral.

It is read as a stream of one event, so that every server's habits are known in one place.
"""

from __future__ import annotations

import msgspec

from app.dialects import upstream_error
from app.dialects.base import PENDING, Road
from app.dialects.fold import Fold
from app.dialects.openai_responses import wire_answer as wire
from app.dialects.openai_responses.answer import Answer
from app.dialects.openai_responses.answer_loose import read_response
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Event, Reply
from app.domain.provider import DialectName

_OVER = frozenset({None, "completed", "incomplete", "failed"})


class _Count(msgspec.Struct):
    input_tokens: int


_COUNT = msgspec.json.Decoder(_Count)


def read_token_count(body: bytes) -> int:
    """The answer of `/responses/input_tokens`; raises PatchbayError BAD_REPLY."""
    try:
        return _COUNT.decode(body).input_tokens
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error).replace("`", "")
        raise PatchbayError(ErrorKind.BAD_REPLY, f"The upstream's token count cannot be read: {why}.") from None


def read_reply(body: bytes, road: Road) -> Reply:
    """The answer; raises PatchbayError BAD_REPLY, or what an error inside a 200 says."""
    response = read_response(body)
    if response is None:
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer is not valid JSON.")
    if wire.given(response.error) and response.output is None:
        raise upstream_error.in_stream(body)
    if response.status not in _OVER:
        text = f"The upstream's answer is not complete (status: {response.status})."
        raise PatchbayError(ErrorKind.BAD_REPLY, text, code=response.status if response.status in PENDING else None)
    if response.output is None and response.status != "failed":
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer has no output.")
    events: list[Event] = []
    Answer(road).end(response, events)
    fold = Fold(DialectName.OPENAI_RESPONSES)
    for event in events:
        fold.add(event)
    return fold.reply()
