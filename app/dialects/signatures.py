"""The envelope that carries one vendor's reasoning state through another vendor's client.

A client replays the `signature` of a thinking block unread. For reasoning that is not Anthropic's own we put what the
upstream wants back (an encrypted item, a thought signature) into that field, marked and bound to the upstream and model
that made it: `pxy1.` + base64url(zlib(JSON {"u": kind, "m": model, "d": data})).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass

import msgspec

PREFIX = "pxy1."
MAX_BYTES = 4 * 1024 * 1024
"""What an envelope may unpack to; a client can send anything."""


class _Wire(msgspec.Struct):
    u: str
    m: str
    d: msgspec.Raw


_DECODER = msgspec.json.Decoder(_Wire)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a signature of ours holds; `data` is JSON."""

    kind: str
    model: str
    data: bytes

    def fits(self, kind: str, model: str) -> bool:
        """Whether it was made by that upstream kind and model, so that it may be handed back."""
        return self.kind == kind and self.model == model


def wrap(kind: str, model: str, data: bytes = b"{}") -> str:
    """A signature for a thinking block; the same arguments give the same text."""
    text = msgspec.json.encode(_Wire(kind, model, msgspec.Raw(data)))
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(text, 9)).rstrip(b"=").decode()


def is_ours(signature: str) -> bool:
    """Whether we made the signature; no vendor may ever see such a one."""
    return signature.startswith(PREFIX)


def unwrap(signature: str) -> Envelope | None:
    """The envelope in a signature; None where it is not ours or was damaged on its way."""
    if not is_ours(signature):
        return None
    packed = signature[len(PREFIX) :]
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MAX_BYTES)
        wire = _DECODER.decode(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return None
    return Envelope(wire.u, wire.m, bytes(wire.d)) if unpacker.eof else None
