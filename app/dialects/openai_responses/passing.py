"""A same-dialect request on its way through: untouched, but for what we sealed while another vendor's model answered.

OpenAI refuses encrypted content that it did not make. Such reasoning is left out, and a summary of the conversation
becomes the text that it is; every other item keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.dialects.body import members
from app.dialects.openai_responses import wire_out
from app.dialects.openai_responses.items_read import SUMMARY
from app.dialects.openai_responses.sealed import open_summary
from app.dialects.pieces import elements
from app.dialects.signatures import PREFIX, is_ours
from app.domain.errors import PatchbayError

_MARK = b'"' + PREFIX.encode()


class _Sealed(msgspec.Struct):
    encrypted_content: str | None = None


_SEALED = msgspec.json.Decoder(_Sealed)


def pass_request(body: bytes) -> bytes:
    """The body without our own envelopes; the same object where there is none."""
    if _MARK not in body:
        return body
    try:
        place = members(body).get("input")
    except PatchbayError:
        return body  # the upstream will say what is wrong with it
    items = elements(body, place) if place is not None else []
    given = [body[item] for item in items]
    kept = [one for item in given for one in _passed(item)]
    if place is None or kept == given:
        return body
    return body[: place.start] + b"[" + b",".join(kept) + b"]" + body[place.stop :]


def _passed(item: bytes) -> Iterator[bytes]:
    sealed = _sealed(item) if _MARK in item else ""
    if not is_ours(sealed):
        yield item
    elif (summary := open_summary(sealed)) is not None:
        yield msgspec.json.encode(wire_out.MessageOut("user", [wire_out.TextOut(SUMMARY + summary)]))


def _sealed(item: bytes) -> str:
    try:
        return _SEALED.decode(item).encrypted_content or ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
