"""Whatever an upstream sends and however it is cut: the same events, in the strict order, and never an exception."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from app.dialects.fold import Fold
from app.dialects.openai_responses import reply_read
from app.dialects.openai_responses.stream_read import ResponsesStreamReader
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Event, MessageStop, StreamError
from app.domain.request import Part, Text, Thinking, ToolCall
from tests.dialects.openai_responses.answers import (
    Wired,
    added,
    assert_strict,
    completed,
    created,
    delta,
    done,
    response,
    road,
    wire,
)

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
SAID = st.lists(WORDS, min_size=1, max_size=3)
"""A text in the pieces that its deltas bring; each item says it by deltas, by its end or by both."""
BY = st.sampled_from(["deltas", "end", "both"])


def message(index: int, said: list[str], by: str) -> tuple[list[Wired], Part]:
    text = "".join(said)
    given = {"type": "message", "id": f"msg_{index}", "role": "assistant"}
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    place = {"output_index": index, "item_id": f"msg_{index}", "content_index": 0}
    begun = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    sent = [
        added(index, given | {"content": [], "status": "in_progress"}),
        {"type": "response.content_part.added", "part": begun, **place},
        *(delta("output_text", index, one, content_index=0, logprobs=[]) for one in said if by != "end"),
        {"type": "response.output_text.done", "text": text, "logprobs": [], **place},
        {"type": "response.content_part.done", "part": part, **place},
        done(index, given | {"content": [part], "status": "completed"}),
    ]
    return sent if by != "deltas" else sent[:3] + sent[-1:], Text(text)


def reasoning(index: int, said: list[str], by: str) -> tuple[list[Wired], Part]:
    given = {"type": "reasoning", "id": f"rs_{index}"}
    summary = [{"type": "summary_text", "text": one} for one in said]
    pieces = [delta("reasoning_summary_text", index, one, summary_index=n) for n, one in enumerate(said)]
    sent = [
        added(index, given | {"summary": []}),
        *(pieces if by != "end" else []),
        done(index, given | {"summary": summary}),
    ]
    return sent, Thinking("\n\n".join(said))


def call(index: int, said: list[str], by: str) -> tuple[list[Wired], Part]:
    arguments = json.dumps({"a": "".join(said)}, ensure_ascii=False)
    given = {"type": "function_call", "id": f"fc_{index}", "call_id": f"call_{index}", "name": "f"}
    pieces = [delta("function_call_arguments", index, one) for one in (arguments[:4], arguments[4:]) if by != "end"]
    whole = {"item_id": f"fc_{index}", "name": "f", "arguments": arguments, "output_index": index}
    sent = [
        added(index, given | {"arguments": ""}),
        *pieces,
        {"type": "response.function_call_arguments.done", **whole},
        done(index, given | {"arguments": arguments}),
    ]
    return sent, ToolCall(f"call_{index}", "f", arguments)


def custom(index: int, said: list[str], by: str) -> tuple[list[Wired], Part]:
    text = "".join(said)
    given = {"type": "custom_tool_call", "id": f"ctc_{index}", "call_id": f"call_{index}", "name": "p"}
    pieces = [delta("custom_tool_call_input", index, one) for one in said if by != "end"]
    sent = [added(index, given | {"input": ""}), *pieces, done(index, given | {"input": text})]
    arguments = json.dumps({"input": text}, ensure_ascii=False, separators=(",", ":"))
    return sent, ToolCall(f"call_{index}", "p", arguments)


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[Wired], list[Part]]:
    """The events of some items, mixed but each item's in order, and the parts that they are."""
    kinds = draw(st.lists(st.sampled_from([message, reasoning, call, custom]), max_size=4))
    items = [kind(index, draw(SAID), draw(BY)) for index, kind in enumerate(kinds)]
    queues = [list(sent) for sent, _ in items]
    mixed = [queue.pop(0) for queue in queues]  # an item begins before the next one does
    while any(queues):
        mixed.append(draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    return [created(), *mixed, completed()], [part for _, part in items]


def read(pieces: list[bytes]) -> list[Event]:
    reader = ResponsesStreamReader(road())
    found = [event for piece in pieces for event in reader.feed(piece)] + reader.close()
    assert_strict(found)
    assert reader.finished is isinstance(found[-1], MessageStop)
    return found


def folded(found: list[Event]) -> Any:
    fold = Fold("openai_responses")
    for event in found:
        fold.add(event)
    return fold.partial()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(stream) + 1) for place in places})
    return [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]


