from __future__ import annotations

import json

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import CompactedResponse

from app.dialects.base import ModelEntry
from app.dialects.fold import reply_events
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.dialects.openai_responses.echo import Meant
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockSignature,
    BlockStart,
    BlockStop,
    MessageStart,
    MessageStop,
    Ping,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Foreign, Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE, Usage
from tests.dialects.openai_responses import sdk
from tests.dialects.openai_responses.turns import USAGE, reply, road

_TEXTS = st.text(max_size=8)
_ARGUMENTS = st.sampled_from(["", "{}", '{"x":1}', '{"input":"a"}', '{"input"', "raw"])
_CALLS = st.builds(ToolCall, st.uuids().map(str), st.sampled_from(["f", "p", "n__f", "tool_search"]), _ARGUMENTS)
_HITS = st.lists(st.builds(SearchHit, st.sampled_from("uv"), _TEXTS, st.integers(0, 9), st.integers(0, 9)), max_size=3)
_PARTS = st.one_of(
    st.builds(Text, _TEXTS),
    st.builds(Thinking, _TEXTS, st.sampled_from(["", "SIG"])),
    st.builds(Thinking, redacted=st.just("R")),
    _CALLS,
    st.builds(Search, st.just("s"), _TEXTS, _HITS.map(tuple)),
    st.just(Foreign("anthropic_messages", "x", b"{}")),
)
_REPLIES = st.builds(
    lambda parts, stop, usage: reply(*parts, stop=stop, usage=usage),
    st.lists(_PARTS, max_size=6),
    st.sampled_from(StopReason),
    st.sampled_from([USAGE, NO_USAGE]),
)
_ROADS = st.builds(
    lambda shown, opaque, search: road(
        show_thinking=shown,
        opaque_thinking=opaque,
        meant=Meant(tool_search=search),
        custom_tools=frozenset({"p"}),
        namespaces={"n__f": "n"},
        input_estimate_tokens=7,
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
_ERROR = PatchbayError(ErrorKind.OVERLOADED, "Overloaded")
_EVENTS = st.one_of(
    st.builds(MessageStart, st.sampled_from(["", "a"]), st.just("m")),
    st.builds(BlockStart, st.integers(0, 3), st.sampled_from(BlockKind), st.sampled_from(["", "t1"]), st.just("f")),
    st.builds(BlockStart, st.just(0), st.just(BlockKind.SEARCH), search=st.just(Search("s", "q", (SearchHit("u"),)))),
    st.builds(BlockDelta, st.integers(0, 3), _TEXTS),
    st.builds(BlockSignature, st.just(0), st.just("SIG")),
    st.builds(BlockStop, st.integers(0, 3)),
    st.builds(UsageSeen, st.just(Usage(1))),
    st.just(Ping()),
)
_LASTS = st.one_of(
    st.builds(MessageStop, st.sampled_from(StopReason), st.sampled_from([USAGE, NO_USAGE])),
    st.just(StreamError(_ERROR)),
)


@given(_REPLIES, _ROADS)
def test_the_client_reads_any_answer_and_the_same_whole_as_streamed(answer, on):
    streamed = sdk.streamed(OPENAI_RESPONSES.stream_writer(on).write(reply_events(answer)))
    assert streamed == sdk.whole(OPENAI_RESPONSES.write_reply(answer, on))
    texts = "".join(part.text for part in answer.parts if isinstance(part, Text))
    assert streamed.output_text == texts
    ids = [item.id for item in streamed.output]
    assert len(set(ids)) == len(ids)


@given(st.lists(_EVENTS, max_size=12), _LASTS, st.lists(_EVENTS, max_size=2), _ROADS)
def test_any_events_make_a_stream_that_the_client_accepts(events, last, late, on):
    ids = iter(range(100))
    events = [
        BlockStart(one.index, one.kind, f"t{next(ids)}", one.name, search=one.search)
        if isinstance(one, BlockStart)
        else one
        for one in events
    ]
    writer = OPENAI_RESPONSES.stream_writer(on)
    stream = b"".join(writer.write([event]) for event in [*events, last, *late])
    assert sdk.streamed(stream).status in {"completed", "incomplete", "failed"}
    assert writer.keep_alive(100) == writer.fail(_ERROR) == b""


@given(_REPLIES, st.integers(1, 4))
def test_silence_disturbs_no_one(answer, every):
    writer = OPENAI_RESPONSES.stream_writer(road())
    stream = b""
    for number, event in enumerate(reply_events(answer)):
        if number % every == 0:
            stream += writer.keep_alive(15) + writer.keep_alive(75)
        stream += writer.write([event])
    sdk.streamed(stream)


def test_the_client_reads_every_kind_of_item():
    parts = (
        Thinking("hm", "S"),
        Text("Grüße \u2028"),
        ToolCall("t1", "n__f", '{"x":1}'),
        ToolCall("t2", "p", '{"input":"a"}'),
        Search("s", "q", (SearchHit("u", "T", 1, 2),)),
        Text("und mehr"),
    )
    on = road(custom_tools=frozenset({"p"}), namespaces={"n__f": "n"})
    found = sdk.whole(OPENAI_RESPONSES.write_reply(reply(*parts), on))
    assert [item.type for item in found.output] == [
        *("reasoning", "message", "function_call", "custom_tool_call", "web_search_call", "message")
    ]
    assert found.output_text == "Grüße \u2028und mehr"
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.total_tokens) == (100, 109)


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        (ErrorKind.INVALID_REQUEST, openai.BadRequestError),
        (ErrorKind.UNAUTHENTICATED, openai.AuthenticationError),
        (ErrorKind.RATE_LIMITED, openai.RateLimitError),
        (ErrorKind.OVERLOADED, openai.InternalServerError),
    ],
)
def test_the_client_raises_what_the_error_means(kind, raised):
    told = OPENAI_RESPONSES.write_error(PatchbayError(kind, "Why", param="x"), "req_1")
    error = sdk.failure(told.status, dict(told.headers), told.body)
    assert isinstance(error, raised)
    assert (error.request_id, error.param) == ("req_1", "x")


def test_the_client_reads_a_compaction():
    body = OPENAI_RESPONSES.write_compact_reply(reply(Text("so far")), road(meant=Meant(compacting=True)))
    CompactedResponse.model_validate_json(body)
    found = sdk.client(body, "application/json").responses.compact(model="gpt-5.5", input="q")
    assert [item.type for item in found.output] == ["compaction"]


def test_the_client_counts_tokens_and_lists_models():
    one = sdk.client(OPENAI_RESPONSES.write_token_count(42), "application/json")
    assert one.responses.input_tokens.count(model="m", input="q").input_tokens == 42
    one = sdk.client(OPENAI_RESPONSES.write_models([ModelEntry("m", "M", "x", 1)]), "application/json")
    assert [model.id for model in one.models.list()] == ["m"]
    assert json.loads(OPENAI_RESPONSES.write_model(ModelEntry("m", "M", "x", 1)))["id"] == "m"
