from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects import signatures
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.openai_chat.stream_read import ChatStreamReader
from app.domain.errors import ErrorKind
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockSignature,
    BlockStart,
    BlockStop,
    MessageStart,
    MessageStop,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.provider import ReasoningIn
from app.domain.request import Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import Usage, UsageSource
from tests.dialects.openai_chat.streams import (
    DONE,
    USAGE,
    call,
    chunk,
    end,
    events,
    failure,
    reply,
    road,
    stop,
    text,
    wire,
)


def assert_strict(found):
    """The order of `domain.events`: one open block, indices without gaps, one end."""
    assert isinstance(found[0], MessageStart)
    open_index, following = -1, 0
    for event in found[1:]:
        match event:
            case BlockStart():
                assert (open_index, event.index) == (-1, following)
                open_index, following = event.index, following + 1
            case BlockStop():
                assert event.index == open_index
                open_index = -1
            case BlockDelta() | BlockSignature():
                assert event.index == open_index
            case MessageStop():
                assert open_index == -1
                assert event is found[-1]
            case StreamError():
                assert event is found[-1]


KNOWN = Usage(20, output_tokens=7)
MANY = wire(
    {"choices": [], "prompt_filter_results": []},
    b": comment\n\n",
    chunk({"role": "assistant", "content": ""}),
    chunk({"reasoning_content": "hm ü"}),
    text("Hello \u2028 wörld 🙂"),
    text(" and more"),
    call(0, "a", "one", '{"x":'),
    call(1, "b", "two", '{"y":'),
    call(0, arguments='"🙂"}'),
    call(1, arguments="2}"),
    chunk({"reasoning": "again"}),
    end("tool_calls"),
    DONE,
)


@given(st.lists(st.integers(min_value=1, max_value=len(MANY) - 1), max_size=30))
def test_events_do_not_depend_on_how_the_bytes_are_cut(cuts):
    edges = [0, *sorted(set(cuts)), len(MANY)]
    reader = OPENAI_CHAT.stream_reader(road())
    found = [event for start, stop in pairwise(edges) for event in reader.feed(MANY[start:stop])]
    assert found + reader.close() == events(MANY)
    assert reader.finished


def test_the_order_of_events_is_strict_for_a_stream_of_everything():
    found = events(MANY)
    assert_strict(found)
    assert reply(MANY).parts == (
        Thinking("hm ü", signatures.wrap("generic", "sent")),
        Text("Hello \u2028 wörld 🙂 and more"),
        ToolCall("a", "one", '{"x":"🙂"}'),
        ToolCall("b", "two", '{"y":2}'),
        Thinking("again", signatures.wrap("generic", "sent")),
    )


_PIECES = st.one_of(
    st.builds(text, st.text(max_size=5)),
    st.builds(lambda said: chunk({"reasoning_content": said}), st.text(max_size=5)),
    st.builds(
        call,
        st.one_of(st.none(), st.integers(min_value=0, max_value=2)),
        st.sampled_from([None, "", "a", "b"]),
        st.sampled_from([None, "", "name"]),
        st.sampled_from([None, "", "{", '"x":1', "}", "{}", {"x": 1}]),
    ),
    st.just(chunk({})),
    st.just(chunk(None)),
    st.just({"choices": []}),
    st.just(b": comment\n\n"),
)


@given(st.lists(_PIECES, max_size=12), st.sampled_from([[], [end()], [end("tool_calls"), DONE], [DONE]]))
def test_no_stream_breaks_the_order(pieces, ending):
    found = events(*pieces, *ending)
    assert isinstance(found[-1], MessageStop | StreamError)
    if len(found) > 1:
        assert_strict(found)


@given(st.lists(st.text(max_size=6), max_size=10))
def test_text_arrives_as_it_was_said(said):
    assert "".join(part.text for part in reply(*map(text, said), end()).parts) == "".join(said)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_event_and_never_raise(data):
    reader = OPENAI_CHAT.stream_reader(road())
    found = reader.feed(data) + reader.close()
    assert isinstance(found[-1], StreamError)


