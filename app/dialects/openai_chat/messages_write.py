"""Messages for a chat upstream: system text, turns, tool results and replayed reasoning, by the upstream's profile."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Raw

from app.dialects import wording
from app.dialects.names import ToolNames, tool_id
from app.dialects.notes import Notes
from app.dialects.openai_chat import reasoning, wire
from app.dialects.openai_chat.parts_write import PartWriter, content
from app.dialects.pairing import repaired
from app.dialects.turns import instructions, speaking
from app.domain.provider import MidSystem, Profile, ReasoningIn
from app.domain.request import (
    CacheMark,
    Document,
    Foreign,
    Image,
    Message,
    Part,
    Request,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)


class MessageWriter:
    """Writes the messages of one request."""

    def __init__(self, model: str, profile: Profile, names: ToolNames, notes: Notes) -> None:
        self._model = model
        self._profile = profile
        self._names = names
        self._notes = notes
        self._parts = PartWriter(profile, notes)

    def write(self, request: Request) -> list[wire.MessageOut]:
        """The leading system message, where there is one, and the turns."""
        system, messages = instructions(request, self._profile)
        turns = [turn for message in messages for turn in self._turn(message)]
        written = [*self._system(system + [Text(note) for note in self._notes.system])]
        for turn in repaired(turns, self._notes):
            written += self._messages(turn)
        return _alternating(written) if self._profile.strict_alternation else written

    def _system(self, texts: list[Text]) -> Iterator[wire.MessageOut]:
        parts = [part for text in texts for part in self._parts.write(text)]
        if parts:
            yield wire.SystemOut(content(parts, "\n\n"))

    def _turn(self, message: Message) -> Iterator[Message]:
        """The message as this upstream may see it; none where nothing is left of it."""
        if message.role is Role.SYSTEM:
            text = "\n\n".join(part.text for part in message.parts if isinstance(part, Text) and part.text)
            if not text:
                return
            if self._profile.mid_system is MidSystem.INLINE:
                yield Message(Role.SYSTEM, (Text(text),))
            else:
                yield Message(Role.USER, (Text(wording.reminder(text)),))
            return
        yield from speaking(message, self._notes)

    def _messages(self, turn: Message) -> Iterator[wire.MessageOut]:
        if turn.role is Role.SYSTEM:
            yield from (wire.SystemOut(part.text) for part in turn.parts if isinstance(part, Text))
        elif turn.role is Role.ASSISTANT:
            yield self._assistant(turn.parts)
        else:
            yield from self._user(turn.parts)

    def _user(self, parts: tuple[Part, ...]) -> Iterator[wire.MessageOut]:
        """Tool messages first, then everything else in one user message."""
        attached: list[wire.PartOut] = []
        for part in parts:
            if isinstance(part, ToolResult):
                yield self._result(part, attached)
        said = [one for part in parts for one in self._parts.write(part)]
        if attached or said:
            yield wire.UserOut(content(attached + said, "\n\n"))

    def _result(self, result: ToolResult, attached: list[wire.PartOut]) -> wire.ToolOut:
        """A tool message; pictures and files, which it cannot hold, go to `attached`."""
        name = tool_id(result.call_id, self._profile.tool_id_max)
        texts: list[wire.PartOut] = []
        number = 0
        for part in result.parts:
            if self._parts.can_attach(part):
                number += 1
                what = "image" if isinstance(part, Image) else "document"
                texts.append(wire.TextOut(f"[{what} {number} attached below]"))
                attached.append(wire.TextOut(f"{what.capitalize()} {number} from tool result {name}:"))
                attached.extend(self._parts.write(part))
            else:
                texts.extend(self._parts.write(part))
        plain = content(texts, "\n")
        said = plain if isinstance(plain, str) else "\n".join(_texts(plain))
        if result.is_error:
            said = wording.as_error(said)
        cache = result.cache or next((mark for part in result.parts if (mark := _cache(part))), None)
        return wire.ToolOut(name, content(self._parts.text(said or wording.NO_OUTPUT, cache), "\n"))

    def _assistant(self, parts: tuple[Part, ...]) -> wire.AssistantOut:
        said = [one for part in parts if isinstance(part, (Text, Foreign)) for one in self._parts.write(part)]
        calls = [self._call(part) for part in parts if isinstance(part, ToolCall)]
        message = wire.AssistantOut(content(said, "") if said else None, calls)
        thoughts = [part for part in parts if isinstance(part, Thinking)]
        if self._profile.reasoning_in is ReasoningIn.CONTENT:
            # DeepSeek and Kimi answer 400 ("must be passed back") where it is missing, and take an empty one.
            message.reasoning_content = "".join(thought.text for thought in thoughts)
        elif self._profile.reasoning_in is ReasoningIn.DETAILS:
            message.reasoning_details = reasoning.replayed(thoughts, self._profile.kind, self._model) or UNSET
        elif self._profile.reasoning_in is ReasoningIn.CALLS and calls:
            self._sign(calls, reasoning.replayed(thoughts, self._profile.kind, self._model))
        return message

    def _sign(self, calls: list[wire.CallOut], details: list[Raw]) -> None:
        """Hand each call's signature back with it."""
        known = {
            tool_id(given, self._profile.tool_id_max): extra for given, extra in reasoning.call_extras(details).items()
        }
        for call in calls:
            call.extra_content = known.get(call.id, UNSET)
        if calls[0].extra_content is UNSET:
            calls[0].extra_content = reasoning.NO_SIGNATURE

    def _call(self, call: ToolCall) -> wire.CallOut:
        function = wire.FunctionOut(self._names.upstream(call.name), call.arguments.strip() or "{}")
        return wire.CallOut(tool_id(call.id, self._profile.tool_id_max), function)


def _cache(part: Part) -> CacheMark | None:
    return part.cache if isinstance(part, (Text, Image, Document)) else None


def _texts(parts: list[wire.PartOut]) -> Iterator[str]:
    return (part.text for part in parts if isinstance(part, wire.TextOut))


def _alternating(messages: list[wire.MessageOut]) -> list[wire.MessageOut]:
    """User and assistant in strict turns, for chat templates that raise otherwise (Mistral, Gemma)."""
    strict: list[wire.MessageOut] = []
    for message in messages:
        before = strict[-1] if strict else None
        if isinstance(message, wire.AssistantOut) and isinstance(before, wire.AssistantOut | wire.SystemOut | None):
            strict.append(wire.UserOut("(continue)"))
        elif isinstance(message, wire.UserOut) and isinstance(before, wire.ToolOut):
            strict.append(wire.AssistantOut("(continue)"))
        strict.append(message)
    return strict
