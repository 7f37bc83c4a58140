"""Turns for a Gemini upstream: roles that alternate, calls and their responses in pairs, instructions apart.

What the API refuses otherwise: a conversation that begins with the model; a call that does not follow the user; another
number of responses than of calls, or one without its function's name; empty text; thinking handed back as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.dialects import wording
from app.dialects.arguments import as_object
from app.dialects.gemini.families import Family
from app.dialects.gemini.parts_write import PartWriter
from app.dialects.gemini.signatures_back import SignaturesBack
from app.dialects.gemini.wire_out import CallOut, ContentOut, MediaOut, PartOut, ResponseOut, SaidOut
from app.dialects.names import ToolNames, tool_id
from app.dialects.notes import Notes
from app.dialects.pairing import NO_RESULT, repaired
from app.dialects.turns import instructions, says
from app.domain.provider import Profile
from app.domain.request import (
    Message,
    Part,
    Request,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)

OPENING = "(conversation continues)"
"""What the user says where a conversation begins with the model or with nobody."""


class ContentWriter:
    """Writes the turns of one request."""

    def __init__(self, model: str, family: Family, profile: Profile, names: ToolNames, notes: Notes) -> None:
        self._model = model
        self._family = family
        self._profile = profile
        self._names = names
        self._notes = notes
        self._parts = PartWriter(family, profile, notes)

    def write(self, request: Request) -> tuple[ContentOut | None, list[ContentOut]]:
        """The instructions, where there are any, and the turns; at least one turn, of the user."""
        system, messages = instructions(request, self._profile)
        turns = [turn for message in messages for turn in _turn(message)]
        said = "\n\n".join(text for text in (*(one.text for one in system), *self._notes.system) if text)
        contents = list(self._contents(repaired(turns, self._notes)))
        if not contents:
            return None, [ContentOut("user", [PartOut(text=said or OPENING)])]
        if contents[0].role != "user":
            contents.insert(0, ContentOut("user", [PartOut(text=OPENING)]))
        return (ContentOut(parts=[PartOut(text=said)]) if said else None), contents

    def _contents(self, turns: Iterable[Message]) -> Iterator[ContentOut]:
        calls: list[ToolCall] = []
        for turn in turns:
            if turn.role is Role.ASSISTANT:
                calls = [part for part in turn.parts if isinstance(part, ToolCall)]
                parts = list(self._model_parts(turn.parts))
            else:
                parts = list(self._user_parts(turn.parts, calls))
            if parts:
                yield ContentOut("model" if turn.role is Role.ASSISTANT else "user", parts)

    def _model_parts(self, parts: Sequence[Part]) -> Iterator[PartOut]:
        demanded = self._family.third or self._profile.signed_calls
        calls = (part for part in parts if isinstance(part, ToolCall))
        back = SignaturesBack(self._profile.kind, self._model, calls, demanded=demanded)
        for part in parts:
            if isinstance(part, Thinking):
                back.think(part)
            elif isinstance(part, ToolCall):
                yield PartOut(function_call=self._call(part), thought_signature=back.of_call(part))
            else:
                for written in self._parts.write(part):
                    written.thought_signature = back.of_text()
                    yield written

    def _user_parts(self, parts: Sequence[Part], calls: Sequence[ToolCall]) -> Iterator[PartOut]:
        """One response for each call of the turn before, in the calls' order, then everything else."""
        results = {part.call_id: part for part in parts if isinstance(part, ToolResult)}
        beside: list[PartOut] = []
        if results:
            for call in calls:  # two calls of one id have one result between them
                result = results.pop(call.id, None) or ToolResult(call.id, (Text(NO_RESULT),))
                yield PartOut(function_response=self._response(call, result, beside))
        yield from beside
        for part in parts:
            yield from self._parts.write(part)

    def _call(self, call: ToolCall) -> CallOut:
        return CallOut(self._names.upstream(call.name), as_object(call.arguments), self._id(call))

    def _response(self, call: ToolCall, result: ToolResult, beside: list[PartOut]) -> ResponseOut:
        """What a function returned; media stand in it, or `beside` it for models that read none there."""
        name = self._names.upstream(call.name)
        texts: list[str] = []
        media: list[MediaOut] = []
        for written in (one for part in result.parts for one in self._parts.write(part)):
            if written.text is not None:
                texts.append(written.text)
            elif self._family.third:
                media.append(MediaOut(written.inline_data, written.file_data))
            else:
                number = sum(one.text is None for one in beside) + 1
                texts.append(f"[attachment {number} below]")
                beside += (PartOut(text=f"Attachment {number}, returned by {name}:"), written)
        text = "\n".join(texts)
        said = SaidOut(error=text) if result.is_error else SaidOut(output=text)
        return ResponseOut(name, said, self._id(call), media)

    def _id(self, call: ToolCall) -> str:
        return tool_id(call.id, self._profile.tool_id_max) if self._family.third else ""


def _turn(message: Message) -> Iterator[Message]:
    """The message as this upstream may see it; none where nothing is left of it."""
    if message.role is Role.SYSTEM:
        if text := _joined(message.parts, "\n\n"):
            yield Message(Role.USER, (Text(wording.reminder(text)),))
    elif any(says(part) for part in message.parts):
        yield message


def _joined(parts: Iterable[Part], separator: str) -> str:
    return separator.join(part.text for part in parts if isinstance(part, Text) and part.text)