class TestEnd:
    def test_done_completes_and_what_follows_is_ignored(self):
        reader = ChatStreamReader(road())
        assert isinstance(reader.feed(wire(text("ok"), end(), DONE, text("more")))[-1], MessageStop)
        assert reader.finished
        assert reader.feed(wire(text("more"))) == []
        assert reader.close() == []

    def test_the_end_of_the_stream_completes_after_a_finish_reason(self):
        reader = ChatStreamReader(road())
        reader.feed(wire(text("ok"), chunk({}, "stop")))
        assert (reader.ending, reader.finished) == (True, False)
        assert isinstance(reader.close()[-1], MessageStop)

    def test_the_end_of_the_stream_without_a_finish_reason_is_a_cut(self):
        assert failure(text("all of it, it seems")).error.kind is ErrorKind.STREAM_CUT
        assert failure(call(0, "a", "f", "{}")).error.kind is ErrorKind.STREAM_CUT
        assert failure().error.kind is ErrorKind.STREAM_CUT

    def test_done_without_a_finish_reason_completes_what_is_whole(self):
        assert stop(text("ok"), DONE).reason is StopReason.END_TURN
        assert stop(call(0, "a", "f", "{}"), DONE).reason is StopReason.TOOL_USE

    def test_done_without_a_finish_reason_is_a_cut_where_something_is_missing(self):
        assert failure(call(0, "a", "f", '{"x":'), DONE).error.kind is ErrorKind.STREAM_CUT
        assert failure(chunk({"role": "assistant"}), DONE).error.kind is ErrorKind.STREAM_CUT

    def test_nothing_said_with_a_finish_reason_is_an_empty_answer(self):
        assert reply(end()).parts == ()

    def test_arguments_that_the_model_left_broken_pass_with_a_finish_reason(self):
        assert reply(call(0, "a", "f", '{"x":'), end("tool_calls")).parts == (ToolCall("a", "f", '{"x":'),)

    def test_a_last_event_without_its_blank_line_counts(self):
        assert stop(text("ok"), wire(end())[:-2]).reason is StopReason.END_TURN
        assert failure(text("ok"), wire(end())[:-20]).error.kind is ErrorKind.STREAM_CUT


class TestErrors:
    def test_an_error_in_the_stream_ends_it(self):
        found = events(text("a"), {"error": {"code": 502, "message": "down"}}, text("b"), DONE)
        assert isinstance(found[-1], StreamError)
        assert (found[-1].error.kind, found[-1].error.message) == (ErrorKind.OVERLOADED, "down")

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b'data: {"error":"text"}\n\n', ErrorKind.UPSTREAM_ERROR),
            (b'data: [{"error":{"code":429,"message":"slow"}}]\n\n', ErrorKind.RATE_LIMITED),
            (b'event: error\ndata: {"message":"overloaded"}\n\n', ErrorKind.OVERLOADED),
            (b'data: {"object":"error","message":"bad","code":400}\n\n', ErrorKind.UPSTREAM_INVALID_REQUEST),
            (b"data: this is no JSON\n\n", ErrorKind.BAD_REPLY),
        ],
    )
    def test_errors_in_other_shapes(self, data, kind):
        assert failure(text("a"), data).error.kind is kind

    def test_an_answer_that_the_upstream_broke_off_is_not_an_end(self):
        assert failure(text("a"), end("error")).error.kind is ErrorKind.UPSTREAM_ERROR
        assert failure(text("a"), end("insufficient_system_resource")).error.kind is ErrorKind.OVERLOADED

    def test_nothing_follows_an_error(self):
        reader = ChatStreamReader(road())
        reader.feed(wire({"error": "x"}))
        assert reader.feed(wire(text("a"), end())) == []
        assert reader.close() == []
        assert not reader.finished

    def test_an_event_beyond_all_measure_is_a_bad_reply(self):
        reader = ChatStreamReader(road())
        found = reader.feed(b"data: " + b"x" * (17 * 1024 * 1024))
        assert isinstance(found[-1], StreamError)
        assert found[-1].error.kind is ErrorKind.BAD_REPLY


