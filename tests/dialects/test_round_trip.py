"""There and back between the dialects: what a conversation and an answer must not lose on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.base import Dialect, Road
from app.dialects.fold import Fold, reply_events
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.events import Event, MessageStop, Reply, StopReason
from app.domain.request import Image, Message, Part, Request, Role, Text, Thinking, ToolCall, ToolResult
from app.domain.usage import Usage
from app.vendors import profiles

_WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
_ARGUMENTS = st.dictionaries(_WORDS, st.one_of(_WORDS, st.integers(-9, 9), st.lists(_WORDS, max_size=2)), max_size=3)
_IMAGES = st.sampled_from(
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/i.jpg"}},
    ]
)
_SAID = st.one_of(st.builds(lambda text: {"type": "text", "text": text}, _WORDS), _IMAGES)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An Anthropic conversation: the user speaks, the assistant answers and calls, the results come."""
    messages: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for turn in range(draw(st.integers(1, 4))):
        content = results + draw(st.lists(_SAID, min_size=0 if results else 1, max_size=3))
        messages.append({"role": "user", "content": content})
        calls = [
            {"type": "tool_use", "id": f"toolu_{turn}_{number}", "name": "f", "input": draw(_ARGUMENTS)}
            for number in range(draw(st.integers(0, 2)))
        ]
        text = [{"type": "text", "text": draw(_WORDS)}] if draw(st.booleans()) or not calls else []
        messages.append({"role": "assistant", "content": text + calls})
        results = [{"type": "tool_result", "tool_use_id": call["id"], "content": draw(_WORDS)} for call in calls]
    messages.append({"role": "user", "content": [*results, {"type": "text", "text": draw(_WORDS)}]})
    return messages


def lines(request: Request) -> list[Any]:
    """Who said, showed, called and answered what, in order, whatever the messages are cut into."""
    found: list[Any] = []
    for message in request.messages:
        found += [line for part in message.parts if (line := _line(message.role, part))]
    return found


def _line(role: Role, part: Part) -> Any:
    match part:
        case Text():
            return (role, part.text)
        case Image():
            return (role, part.media_type, part.data, part.url)
        case ToolCall():
            return (role, part.id, part.name, json.loads(part.arguments))
        case ToolResult():
            return (role, part.call_id, "\n".join(one.text for one in part.parts if isinstance(one, Text)))
    return None


def joined(found: list[Any]) -> list[Any]:
    """The same with neighboring texts of one role as one: a chat message has one content."""
    kept: list[Any] = []
    for line in found:
        if kept and len(line) == len(kept[-1]) == 2 and line[0] == kept[-1][0]:
            kept[-1] = (line[0], kept[-1][1] + "\n\n" + line[1])
        else:
            kept.append(line)
    return kept


@given(conversations())
def test_a_conversation_survives_the_way_to_chat_and_back(messages):
    tools = [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]
    body = json.dumps({"model": "claude", "max_tokens": 9, "messages": messages, "tools": tools}).encode()
    first = ANTHROPIC_MESSAGES.read_request(body)
    chat = OPENAI_CHAT.write_request(first, "m", profiles.OPENROUTER)
    assert OPENAI_CHAT.write_request(first, "m", profiles.OPENROUTER) == chat
    second = OPENAI_CHAT.read_request(chat.body)
    assert joined(lines(second)) == joined(lines(first))
    back = ANTHROPIC_MESSAGES.write_request(second, "claude-opus-4-5", profiles.ANTHROPIC)
    assert joined(lines(ANTHROPIC_MESSAGES.read_request(back.body))) == joined(lines(first))


_ANSWERS = st.builds(
    Reply,
    st.just("msg_1"),
    st.just("m"),
    st.lists(st.one_of(st.builds(Text, _WORDS), st.builds(Thinking, _WORDS, st.just("sig"))), max_size=4).map(tuple),
    st.just(StopReason.END_TURN),
    st.builds(Usage, st.integers(1, 99), st.integers(0, 9), st.integers(0, 9), output_tokens=st.integers(1, 99)),
)


def road() -> Road:
    return Road("asked", "sent", show_thinking=True, include_usage=True)


def over(dialect: Dialect, events: list[Event], size: int) -> list[Event]:
    """The events after a stream of that dialect, written and read in pieces."""
    stream = dialect.stream_writer(road()).write(events)
    reader = dialect.stream_reader(road())
    found = [event for at in range(0, len(stream), size) for event in reader.feed(stream[at : at + size])]
    return found + reader.close()


def folded(events: list[Event]) -> Reply:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold.reply()


def merged(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    """Text and thinking in order; neighbors of one kind are one to a chat client."""
    kept: list[tuple[str, str]] = []
    for part in parts:
        assert isinstance(part, Text | Thinking)
        kind = type(part).__name__
        if kept and kept[-1][0] == kind:
            kept[-1] = (kind, kept[-1][1] + part.text)
        else:
            kept.append((kind, part.text))
    return kept


@given(_ANSWERS, st.integers(1, 50))
def test_an_answer_survives_both_streams_one_after_the_other(answer, size):
    found = folded(over(ANTHROPIC_MESSAGES, over(OPENAI_CHAT, list(reply_events(answer)), size), size))
    assert merged(found.parts) == merged(answer.parts)
    assert (found.stop, found.usage.prompt_tokens, found.usage.output_tokens) == (
        answer.stop,
        answer.usage.prompt_tokens,
        answer.usage.output_tokens,
    )


@given(st.lists(_ARGUMENTS, max_size=3), st.integers(1, 50))
def test_calls_survive_both_streams(arguments, size):
    calls = tuple(
        ToolCall(f"t{number}", "f", json.dumps(one, separators=(",", ":"))) for number, one in enumerate(arguments)
    )
    answer = Reply("msg_1", "m", (Text("a"), *calls), StopReason.TOOL_USE if calls else StopReason.END_TURN)
    found = folded(over(ANTHROPIC_MESSAGES, over(OPENAI_CHAT, list(reply_events(answer)), size), size))
    assert (found.parts, found.stop) == (answer.parts, answer.stop)


@pytest.mark.parametrize(
    ("reason", "after_chat"),
    [
        (StopReason.END_TURN, StopReason.END_TURN),
        (StopReason.STOP_SEQUENCE, StopReason.END_TURN),
        (StopReason.MAX_TOKENS, StopReason.MAX_TOKENS),
        (StopReason.CONTEXT_FULL, StopReason.MAX_TOKENS),
        (StopReason.REFUSAL, StopReason.REFUSAL),
    ],
)
def test_stop_reasons_survive_as_far_as_chat_has_words(reason, after_chat):
    answer = Reply("msg_1", "m", (Text("a"),), reason)
    last = over(OPENAI_CHAT, list(reply_events(answer)), 9)[-1]
    assert isinstance(last, MessageStop)
    assert last.reason is after_chat


def test_a_message_is_what_it_says_it_is():
    assert lines(Request("m", (Message(Role.USER, (Text("a"), Thinking("b"))),))) == [(Role.USER, "a")]
