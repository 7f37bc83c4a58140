"""A whole answer of a chat upstream -> neutral.

It is read as a stream of one chunk, so that every server's habits are known in one place.
"""

from __future__ import annotations

from app.dialects import upstream_error
from app.dialects.base import Road
from app.dialects.fold import Fold
from app.dialects.openai_chat import loose
from app.dialects.openai_chat.stream_read import ChatStreamReader
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply


def read_reply(body: bytes, road: Road) -> Reply:
    """The answer; raises PatchbayError BAD_REPLY, or what an error inside a 200 says."""
    chunk = loose.read_chunk(body)
    if chunk is None:
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer is not valid JSON.")
    if chunk.error or chunk.object == "error":
        raise upstream_error.in_stream(body)
    if not chunk.choices:
        raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's answer has no choices.")
    for choice in chunk.choices:
        for number, call in enumerate((choice.message and choice.message.tool_calls) or ()):
            call.index = number  # a whole message says by position what a chunk says by index
    fold = Fold()
    for event in ChatStreamReader(road).whole(chunk):
        fold.add(event)
    return fold.reply()
