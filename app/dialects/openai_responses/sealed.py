"""What rides in `encrypted_content`: reasoning of another vendor, or a summary of ours, as the client hands it back.

OpenAI's clients replay that member unread. For reasoning it holds the text and what its upstream wants back with it;
the text stands in it too, because a client may hide or shorten the summary, and Anthropic refuses thinking that
changed.
"""

from __future__ import annotations

import msgspec

from app.dialects.signatures import unwrap, wrap
from app.domain.request import Thinking

SUMMARY_KIND = "patchbay"
"""Whose envelope a compaction's is: any upstream may read it."""


class _Reasoning(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    text: str = ""
    signature: str = ""
    redacted: str = ""


class _Summary(msgspec.Struct):
    summary: str


_REASONING = msgspec.json.Decoder(_Reasoning)
_SUMMARY = msgspec.json.Decoder(_Summary)


def seal_reasoning(thought: Thinking, kind: str, model: str) -> str:
    """The envelope for reasoning of that upstream kind and model."""
    inner = _Reasoning(thought.text, thought.signature, thought.redacted)
    return wrap(kind, model, msgspec.json.encode(inner))


def open_reasoning(sealed: str) -> Thinking | None:
    """The reasoning in an envelope; None where it is not one of ours or was damaged."""
    envelope = unwrap(sealed)
    if envelope is None:
        return None
    try:
        inner = _REASONING.decode(envelope.data)
    except msgspec.DecodeError:
        return Thinking(signature=sealed)  # made for a client of another dialect
    return Thinking(inner.text, inner.signature, inner.redacted)


def seal_summary(text: str) -> str:
    """The envelope for a conversation in short form."""
    return wrap(SUMMARY_KIND, "", msgspec.json.encode(_Summary(text)))


def open_summary(sealed: str) -> str | None:
    """The conversation in short form; None where it is another vendor's or was damaged."""
    envelope = unwrap(sealed)
    if envelope is None or envelope.kind != SUMMARY_KIND:
        return None
    try:
        return _SUMMARY.decode(envelope.data).summary
    except msgspec.DecodeError:
        return None
