from __future__ import annotations

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.base import ModelEntry
from app.dialects.fold import reply_events
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import MessageStart, Reply, StopReason, StreamError
from app.domain.request import Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import Usage
from tests.dialects.case_files import CASES, Case, of_kind
from tests.dialects.openai_chat import sdk
from tests.dialects.openai_chat.streams import road

USAGE = Usage(10, 70, 20, output_tokens=9, reasoning_tokens=4)
PARTS = (
    Thinking("hm", "S"),
    Text("Grüße \u2028"),
    ToolCall("t1", "f", '{"x":1}'),
    Search("s", "q", (SearchHit("u", "T"),)),
    Text(" und mehr"),
    ToolCall("t2", "g", "{}"),
)


def streamed(reply, **more):
    return sdk.streamed(OPENAI_CHAT.stream_writer(road(**more)).write(reply_events(reply)))


def test_the_client_reads_a_stream():
    found = streamed(Reply("msg_1", "m", PARTS, StopReason.TOOL_USE, USAGE), include_usage=True)
    (choice,) = found.choices
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", "Grüße \u2028 und mehr")
    calls = [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls or ()]
    assert calls == [("t1", "f", '{"x":1}'), ("t2", "g", "{}")]
    assert found.usage is not None
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (100, 109)
    assert found.usage.prompt_tokens_details.cached_tokens == 70
    assert found.usage.completion_tokens_details.reasoning_tokens == 4


def test_the_client_reads_a_whole_answer():
    found = sdk.whole(OPENAI_CHAT.write_reply(Reply("msg_1", "m", PARTS, StopReason.TOOL_USE, USAGE), road()))
    message = found.choices[0].message
    assert message.content == "Grüße \u2028 und mehr"
    assert [call.id for call in message.tool_calls or ()] == ["t1", "t2"]
    assert message.annotations[0].url_citation.url == "u"


@given(st.lists(st.one_of(st.builds(Text, st.text(max_size=9)), st.builds(Thinking, st.text(max_size=9))), max_size=5))
def test_the_client_reads_the_text_of_any_stream(parts):
    found = streamed(Reply("", "m", tuple(parts), StopReason.END_TURN, USAGE))
    assert found.choices[0].message.content == "".join(part.text for part in parts if isinstance(part, Text))


@pytest.mark.parametrize("reason", list(StopReason))
def test_the_client_knows_every_finish_reason(reason):
    assert streamed(Reply("", "m", (Text("a"),), reason, USAGE)).choices[0].finish_reason


def test_the_client_raises_on_an_error_in_the_stream():
    error = PatchbayError(ErrorKind.OVERLOADED, "Overloaded")
    stream = OPENAI_CHAT.stream_writer(road()).write([MessageStart("1", "m"), StreamError(error)])
    with pytest.raises(openai.APIError, match="Overloaded"):
        sdk.chunks(stream)


def test_comments_in_silence_disturb_no_one():
    writer = OPENAI_CHAT.stream_writer(road())
    first, *others = reply_events(Reply("", "m", (Text("a"),), StopReason.END_TURN, USAGE))
    stream = writer.write([first]) + writer.keep_alive(15) + writer.write(others)
    assert sdk.streamed(stream).choices[0].message.content == "a"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (ErrorKind.INVALID_REQUEST, openai.BadRequestError),
        (ErrorKind.UNSUPPORTED, openai.BadRequestError),
        (ErrorKind.UNAUTHENTICATED, openai.AuthenticationError),
        (ErrorKind.CALLER_FORBIDDEN, openai.PermissionDeniedError),
        (ErrorKind.MODEL_NOT_FOUND, openai.NotFoundError),
        (ErrorKind.RATE_LIMITED, openai.RateLimitError),
        (ErrorKind.OVERLOADED, openai.InternalServerError),
        (ErrorKind.CREDENTIAL_REJECTED, openai.InternalServerError),
        (ErrorKind.BILLING, openai.APIStatusError),
    ],
)
def test_the_client_raises_what_is_meant(kind, error):
    reply = OPENAI_CHAT.write_error(PatchbayError(kind, "what happened", param="p"), "req_1")
    found = sdk.failure(reply.status, dict(reply.headers), reply.body)
    assert isinstance(found, error)
    assert (found.request_id, found.param) == ("req_1", "p")
    assert "what happened" in found.message


def test_the_client_lists_models():
    entries = [ModelEntry("a/b", "B", "a", 5), ModelEntry("c", "", "d", 6)]
    with sdk.client(OPENAI_CHAT.write_models(entries), "application/json") as one:
        assert [(model.id, model.created, model.owned_by) for model in one.models.list()] == [
            ("a/b", 5, "a"),
            ("c", 6, "d"),
        ]
    with sdk.client(OPENAI_CHAT.write_model(entries[0]), "application/json") as one:
        assert one.models.retrieve("a/b").id == "a/b"


@pytest.mark.parametrize("name", [name for name in of_kind("stream") if name.startswith("o2a_")])
def test_the_client_reads_the_recorded_streams(name):
    case = Case(name)
    road_back = case.road()
    reader = case.upstream.stream_reader(road_back)
    stream = case.client.stream_writer(road_back).write(reader.feed(case.upstream_bytes()) + reader.close())
    if any("error" in event for event in CASES[name]["expected_client_events"]):
        with pytest.raises(openai.APIError):
            sdk.chunks(stream)
    else:
        assert sdk.streamed(stream).choices[0].finish_reason
