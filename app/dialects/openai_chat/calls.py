"""Which tool call a fragment belongs to, on servers that number, name and identify them each in their own way.

Rule: the index, else the id, else the call before. Exceptions seen in the field: servers that give every call index 0
but a new id and name (Gemini's compatible endpoint, old Ollama); that repeat id and name in every chunk; that send
neither index nor id, and then each chunk with a name is a call of its own.
"""

from __future__ import annotations

import json

from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.blocks import Call


class Calls:
    """The tool calls of one answer."""

    def __init__(self) -> None:
        self._by_index: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}
        self._last: Call | None = None
        self._legacy: Call | None = None
        self._count = 0

    def of(self, piece: wire.CallPiece) -> tuple[Call, bool]:
        """The call of a piece, and whether it is new."""
        call = self._known(piece)
        new = call is None
        if call is None:
            call = self._new(piece.id or "")
        elif piece.id and not call.id:
            call.id = piece.id
        if piece.index is not None:
            self._by_index[piece.index] = call
        if call.id:
            self._by_id[call.id] = call
        self._last = call
        return call, new

    def legacy(self) -> tuple[Call, bool]:
        """The one call of the old `function_call` field, and whether it is new."""
        new = self._legacy is None
        if self._legacy is None:
            self._legacy = self._new("")
        return self._legacy, new

    def _known(self, piece: wire.CallPiece) -> Call | None:
        name, arguments = spoken(piece)
        if piece.index is None:
            if piece.id:
                return self._by_id.get(piece.id)
            return None if self._last is None or _again(self._last, name, arguments) else self._last
        call = self._by_index.get(piece.index)
        if call is None:
            return None
        if piece.id and call.id and piece.id != call.id:
            return self._by_id.get(piece.id) if name else call
        if not piece.id and _again(call, name, arguments):
            return None
        return call

    def _new(self, id: str) -> Call:  # noqa: A002 (the field's own name)
        self._count += 1
        return Call(self._count - 1, id)


def spoken(piece: wire.CallPiece) -> tuple[str, str]:
    """The name and the arguments (or free text) in a piece; an object is JSON text again."""
    if piece.custom is not None:
        return piece.custom.name or "", piece.custom.input or ""
    return function_words(piece.function)


def function_words(function: wire.FunctionPiece | None) -> tuple[str, str]:
    """The name and the arguments of a function; an object is JSON text again."""
    if function is None:
        return "", ""
    arguments = function.arguments
    if isinstance(arguments, dict):
        arguments = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    return function.name or "", arguments or ""


def _again(call: Call, name: str, arguments: str) -> bool:
    """Whether a piece without an id begins another call: named again, with arguments, after a complete call."""
    return bool(name and arguments.strip() and call.fragments and call.complete())
