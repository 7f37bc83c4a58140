"""Thought signatures on their way back: out of our envelopes, onto the parts of the model's turn that they belong to.

The first call of each turn that Gemini 3 made must carry the signature that it came with ("Function call is missing a
thought_signature"), and no other one ("Corrupted thought signature"). So a signature goes back to the upstream kind and
model that made it and to nobody else; where it is lost, a word that Google takes instead stands on the first call.
Source: Google, "Thought signatures".
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.dialects import signatures
from app.domain.request import Thinking, ToolCall

SKIP = "skip_thought_signature_validator"
"""What Google takes for the first call of a turn whose signature is lost."""
_TEXT = msgspec.json.Decoder(str)


class SignaturesBack:
    """Signs the parts of one turn of the model, in their order.

    `kind` and `model` are the upstream's; `calls` are those of the turn; `demanded` says that calls without a
    signature are refused.
    """

    def __init__(self, kind: str, model: str, calls: Iterable[ToolCall] = (), *, demanded: bool) -> None:
        self._kind = kind
        self._model = model
        self._waiting = ""
        """From the thinking before, for the part after it."""
        self._skip = SKIP if demanded else ""
        # Clients of the chat dialect hand thinking back before all texts, so a call's signature may meet a text first.
        self._owned = {self._held(call.signature) for call in calls}

    def think(self, thought: Thinking) -> None:
        """Take the signature that a thinking block carries for what follows it."""
        self._waiting = self._held(thought.signature) or self._waiting

    def of_text(self) -> str:
        """The signature of the next text; empty where it has none, which is no error."""
        if self._waiting in self._owned:
            return ""
        waiting, self._waiting = self._waiting, ""
        return waiting

    def of_call(self, call: ToolCall) -> str:
        """The signature of the next call: its own, else the one from the thinking before it, else the word for none."""
        skip, self._skip = self._skip, ""
        waiting, self._waiting = self._waiting, ""
        return (self._held(call.signature) if call.signature else "") or waiting or skip

    def _held(self, signature: str) -> str:
        """The thought signature in an envelope that this upstream's kind and model filled; empty in any other."""
        envelope = signatures.unwrap(signature)
        if envelope is None or not envelope.fits(self._kind, self._model):
            return ""
        try:
            return _TEXT.decode(envelope.data)
        except (msgspec.DecodeError, RecursionError):
            return ""  # thinking without a signature of its own: an empty object
