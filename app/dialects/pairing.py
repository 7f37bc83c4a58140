"""Turns put in the order that OpenAI's dialects demand: alternating, and every tool call answered at once.

Nothing is deleted silently: a call without a result gets one that says so, a result without a call becomes text, a
second result of the same call is reported. Without this OpenAI answers 400 ("tool_call_ids did not have response
messages", "No tool output found for function call").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.dialects.notes import Notes
from app.dialects.wording import NO_OUTPUT
from app.domain.request import Message, Part, Role, Text, ToolCall, ToolResult

NO_RESULT = "Error: no result was recorded for this tool call."
LOST_RESULT = "[result of an earlier tool call]\n"


def repaired(messages: Iterable[Message], notes: Notes) -> list[Message]:
    """The messages with neighbors of one role merged and each call followed by its results, in the calls' order."""
    return list(_merged(_paired(list(_merged(messages)), notes)))


def _merged(messages: Iterable[Message]) -> Iterator[Message]:
    """Neighbors of the same role as one message; a system message stays by itself."""
    last: Message | None = None
    for message in messages:
        if last is not None and last.role is message.role is not Role.SYSTEM:
            last = Message(last.role, last.parts + message.parts)
            continue
        if last is not None:
            yield last
        last = message
    if last is not None:
        yield last


def _paired(messages: list[Message], notes: Notes) -> Iterator[Message]:
    at = 0
    while at < len(messages):
        asks: list[str] = []
        if messages[at].role is Role.ASSISTANT:
            asks = [part.id for part in messages[at].parts if isinstance(part, ToolCall)]
            yield messages[at]
            at += 1
        end = at
        while end < len(messages) and messages[end].role is not Role.ASSISTANT:
            end += 1
        yield from _answered(asks, messages[at:end], notes)
        at = end


def _answered(asks: list[str], messages: list[Message], notes: Notes) -> Iterator[Message]:
    """The messages between two of the assistant's, with the results of `asks` first."""
    found: dict[str, ToolResult] = {}
    rest: list[Message] = []
    for message in messages:
        parts: list[Part] = []
        for part in message.parts:
            if not isinstance(part, ToolResult):
                parts.append(part)
            elif part.call_id not in asks:
                parts += _as_text(part)
            elif part.call_id in found:
                notes.drop("messages: a second result of one tool call")
            else:
                found[part.call_id] = part
        rest.append(Message(message.role, tuple(parts)))
    missing = (Text(NO_RESULT),)
    results = tuple(found.get(ask) or ToolResult(ask, missing) for ask in dict.fromkeys(asks))
    if results:
        yield Message(Role.USER, results)
    yield from (message for message in rest if message.parts)


def _as_text(result: ToolResult) -> tuple[Part, ...]:
    first, *others = result.parts or (Text(NO_OUTPUT),)
    if isinstance(first, Text):
        return (Text(LOST_RESULT + first.text), *others)
    return (Text(LOST_RESULT.rstrip()), first, *others)
