"""Turns -> items for a Responses upstream: messages, calls with their results, reasoning that it gave itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from msgspec import UNSET

from app.dialects import signatures
from app.dialects.arguments import free_text
from app.dialects.names import ToolNames, tool_id
from app.dialects.notes import Notes
from app.dialects.openai_responses import wire_out
from app.dialects.openai_responses.parts_write import PartWriter
from app.dialects.pairing import repaired
from app.dialects.turns import instructions, speaking
from app.domain.provider import Profile
from app.domain.request import (
    Foreign,
    Message,
    Part,
    Request,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)

REASONING_ID = "rs_"
"""How the ids of reasoning items begin; any other answers 400."""


class _Sealed(msgspec.Struct):
    """What an envelope holds of a reasoning item."""

    encrypted_content: str
    id: str | None = None


_SEALED = msgspec.json.Decoder(_Sealed)


class ItemWriter:
    """Writes the instructions and the items of one request; `custom` are the client's tools that take free text."""

    def __init__(
        self, model: str, profile: Profile, names: ToolNames, notes: Notes, custom: Collection[str] = ()
    ) -> None:
        self._model = model
        self._profile = profile
        self._names = names
        self._notes = notes
        self._custom = custom
        self._parts = PartWriter(profile, notes)
        self._free: set[str] = set()
        """Ids of the last answer's calls of such tools."""

    def write(self, body: wire_out.Body, request: Request) -> None:
        """Set `instructions` and `input`."""
        system, messages = instructions(request, self._profile)
        turns = [turn for message in messages for turn in speaking(message, self._notes)]
        said = [text.text for text in system] + self._notes.system
        body.instructions = "\n\n".join(text for text in said if text)
        body.input = [item for turn in repaired(turns, self._notes) for item in self._items(turn)]
        if not body.input and body.instructions:  # the API answers 400 to a request without input
            body.input = [wire_out.MessageOut("developer", [wire_out.TextOut(body.instructions)])]
            body.instructions = ""

    def _items(self, turn: Message) -> Iterator[wire_out.ItemOut]:
        if turn.role is Role.ASSISTANT:
            yield from self._answer(turn.parts)
        elif turn.role is Role.SYSTEM:
            if said := self._parts.write(turn.parts):
                yield wire_out.MessageOut("developer", said)
        else:
            yield from (self._result(part) for part in turn.parts if isinstance(part, ToolResult))
            if said := self._parts.write(turn.parts):
                yield wire_out.MessageOut("user", said)

    def _answer(self, parts: tuple[Part, ...]) -> Iterator[wire_out.ItemOut]:
        """The items of one answer, in its order; reasoning stands directly before what it led to, or not at all."""
        self._free = {part.id for part in parts if isinstance(part, ToolCall) and part.name in self._custom}
        reasoning: list[wire_out.ItemOut] = []
        said: list[str] = []
        for part in parts:
            if isinstance(part, (Text, Foreign)):
                said += (one.text for one in self._parts.write((part,)) if isinstance(one, wire_out.TextOut))
                continue
            if said:
                yield from (*reasoning, wire_out.MessageOut("assistant", "".join(said)))
                reasoning, said = [], []
            if isinstance(part, Thinking):
                reasoning += self._reasoning(part)
            elif isinstance(part, ToolCall):
                yield from (*reasoning, self._call(part))
                reasoning = []
        if said:
            yield from (*reasoning, wire_out.MessageOut("assistant", "".join(said)))

    def _reasoning(self, thought: Thinking) -> Iterator[wire_out.ReasoningOut]:
        """The item that the thinking was made from, where this upstream kind and model made it."""
        envelope = signatures.unwrap(thought.signature)
        if envelope is None or not envelope.fits(self._profile.kind, self._model):
            return
        try:
            sealed = _SEALED.decode(envelope.data)
        except msgspec.DecodeError:
            return  # reasoning that was only to be read
        known = sealed.id and sealed.id.startswith(REASONING_ID)
        yield wire_out.ReasoningOut(sealed.encrypted_content, sealed.id if known and sealed.id else UNSET)

    def _call(self, call: ToolCall) -> wire_out.ItemOut:
        call_id, name = tool_id(call.id, self._profile.tool_id_max), self._names.upstream(call.name)
        if call.id in self._free:
            return wire_out.CustomCallOut(call_id, name, free_text(call.arguments))
        return wire_out.CallOut(call_id, name, call.arguments.strip() or "{}")

    def _result(self, result: ToolResult) -> wire_out.ItemOut:
        call_id = tool_id(result.call_id, self._profile.tool_id_max)
        output = self._parts.output(result.parts, is_error=result.is_error)
        if result.call_id in self._free:
            return wire_out.CustomOutputOut(call_id, output)
        return wire_out.OutputOut(call_id, output)