class TestUsage:
    def test_the_last_usage_wins_wherever_it_stands(self):
        first, last = {**USAGE, "completion_tokens": 1}, USAGE
        assert stop(chunk({"content": "a"}, usage=first), chunk({}, "stop", usage=last)).usage.output_tokens == 7
        assert stop(text("a"), end(), {"choices": [], "usage": None}).usage.output_tokens == 7
        assert stop(text("a"), chunk({}, "stop", x_groq={"usage": USAGE})).usage.output_tokens == 7
        moonshot = chunk({}, "stop")
        moonshot["choices"][0]["usage"] = USAGE
        assert stop(text("a"), moonshot).usage.output_tokens == 7

    def test_every_usage_is_told_as_it_comes(self):
        found = events(chunk({"content": "a"}, usage=USAGE), end())
        assert [event.usage.output_tokens for event in found if isinstance(event, UsageSeen)] == [7, 7]

    def test_what_is_known_at_the_start_is_told_at_the_start(self):
        assert events(chunk({"content": "a"}, usage=USAGE), end())[0] == MessageStart("chatcmpl-9", "up", KNOWN)
        assert events(text("a"), end())[0] == MessageStart("chatcmpl-9", "up")
        prelude = {"id": "", "model": "", "choices": [], "prompt_filter_results": []}
        assert events(prelude, text("a"), end())[0] == MessageStart("chatcmpl-9", "up")

    def test_without_usage_the_answer_is_estimated_and_says_so(self):
        usage = stop(text("x" * 36), chunk({}, "stop"), on=road(input_estimate_tokens=5)).usage
        assert (usage.input_tokens, usage.output_tokens, usage.source) == (5, 10, UsageSource.ESTIMATED)


class TestReasoning:
    def test_the_same_reasoning_in_two_fields_counts_once(self):
        said = {"reasoning": "Hm", "reasoning_details": [{"type": "reasoning.text", "text": "Hm", "index": 0}]}
        assert [part.text for part in reply(chunk(said), end()).parts] == ["Hm"]

    def test_only_the_fields_of_the_profile_are_read(self):
        on = road(reasoning_out=("reasoning_content",))
        assert reply(chunk({"reasoning": "Hm"}), text("ok"), end(), on=on).parts == (Text("ok"),)

    def test_details_ride_in_the_signature_whole_again(self):
        on = road(kind="openrouter", reasoning_in=ReasoningIn.DETAILS)
        first = {"type": "reasoning.text", "text": "H", "index": 0, "format": "f"}
        second = {"type": "reasoning.text", "text": "m", "index": 0, "signature": "S"}
        parts = reply(chunk({"reasoning_details": [first]}), chunk({"reasoning_details": [second]}), end(), on=on).parts
        envelope = signatures.unwrap(parts[0].signature)
        assert envelope.fits("openrouter", "sent")
        assert json.loads(envelope.data) == [{**first, "text": "Hm", "signature": "S"}]

    def test_encrypted_details_get_a_block_before_the_call_that_they_belong_to(self):
        on = road(kind="openrouter", reasoning_in=ReasoningIn.DETAILS)
        secret = {"type": "reasoning.encrypted", "data": "xyz", "index": 0}
        with_call = call(0, "a", "f", "{}")
        with_call["choices"][0]["delta"]["reasoning_details"] = [secret]
        thought, tool = reply(with_call, end("tool_calls"), on=on).parts
        assert (thought.text, tool.id) == ("", "a")
        assert json.loads(signatures.unwrap(thought.signature).data) == [secret]

    def test_details_after_everything_else_are_not_lost(self):
        on = road(kind="openrouter", reasoning_in=ReasoningIn.DETAILS)
        late = chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "z"}]})
        parts = reply(text("ok"), late, end(), on=on).parts
        assert parts[0] == Text("ok")
        assert json.loads(signatures.unwrap(parts[1].signature).data)[0]["data"] == "z"

    def test_signatures_on_calls_ride_before_the_call(self):
        on = road(kind="gemini_openai", reasoning_in=ReasoningIn.CALLS)
        signed = call(0, "a", "f", "{}")
        signed["choices"][0]["delta"]["tool_calls"][0]["extra_content"] = {"google": {"thought_signature": "T"}}
        thought, tool = reply(signed, end("tool_calls"), on=on).parts
        assert tool.id == "a"
        assert json.loads(signatures.unwrap(thought.signature).data)[0]["id"] == "a"

    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_think_tags_are_split_off(self, size):
        said = "\n<think>why <b>\n</think>\n\nBecause </think>"
        pieces = [text(said[at : at + size]) for at in range(0, len(said), size)]
        thought, answer = reply(*pieces, end(), on=road(think_tags=True)).parts
        assert (thought.text, answer.text) == ("why <b>\n", "Because </think>")

    def test_think_tags_later_in_the_text_are_text(self):
        on = road(think_tags=True)
        assert reply(text("say <think>"), text("x</think>"), end(), on=on).parts == (Text("say <think>x</think>"),)
        assert reply(text("<thi"), end(), on=on).parts == (Text("<thi"),)

    def test_content_parts_of_mistral(self):
        parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}, {"type": "text", "text": "ok"}]
        assert [part.text for part in reply(chunk({"content": parts}), end()).parts] == ["Hm", "ok"]


