"""The model's reasoning on its way: OpenRouter's details, `<think>` tags, the envelope that carries both back.

A client that keeps thinking blocks replays their signature; ours holds what this upstream wants to see again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from app.dialects import signatures
from app.domain.events import BlockKind
from app.domain.request import Thinking

_OPEN = "<think>"
_CLOSE = "</think>"
_GROWING = ("text", "summary", "data")
"""The members of a detail that come in pieces; the rest is told once or repeated."""
NO_SIGNATURE = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""What Gemini 3 takes for the first call of a turn whose signature is lost; without any it answers 400.

Source: Google, "Thought signatures".
"""


class _Signed(msgspec.Struct):
    id: str
    extra_content: dict[str, Any]


_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_SIGNED = msgspec.json.Decoder(_Signed)


def replayed(thoughts: Iterable[Thinking], kind: str, model: str) -> list[msgspec.Raw]:
    """The `reasoning_details` to hand back: those that this upstream kind and model gave, unchanged and in order."""
    details: list[msgspec.Raw] = []
    for thought in thoughts:
        envelope = signatures.unwrap(thought.signature)
        if envelope is None or not envelope.fits(kind, model):
            continue
        try:
            details += _RAWS.decode(envelope.data)
        except (msgspec.DecodeError, RecursionError):
            continue  # a vendor's envelope without details holds an object
    return details


def call_extras(details: Iterable[msgspec.Raw]) -> dict[str, Any]:
    """The `extra_content` of each tool call by its id, from what `Details.add_call` collected."""
    found: dict[str, Any] = {}
    for one in details:
        try:
            call = _SIGNED.decode(one)
        except (msgspec.DecodeError, RecursionError):
            continue  # a client could put anything there
        found[call.id] = call.extra_content
    return found


def detail_text(details: Iterable[dict[str, Any]] | None) -> str:
    """The readable text in some details."""
    texts = (one.get("text") or one.get("summary") for one in details or ())
    return "".join(text for text in texts if isinstance(text, str))


class Details:
    """Collects the `reasoning_details` of a stream; the pieces of one detail become one again."""

    def __init__(self) -> None:
        self._details: list[dict[str, Any]] = []

    def __bool__(self) -> bool:
        return bool(self._details)

    def add(self, pieces: Iterable[dict[str, Any]]) -> None:
        """More details, or more of the last one: same type and index."""
        for piece in pieces:
            last = self._details[-1] if self._details else {}
            same = all(piece.get(name) == last.get(name) for name in ("type", "index"))
            if not last or not same or (piece.get("id") and last.get("id") and piece["id"] != last["id"]):
                self._details.append(dict(piece))
                continue
            for name, value in piece.items():
                if name in _GROWING and isinstance(value, str) and isinstance(last.get(name), str):
                    last[name] += value
                elif value is not None:
                    last[name] = value

    def add_call(self, id: str, extra: dict[str, Any]) -> None:  # noqa: A002 (the field's own name)
        """What came with a tool call and has to come back with it."""
        self._details.append({"type": "tool_call", "id": id, "extra_content": extra})

    def whole(self) -> list[dict[str, Any]]:
        """The details so far."""
        return list(self._details)

    def take(self) -> bytes:
        """The details so far as a JSON array, or an empty object without any; forgets them."""
        data = msgspec.json.encode(self._details) if self._details else b"{}"
        self._details.clear()
        return data


class ThinkTags:
    """Splits `<think>reasoning</think>answer` from servers that leave the tags of the model's template in the content.

    Only a tag at the very beginning counts, so that an answer about such tags stays whole.
    """

    def __init__(self) -> None:
        self._kind = BlockKind.TEXT
        self._held = ""
        self._decided = False
        self._trim = False

    def split(self, text: str) -> list[tuple[BlockKind, str]]:
        """The pieces that are certain now; what may be half a tag is held back."""
        if self._kind is BlockKind.TEXT and self._decided:
            return self._answer(text)
        self._held += text
        if not self._decided:
            start = self._held.lstrip()
            if len(start) < len(_OPEN) and _OPEN.startswith(start):
                return []
            self._decided = True
            if not start.startswith(_OPEN):
                return self._answer(self._let_go())
            self._kind = BlockKind.THINKING
            self._held = start[len(_OPEN) :]
        thought, tag, rest = self._held.partition(_CLOSE)
        if tag:
            self._held = ""
            self._kind = BlockKind.TEXT
            self._trim = True
            return [*_pieces(BlockKind.THINKING, thought), *self._answer(rest)]
        keep = next((size for size in range(len(_CLOSE) - 1, 0, -1) if thought.endswith(_CLOSE[:size])), 0)
        self._held = thought[len(thought) - keep :]
        return _pieces(BlockKind.THINKING, thought[: len(thought) - keep])

    def rest(self) -> list[tuple[BlockKind, str]]:
        """What was held back when the stream ended."""
        return _pieces(self._kind, self._let_go())

    def _let_go(self) -> str:
        held, self._held = self._held, ""
        return held

    def _answer(self, text: str) -> list[tuple[BlockKind, str]]:
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        return _pieces(BlockKind.TEXT, text)


def _pieces(kind: BlockKind, text: str) -> list[tuple[BlockKind, str]]:
    return [(kind, text)] if text else []
