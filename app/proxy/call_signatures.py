"""What upstreams want back with a tool call, remembered for clients that do not carry it themselves.

Gemini refuses a conversation whose calls lost their thought signature, and no client of another vendor's dialect sends
one back. So each is kept here by the id of its call, for as long as the process lives and there is room: at worst the
upstream gets the words by which Google lets an unsigned call pass.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Iterable

from app.domain.request import Message, Part, Request, ToolCall

MOST = 8192
MOST_BYTES = 16 * 1024 * 1024


class CallSignatures:
    """Signatures by call id; the longest unused one makes room. Belongs to one loop."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._most = most
        self._left_bytes = most_bytes

    def remember(self, call_id: str, signature: str) -> None:
        """Keep the signature of a call that an upstream just made."""
        if not call_id or not signature:
            return
        self._forget(call_id)
        self._kept[call_id] = signature
        self._left_bytes -= len(call_id) + len(signature)
        while self._left_bytes < 0 or len(self._kept) > self._most:
            self._forget(next(iter(self._kept)))

    def fill(self, request: Request) -> Request:
        """The request with the signatures that its client did not send back; the same object where none is known."""
        if not self._kept:
            return request
        messages = tuple(map(self._filled, request.messages))
        same = all(new is old for new, old in zip(messages, request.messages, strict=True))
        return request if same else dataclasses.replace(request, messages=messages)

    def _filled(self, message: Message) -> Message:
        if not any(self._known(part) for part in message.parts):
            return message
        return dataclasses.replace(message, parts=tuple(self._signed(message.parts)))

    def _signed(self, parts: Iterable[Part]) -> Iterable[Part]:
        for part in parts:
            if isinstance(part, ToolCall) and self._known(part):
                self._kept.move_to_end(part.id)
                yield dataclasses.replace(part, signature=self._kept[part.id])
            else:
                yield part

    def _known(self, part: Part) -> bool:
        return isinstance(part, ToolCall) and not part.signature and part.id in self._kept

    def _forget(self, call_id: str) -> None:
        signature = self._kept.pop(call_id, None)
        if signature is not None:
            self._left_bytes += len(call_id) + len(signature)
