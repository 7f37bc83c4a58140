"""Other vendors' reasoning in the `thoughtSignature` of a Gemini client, there and back.

Gemini's clients never replay a thought's text, but they hand back the signature of every other part unread. So what an
upstream wants to see again goes into the signature of the part that follows the thought, in our envelope: the one that
it has already, where that says all, else an envelope around the thoughts and the call's own signature.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from app.dialects import signatures
from app.dialects.base import Road
from app.domain.provider import ReasoningIn
from app.domain.request import Thinking

_NOTHING = b"{}"
_ALPHABET = str.maketrans("-_", "+/")


class _Thought(msgspec.Struct, omit_defaults=True):
    text: str = ""
    signature: str = ""
    redacted: str = ""


class _Carried(msgspec.Struct, omit_defaults=True):
    thoughts: list[_Thought]
    call: str = ""


_CARRIED = msgspec.json.Decoder(_Carried)
_ENCODER = msgspec.json.Encoder()


def carry(thoughts: list[Thinking], call: str, road: Road) -> str:
    """The `thoughtSignature` of a part, in base64; empty where nothing has to come back.

    `thoughts` are those before the part, `call` is the part's own signature where it is a tool call
    (`ToolCall.signature`).
    """
    kept = [thought for one in thoughts if (thought := _worth(one, call, road)) is not None]
    if not kept:
        return _base64(call)
    if not call and kept == [_Thought(signature=kept[0].signature)] and signatures.is_ours(kept[0].signature):
        return _base64(kept[0].signature)
    data = _ENCODER.encode(_Carried(kept, call))
    return _base64(signatures.wrap(road.upstream_kind, road.sent_model, data))


def restore(signature: str) -> tuple[tuple[Thinking, ...], str]:
    """The thoughts and the call's own signature in a `thoughtSignature`; none where it is not ours."""
    text = signature.translate(_ALPHABET)
    try:
        given = base64.b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return (), ""
    envelope = signatures.unwrap(given)
    if envelope is None:
        return (), ""
    if envelope.data.startswith(b'"'):
        return (), given  # a vendor's signature of a part
    try:
        carried = _CARRIED.decode(envelope.data)
    except (msgspec.DecodeError, RecursionError):
        return (Thinking(signature=given),), ""
    return tuple(Thinking(one.text, one.signature, one.redacted) for one in carried.thoughts), carried.call


def _worth(thought: Thinking, call: str, road: Road) -> _Thought | None:
    """What of a thought its upstream will want again and the call does not say; None where that is nothing."""
    if thought.redacted:
        return _Thought(redacted=_plain(thought.redacted))
    if thought.signature and not signatures.is_ours(thought.signature):
        return _Thought(_plain(thought.text), _plain(thought.signature))
    if thought.signature and thought.signature == call:
        return None
    envelope = signatures.unwrap(thought.signature)
    if envelope is not None and envelope.data != _NOTHING:
        return _Thought(signature=thought.signature)
    replayed = road.profile.reasoning_in is not ReasoningIn.NONE
    return _Thought(_plain(thought.text)) if thought.text and replayed else None


def _base64(envelope: str) -> str:
    return base64.b64encode(envelope.encode("utf-8", "replace")).decode()


def _plain(text: str) -> str:
    """Text that JSON can hold."""
    return text.encode("utf-8", "replace").decode()