def plain(parts: Any) -> list[Part]:
    """The parts without the signatures, which hold more than the texts."""
    return [Thinking(part.text) if isinstance(part, Thinking) else part for part in parts]


@given(answers(), st.lists(st.integers(0, 10**6), max_size=20))
def test_an_answer_arrives_however_its_items_are_mixed_and_its_bytes_are_cut(answer, places):
    sent, parts = answer
    for number, event in enumerate(sent):
        EVENT.validate_python({"sequence_number": number, **event})
    stream = wire(*sent)
    found = folded(read(cut(stream, places)))
    assert plain(found.parts) == parts
    assert found == folded(read([stream])) == folded(read([stream[at : at + 1] for at in range(len(stream))]))


@given(answers(), st.integers(0, 10**6))
def test_a_stream_that_breaks_off_is_never_whole(answer, place):
    stream = wire(*answer[0]).rstrip(b"\n")
    found = read([stream[: place % len(stream)]])
    assert isinstance(found[-1], StreamError)
    assert found[-1].error.kind is ErrorKind.STREAM_CUT


@given(answers())
def test_a_whole_answer_is_what_its_stream_was(answer):
    sent, _ = answer
    items = [one["item"] for one in sent if one["type"] == "response.output_item.done"]
    output = sorted(items, key=lambda item: int(item["id"].rpartition("_")[2]))
    body = json.dumps(response("completed", *output, usage=sent[-1]["response"]["usage"])).encode()
    whole = reply_read.read_reply(body, road())
    streamed = folded(read([wire(*sent)]))
    assert (whole.parts, whole.usage, whole.stop) == (streamed.parts, streamed.usage, streamed.stop)


_MEMBERS = st.sampled_from(
    [
        *("type", "item", "delta", "output_index", "content_index", "summary_index", "text", "part", "response"),
        *("status", "output", "usage", "error", "annotations", "summary", "content", "arguments", "input", "call_id"),
        *("name", "id", "item_id", "action", "sources", "query", "annotation", "input_tokens", "incomplete_details"),
    ]
)
_JSON = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(-1, 2), st.integers(), st.floats(allow_nan=False), st.text(max_size=3)),
        st.sampled_from(
            ["message", "reasoning", "function_call", "custom_tool_call", "web_search_call", "refusal", "x"]
        ),
        st.sampled_from(["output_text", "completed", "failed", "\ud800", "9" * 400]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_MEMBERS, inner, max_size=5)),
    max_leaves=12,
)
_TYPES = st.sampled_from(
    [
        *("response.created", "response.output_item.added", "response.output_item.done", "response.content_part.done"),
        *("response.output_text.delta", "response.output_text.done", "response.output_text.annotation.added"),
        *("response.refusal.delta", "response.reasoning_summary_text.delta", "response.reasoning_summary_part.done"),
        *(
            "response.reasoning_text.delta",
            "response.function_call_arguments.delta",
            "response.custom_tool_call_input.done",
        ),
        *(
            "response.function_call_arguments.done",
            "response.completed",
            "response.incomplete",
            "response.failed",
            "error",
        ),
    ]
)
_EVENTS = st.builds(
    lambda kind, more: {**more, "type": kind}, _TYPES, st.dictionaries(_MEMBERS.filter(lambda n: n != "type"), _JSON)
)


@given(st.lists(st.one_of(_EVENTS, _JSON), max_size=6), st.booleans())
def test_any_json_gives_events_or_an_error(sent, ends):
    stream = b"".join(
        b"data: " + json.dumps(one).encode() + b"\n\n" for one in [*sent, *([completed()] if ends else [])]
    )
    read([stream])


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_bytes_give_events_or_an_error(pieces):
    read(pieces)
    read([b"data: " + piece + b"\n\n" for piece in pieces])


@given(_JSON)
def test_any_whole_answer_is_read_or_refused(value):
    for body in (value, response("completed") | {"output": value}, response("completed", value)):
        with suppress(PatchbayError):
            reply_read.read_reply(json.dumps(body).encode(), road())
