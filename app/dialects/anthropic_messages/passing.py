"""A same-dialect request on its way through: untouched, but for thinking that we signed for another vendor's model.

Anthropic refuses a signature it did not make. The blocks are cut out of the bytes; everything else stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.dialects.anthropic_messages import wire
from app.dialects.body import members
from app.dialects.pieces import elements
from app.dialects.signatures import PREFIX, is_ours
from app.domain.errors import PatchbayError

_MARK = b'"' + PREFIX.encode()


class _Sealed(msgspec.Struct):
    type: str = ""
    signature: str | None = None
    data: str | None = None


_SEALED = msgspec.json.Decoder(_Sealed)
_MESSAGE = msgspec.json.Decoder(wire.Head)


def pass_request(body: bytes) -> bytes:
    """The body without our own signature envelopes; the same object where there is none."""
    if _MARK not in body:
        return body
    try:
        cuts = list(_cuts(body))
    except PatchbayError:
        return body  # the upstream will say what is wrong with it
    for cut in reversed(cuts):
        body = body[: cut.start] + body[cut.stop :]
    return body


def _cuts(body: bytes) -> Iterator[slice]:
    place = members(body).get("messages")
    messages = elements(body, place) if place is not None else []
    gone = [_ours(body, message) for message in messages]
    yield from _removed(messages, [whole for whole, _ in gone], [cuts for _, cuts in gone])


def _ours(body: bytes, message: slice) -> tuple[bool, list[slice]]:
    """Whether nothing of a message would stay, and else the cuts inside it."""
    if body.find(_MARK, message.start, message.stop) < 0:
        return False, []
    content = members(body[message]).get("content")
    if content is None:
        return False, []
    blocks = elements(body, slice(message.start + content.start, message.start + content.stop))
    ours = [_is_ours(body[block]) for block in blocks]
    if blocks and all(ours):
        return True, []
    return False, list(_removed(blocks, ours, [[] for _ in blocks]))


def _removed(places: list[slice], gone: list[bool], inner: list[list[slice]]) -> Iterator[slice]:
    """The cuts that take those elements out of their array, each with one comma."""
    kept_before = False
    for index, place in enumerate(places):
        if not gone[index]:
            yield from inner[index]
            kept_before = True
        elif kept_before:
            yield slice(places[index - 1].stop, place.stop)
        else:
            after = places[index + 1].start if index + 1 < len(places) else place.stop
            yield slice(place.start, after)


def _is_ours(block: bytes) -> bool:
    try:
        sealed = _SEALED.decode(block)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    seal = sealed.signature if sealed.type == "thinking" else sealed.data if sealed.type == "redacted_thinking" else ""
    return is_ours(seal or "")