class TestText:
    def test_halves_of_an_emoji_in_two_chunks_become_one(self):
        first = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
        second = b'data: {"choices":[{"delta":{"content":"\\ude42b"}}]}\n\n'
        assert reply(text("x"), first, second, end()).parts == (Text("xa🙂b"),)

    def test_half_of_an_emoji_that_stays_alone_is_replaced(self):
        half = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
        assert reply(half, end()).parts == (Text("a\ufffd"),)
        assert reply(half, text("b"), end()).parts == (Text("a\ufffdb"),)

    def test_a_refusal_is_text_and_the_reason(self):
        found = stop(chunk({"refusal": "I "}), chunk({"refusal": "cannot."}), end())
        assert (found.reason, found.refusal) == (StopReason.REFUSAL, "I cannot.")

    def test_other_choices_are_ignored(self):
        other = text("other")
        other["choices"][0]["index"] = 1
        assert reply(text("one"), other, end()).parts == (Text("one"),)

    def test_whole_messages_instead_of_deltas(self):
        whole = {"choices": [{"index": 0, "message": {"content": "ok"}, "finish_reason": "stop"}]}
        assert reply(whole).parts == (Text("ok"),)
        assert reply(text("ok"), whole).parts == (Text("ok"),), "a last message that repeats the deltas"

    def test_the_stop_sequence_is_told_where_the_server_says_it(self):
        last = end()
        last["choices"][0]["stop_reason"] = "END"
        found = stop(text("a"), last, on=road(stop=("END",)))
        assert (found.reason, found.stop_sequence) == (StopReason.STOP_SEQUENCE, "END")
        assert stop(text("a"), last).reason is StopReason.END_TURN


class TestSearch:
    CITED = chunk(
        {
            "content": "Sunny.",
            "annotations": [
                {"type": "url_citation", "url_citation": {"url": "u", "title": "T", "start_index": 0, "end_index": 5}}
            ],
        }
    )

    def test_citations_become_a_search_after_the_text(self):
        said, search = reply(self.CITED, end()).parts
        assert said == Text("Sunny.")
        assert search.hits == (SearchHit("u", "T", 0, 5),)

    def test_a_forced_search_is_shown_before_its_text(self):
        search, said = reply(self.CITED, text(" Dry."), end(), on=road(search_query="weather")).parts
        assert (search.query, said) == ("weather", Text("Sunny. Dry."))

    def test_a_forced_search_without_findings_is_only_text(self):
        assert reply(text("No."), end(), on=road(search_query="weather")).parts == (Text("No."),)


WRITTEN = [
    MessageStart("msg_1", "m"),
    BlockStart(0, BlockKind.THINKING),
    BlockDelta(0, "hm"),
    BlockSignature(0, "S"),
    BlockStop(0),
    BlockStart(1, BlockKind.TEXT),
    BlockDelta(1, "a\u2028\n"),
    BlockDelta(1, ""),
    BlockStop(1),
    BlockStart(2, BlockKind.TOOL, id="t1", name="f"),
    BlockDelta(2, '{"x":1}'),
    BlockStop(2),
    BlockStart(3, BlockKind.SEARCH, search=Search("s", "q", (SearchHit("u", "T"),))),
    BlockStop(3),
    BlockStart(4, BlockKind.FOREIGN, json=b"{}"),
    BlockDelta(4, "foreign"),
    BlockStop(4),
    BlockStart(5, BlockKind.TOOL, id="t2", name="g"),
    BlockDelta(5, "{}"),
    BlockStop(5),
]


def written(found, **more):
    data = OPENAI_CHAT.stream_writer(road(**more)).write(found)
    return [one if one == b"[DONE]" else json.loads(one) for one in data.replace(b"data: ", b"").split(b"\n\n")[:-1]]


