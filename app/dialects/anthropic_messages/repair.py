"""The structure that Anthropic demands of a conversation, made from whatever a client of another dialect sent.

Each rule stands for a 400 of the API: roles alternate and begin with the user; a tool's result follows its call at
once, first in its message, once; no text is blank; an answer begun in advance ends without white space. Nothing is
deleted silently: what has no place becomes text, or is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.dialects.anthropic_messages.families import Family
from app.dialects.names import tool_id
from app.dialects.signatures import is_ours
from app.domain.provider import MidSystem, Profile
from app.domain.request import Message, Part, Role, Search, Text, Thinking, ToolCall, ToolResult

OPENING = "(conversation continues)"
CONTINUE = "Continue."
NO_RESULT = "No result was recorded."
ORPHAN = "[result of an earlier tool call]\n"


@dataclass(slots=True)
class Turn:
    """One message on its way to the upstream."""

    role: Role
    parts: list[Part]


def repaired(
    system: Sequence[Text], messages: Iterable[Message], family: Family, profile: Profile, dropped: list[str]
) -> tuple[list[Text], list[Turn]]:
    """The system texts and the turns as the upstream takes them; what has no place at all is named in `dropped`."""
    texts = [text for text in system if text.text.strip()]
    turns: list[Turn] = []
    for message in messages:
        turn = _cleaned(message)
        if turn.role is Role.SYSTEM and (not turns or profile.mid_system is MidSystem.MERGE):
            texts += (part for part in turn.parts if isinstance(part, Text))
        elif turn.parts:
            turns.append(turn)
    if not turns:
        return [], [Turn(Role.USER, list[Part](texts) or [Text(OPENING)])]
    inline = profile.mid_system is MidSystem.INLINE and family.inline_system
    turns = _paired(_placed(turns, inline=inline), dropped)
    if turns[0].role is not Role.USER:
        turns.insert(0, Turn(Role.USER, [Text(OPENING)]))
    _end(turns, family)
    return texts, turns


def thinking_would_fail(turns: Sequence[Turn]) -> bool:
    """Whether a request with a thinking budget would be refused: "Expected `thinking`, but found `tool_use`".

    The answer that is being continued, back to what the user last said, must begin with its thinking.
    """
    for turn in reversed(turns):
        if turn.role is Role.ASSISTANT:
            begun = turn is turns[-1] or any(isinstance(part, ToolCall) for part in turn.parts)
            if begun and not isinstance(turn.parts[0], Thinking):
                return True
        elif not all(isinstance(part, ToolResult) for part in turn.parts):
            return False
    return False


def _cleaned(message: Message) -> Turn:
    """Without what may not be sent: blank text, thinking that another vendor signed, searches."""
    return Turn(message.role, [part for part in message.parts if _may_stay(part)])


def _may_stay(part: Part) -> bool:
    if isinstance(part, Text):
        return bool(part.text.strip())
    if isinstance(part, Thinking):
        seal = part.redacted or part.signature
        return bool(seal) and not is_ours(seal)
    return not isinstance(part, Search)


def _placed(turns: Sequence[Turn], *, inline: bool) -> list[Turn]:
    """Neighbours of one role merged; instructions in mid-conversation inline where allowed, else in the user's turn."""
    placed: list[Turn] = []
    for index, turn in enumerate(turns):
        if turn.role is Role.SYSTEM:
            later = next((one.role for one in turns[index + 1 :] if one.role is not Role.SYSTEM), Role.ASSISTANT)
            before = placed[-1].role if placed else Role.ASSISTANT
            if not inline or later is not Role.ASSISTANT or before is Role.ASSISTANT:
                turn = Turn(Role.USER, [reminder(part) for part in turn.parts if isinstance(part, Text)])  # noqa: PLW2901
        if placed and placed[-1].role is turn.role:
            placed[-1].parts += turn.parts
        else:
            placed.append(turn)
    return placed


def reminder(text: Text) -> Text:
    """An instruction dressed so that it may stand in a user's turn, as Claude Code dresses its own."""
    return replace(text, text=f"<system-reminder>\n{text.text}\n</system-reminder>")


def _paired(turns: Sequence[Turn], dropped: list[str]) -> list[Turn]:
    """Every call answered by one result in the next turn, in the order of the calls, under ids that are unique."""
    paired: list[Turn] = []
    taken: set[str] = set()
    calls: list[tuple[str, str]] = []
    for turn in turns:
        if turn.role is Role.USER:
            paired.append(Turn(Role.USER, _answered(calls, turn.parts, dropped)))
            calls = []
            continue
        if calls:
            paired.append(Turn(Role.USER, _answered(calls, [], dropped)))
            calls = []
        parts: list[Part] = []
        for part in turn.parts:
            if isinstance(part, ToolCall):
                free = _free_id(part.id, taken)
                calls.append((part.id, free))
                parts.append(replace(part, id=free))
            else:
                parts.append(part)
        paired.append(Turn(turn.role, parts))
    if calls:
        paired.append(Turn(Role.USER, _answered(calls, [], dropped)))
    return paired


def _free_id(given: str, taken: set[str]) -> str:
    free = tool_id(given)
    count = 1
    while free in taken:
        count += 1
        free = f"{tool_id(given)}_{count}"
    taken.add(free)
    return free


def _answered(calls: Sequence[tuple[str, str]], parts: Sequence[Part], dropped: list[str]) -> list[Part]:
    """A user's turn after those (given id, sent id) calls."""
    wanted = {given for given, _ in calls}
    found: dict[str, list[ToolResult]] = {}
    rest: list[Part] = []
    for part in parts:
        if not isinstance(part, ToolResult):
            rest.append(part)
        elif part.call_id in wanted:
            found.setdefault(part.call_id, []).append(part)
        else:
            rest += _as_text(part)
    results: list[Part] = []
    for given, sent in calls:
        waiting = found.get(given)
        if waiting:
            results.append(replace(waiting.pop(0), call_id=sent))
        else:
            results.append(ToolResult(sent, (Text(NO_RESULT),), is_error=True))
    if any(found.values()):
        dropped.append("messages: a second result of one tool call")
    return results + rest


def _as_text(result: ToolResult) -> list[Part]:
    texts = [part.text for part in result.parts if isinstance(part, Text)]
    others = [part for part in result.parts if not isinstance(part, Text)]
    return [Text(ORPHAN + "\n".join(texts)), *others]


def _end(turns: list[Turn], family: Family) -> None:
    """A beginning of the answer that the client gave: without white space at its end, or asked to go on from."""
    if turns[-1].role is not Role.ASSISTANT:
        return
    if not family.prefill:
        turns.append(Turn(Role.USER, [Text(CONTINUE)]))
        return
    last = turns[-1].parts[-1]
    if isinstance(last, Text):
        turns[-1].parts[-1] = replace(last, text=last.text.rstrip())
