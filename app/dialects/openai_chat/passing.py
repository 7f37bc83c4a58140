"""A same-dialect request on its way through: untouched, but for signatures that only we can read.

They came with the reasoning and the calls of another vendor's model. A vendor that checks signatures refuses ours, and
one that checks members refuses `extra_content`; so the detail or the member goes, and with it nothing else.
"""

from __future__ import annotations

import msgspec

from app.dialects.body import members, without_lone_surrogates
from app.dialects.pieces import elements
from app.dialects.signatures import PREFIX
from app.domain.errors import PatchbayError

_MARK = b'"' + PREFIX.encode()
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def pass_request(body: bytes) -> bytes:
    """The body without our own signature envelopes; the same object where there is none."""
    if _MARK not in body:
        return body
    try:
        place = members(body).get("messages")
    except PatchbayError:
        return body  # the upstream will say what is wrong with it
    for message in reversed(elements(body, place) if place is not None else []):
        if body.find(_MARK, message.start, message.stop) >= 0:
            body = body[: message.start] + _without_ours(body[message]) + body[message.stop :]
    return body


def _without_ours(message: bytes) -> bytes:
    try:
        value = _OBJECT.decode(without_lone_surrogates(message))
        kept = {name: left for name, given in value.items() if (left := _left(name, given))}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return message
    return msgspec.json.encode(kept) if kept != value else message


def _left(name: str, given: msgspec.Raw) -> msgspec.Raw | None:
    """What stays of a message's member; None where nothing does."""
    if name not in {"reasoning_details", "tool_calls"} or _MARK not in bytes(given):
        return given
    if name == "reasoning_details":
        details = [one for one in _LIST.decode(given) if _MARK not in bytes(one)]
        return msgspec.Raw(msgspec.json.encode(details)) if details else None
    return msgspec.Raw(msgspec.json.encode([_unsigned(call) for call in _LIST.decode(given)]))


def _unsigned(call: msgspec.Raw) -> msgspec.Raw:
    value = _OBJECT.decode(call)
    if _MARK in bytes(value.get("extra_content", b"")):
        del value["extra_content"]
    return msgspec.Raw(msgspec.json.encode(value))