class TestWriting:
    def test_all_chunks_share_their_head_and_tools_are_counted_apart(self):
        chunks = written([*WRITTEN, MessageStop(StopReason.TOOL_USE)])
        assert chunks[-1] == b"[DONE]"
        heads = {(one["id"], one["created"], one["model"], one["object"]) for one in chunks[:-1]}
        assert heads == {("chatcmpl-1", 1_790_000_000, "asked", "chat.completion.chunk")}
        deltas = [one["choices"][0]["delta"] for one in chunks[:-1]]
        calls = [piece for delta in deltas for piece in delta.get("tool_calls", [])]
        assert [(piece["index"], piece.get("id")) for piece in calls] == [(0, "t1"), (0, None), (1, "t2"), (1, None)]
        assert "".join(delta.get("content") or "" for delta in deltas) == "a\u2028\n"
        assert [one["choices"][0]["finish_reason"] for one in chunks[:-1]] == [None] * (len(chunks) - 2) + [
            "tool_calls"
        ]

    def test_thinking_is_reasoning_and_its_signature_a_detail(self):
        deltas = [one["choices"][0]["delta"] for one in written(WRITTEN, kind="anthropic")]
        assert [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta] == ["hm"]
        details = [detail for delta in deltas for detail in delta.get("reasoning_details", [])]
        made = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
        assert details == [{"text": "hm", **made}, {"text": "", "signature": "S", **made}]
        replayed = {"role": "assistant", "content": None, "reasoning_details": details}
        request = OPENAI_CHAT.read_request(json.dumps({"model": "m", "messages": [replayed]}).encode())
        assert request.messages[0].parts == (Thinking("hm", "S"),)

    def test_thinking_that_the_client_does_not_want_is_left_out(self):
        hidden = OPENAI_CHAT.stream_writer(replace(road(), show_thinking=False)).write(WRITTEN[:5])
        assert b"hm" not in hidden
        assert b"reasoning" not in hidden

    def test_usage_comes_only_where_it_was_asked_for(self):
        usage = stop(text("a"), end()).usage
        assert "usage" not in str(written([*WRITTEN, MessageStop(StopReason.END_TURN, usage)]))
        chunks = written([*WRITTEN, MessageStop(StopReason.END_TURN, usage)], include_usage=True)
        assert chunks[-2]["choices"] == []
        assert chunks[-2]["usage"]["prompt_tokens"] == 20
        assert all(one["usage"] is None for one in chunks[:-2])

    def test_an_unknown_usage_is_not_told_as_zero(self):
        chunks = written([*WRITTEN, MessageStop(StopReason.END_TURN)], include_usage=True)
        assert all(not one.get("usage") for one in chunks[:-1])

    def test_an_error_ends_the_stream_without_done(self):
        error = failure(text("a")).error
        writer = OPENAI_CHAT.stream_writer(road())
        data = writer.write([*WRITTEN[:2], StreamError(error), *WRITTEN[2:]])
        assert b"[DONE]" not in data
        assert json.loads(data.split(b"\n\n")[-2][6:])["error"]["code"] == "upstream_stream_cut"
        assert writer.write(WRITTEN) == writer.fail(error) == writer.keep_alive(60) == b""

    def test_silence_is_filled_with_comments(self):
        assert OPENAI_CHAT.stream_writer(road()).keep_alive(15.0) == b": keep-alive\n\n"

    def test_a_refusal_says_so_in_its_own_field(self):
        chunks = written([*WRITTEN[:1], MessageStop(StopReason.REFUSAL, refusal="no")])
        assert chunks[1]["choices"][0]["delta"] == {"refusal": "no"}
        assert chunks[2]["choices"][0]["finish_reason"] == "content_filter"

    def test_a_free_text_tool_gets_its_text_back_in_one_piece(self):
        found = [
            WRITTEN[0],
            BlockStart(0, BlockKind.TOOL, id="t", name="patch"),
            BlockDelta(0, '{"input":"*** '),
            BlockDelta(0, 'Begin"}'),
            BlockStop(0),
        ]
        (piece,) = written(found, custom_tools=frozenset({"patch"}))[1]["choices"][0]["delta"]["tool_calls"]
        assert piece == {"index": 0, "id": "t", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}}


def test_arguments_that_are_cut_within_an_emoji_are_read_and_a_cut_is_told():
    def piece(more):
        return b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,%s}]}}]}\n\n' % more

    first = piece(b'"id":"c","function":{"name":"f","arguments":"{\\"x\\":\\"\\ud83d"}')
    reader = OPENAI_CHAT.stream_reader(road())
    assert isinstance((reader.feed(first) + reader.close())[-1], StreamError)
    reader = OPENAI_CHAT.stream_reader(road())
    rest = piece(b'"function":{"arguments":"\\ude00\\"}"}') + wire(end("tool_calls"), DONE)
    found = reader.feed(first) + reader.feed(rest) + reader.close()
    said = "".join(event.text for event in found if isinstance(event, BlockDelta))
    assert json.loads(said) == {"x": "\N{GRINNING FACE}"}
