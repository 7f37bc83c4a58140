from __future__ import annotations

import pytest

from app.dialects.fold import reply_events
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.dialects.openai_responses.echo import Meant
from app.dialects.openai_responses.sealed import open_reasoning
from app.dialects.openai_responses.stream_write import KEEP_ALIVE
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockStart,
    BlockStop,
    MessageStart,
    MessageStop,
    StopReason,
    StreamError,
    UsageSeen,
)
from app.domain.request import Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import Usage
from tests.dialects.openai_responses import sdk
from tests.dialects.openai_responses.test_stream_items import kinds, read
from tests.dialects.openai_responses.turns import reply, road

ERROR = PatchbayError(ErrorKind.OVERLOADED, "Overloaded")


def written(*parts, on=None, **more):
    return OPENAI_RESPONSES.stream_writer(on or road()).write(reply_events(reply(*parts, **more)))


def events(*parts, on=None, **more):
    return read(written(*parts, on=on, **more))


def of_kind(found, kind):
    return [one for one in found if one["type"] == f"response.{kind}"]


class TestItems:
    def test_a_text_from_beginning_to_end(self):
        assert kinds(events(Text("a"))) == [
            *("created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"),
            *("output_text.done", "content_part.done", "output_item.done", "completed"),
        ]

    def test_texts_in_a_row_are_one_message(self):
        found = events(Text("a"), Text("b"), ToolCall("t", "f", "{}"))
        assert len(of_kind(found, "output_item.added")) == 2
        assert of_kind(found, "output_text.done")[0]["text"] == "ab"

    def test_nothing_is_no_item(self):
        assert kinds(events(Text(""), Thinking())) == ["created", "in_progress", "completed"]

    def test_reasoning_is_shown_and_sealed(self):
        found = events(Thinking("hm", "SIG"))
        assert [one["delta"] for one in of_kind(found, "reasoning_summary_text.delta")] == ["hm"]
        item = of_kind(found, "output_item.done")[0]["item"]
        assert open_reasoning(item["encrypted_content"]) == Thinking("hm", "SIG")

    def test_reasoning_that_is_not_shown_is_still_sealed(self):
        found = events(Thinking("hm", "SIG"), Thinking(redacted="R"), Text("a"), on=road(show_thinking=False))
        assert not of_kind(found, "reasoning_summary_text.delta")
        first, second, _ = [one["item"] for one in of_kind(found, "output_item.done")]
        assert (first["summary"], open_reasoning(first["encrypted_content"])) == ([], Thinking("hm", "SIG"))
        assert open_reasoning(second["encrypted_content"]) == Thinking(redacted="R")

    def test_reasoning_that_nobody_asked_for_stays_away(self):
        on = road(show_thinking=False, opaque_thinking=False)
        assert kinds(events(Thinking("hm", "S"), Text("a"), on=on)) == kinds(events(Text("a")))

    def test_a_search_goes_through_its_steps_and_is_cited(self):
        search = Search("s", "q", (SearchHit("u", "T", 0, 1),))
        for parts in ((Text("a"), search), (search, Text("a"))):
            found = events(*parts)
            assert [one for one in kinds(found) if one.startswith("web_search")] == [
                f"web_search_call.{step}" for step in ("in_progress", "searching", "completed")
            ]
            (cited,) = of_kind(found, "output_text.annotation.added")
            assert cited["annotation"]["url"] == "u"

    def test_a_call_in_a_namespace(self):
        found = events(ToolCall("t", "n__f", "{}"), on=road(namespaces={"n__f": "n"}))
        for one in (*of_kind(found, "output_item.added"), *of_kind(found, "output_item.done")):
            assert (one["item"]["name"], one["item"]["namespace"]) == ("f", "n")

    def test_a_tool_search(self):
        found = events(ToolCall("t", "tool_search", "{}"), on=road(meant=Meant(tool_search=True)))
        assert of_kind(found, "output_item.done")[0]["item"]["type"] == "tool_search_call"


class TestCuts:
    @pytest.mark.parametrize("stop", [StopReason.MAX_TOKENS, StopReason.CONTEXT_FULL, StopReason.REFUSAL])
    def test_a_call_that_was_cut_off_is_never_called_done(self, stop):
        for name in ("f", "p"):
            found = events(ToolCall("t", name, '{"input":"*** Be'), stop=stop, on=road(custom_tools={"p"}))
            done = [one["item"]["type"] for one in of_kind(found, "output_item.done")]
            assert done == (["message"] if stop is StopReason.REFUSAL else [])
            assert found[-1]["response"]["output"][0]["status"] == "incomplete"

    def test_a_call_that_is_whole_is_done_at_once(self):
        writer = OPENAI_RESPONSES.stream_writer(road())
        begun = writer.write([MessageStart("1", "m"), BlockStart(0, BlockKind.TOOL, "t", "f"), BlockDelta(0, "{}")])
        assert b"output_item.done" not in begun
        assert b"output_item.done" in writer.write([BlockStop(0)])

    def test_odd_arguments_of_an_answer_that_goes_on_are_the_models_own(self):
        found = events(ToolCall("t", "f", "raw"), Text("a"), stop=StopReason.MAX_TOKENS)
        assert [one["item"]["type"] for one in of_kind(found, "output_item.done")] == ["function_call", "message"]

    def test_a_text_that_was_cut_off_is_incomplete(self):
        found = events(Text("a"), stop=StopReason.MAX_TOKENS)
        assert of_kind(found, "output_item.done")[0]["item"]["status"] == "incomplete"
        assert found[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}

    def test_a_refusal_is_a_message_of_its_own(self):
        found = events(Text("a"), stop=StopReason.REFUSAL, refusal="Not that.")
        assert of_kind(found, "refusal.done")[0]["refusal"] == "Not that."
        assert [one["output_index"] for one in of_kind(found, "output_item.done")] == [0, 1]
        assert found[-1]["response"]["incomplete_details"] == {"reason": "content_filter"}


class TestUsage:
    def test_counts_that_came_before_the_end_count(self):
        writer = OPENAI_RESPONSES.stream_writer(road())
        stream = writer.write([MessageStart("1", "m"), UsageSeen(Usage(5)), MessageStop(StopReason.END_TURN)])
        assert read(stream)[-1]["response"]["usage"]["input_tokens"] == 5

    def test_unknown_counts_are_estimated(self):
        writer = OPENAI_RESPONSES.stream_writer(road(input_estimate_tokens=7))
        delta = [BlockStart(0, BlockKind.TEXT), BlockDelta(0, "x" * 36), BlockStop(0)]
        usage = read(writer.write([*delta, MessageStop(StopReason.END_TURN)]))[-1]["response"]["usage"]
        assert (usage["input_tokens"], usage["output_tokens"]) == (7, 10)


class TestEnds:
    def test_an_error_fails_the_response_and_nothing_follows(self):
        writer = OPENAI_RESPONSES.stream_writer(road())
        stream = writer.write([MessageStart("1", "m"), BlockStart(0, BlockKind.TEXT), BlockDelta(0, "a")])
        stream += writer.write([StreamError(ERROR), MessageStop(StopReason.END_TURN)])
        assert writer.fail(ERROR) == writer.keep_alive(90) == b""
        found = sdk.streamed(stream)
        assert found.status == "failed"
        assert found.error is not None
        assert (found.error.code, found.error.message) == ("server_error", "Overloaded")
        assert b"event: error" not in stream

    def test_what_was_complete_stays_in_a_response_that_failed(self):
        writer = OPENAI_RESPONSES.stream_writer(road())
        stream = writer.write(list(reply_events(reply(ToolCall("t", "f", "{}"))))[:-1]) + writer.fail(ERROR)
        assert [item.type for item in sdk.streamed(stream).output] == ["function_call"]

    def test_a_failure_before_anything_of_ours_is_one_event(self):
        """The bytes before it are the upstream's own, in a stream that passes through."""
        assert kinds(read(OPENAI_RESPONSES.stream_writer(road()).fail(ERROR))) == ["failed"]

    def test_a_failure_after_a_comment_begins_first(self):
        writer = OPENAI_RESPONSES.stream_writer(road())
        assert writer.keep_alive(15) == KEEP_ALIVE
        assert kinds(read(writer.fail(ERROR))) == ["created", "in_progress", "failed"]

    def test_a_long_silence_is_broken_by_events(self):
        writer = OPENAI_RESPONSES.stream_writer(road())
        assert writer.keep_alive(15) == KEEP_ALIVE
        stream = writer.keep_alive(75) + writer.keep_alive(90)
        assert kinds(read(stream)) == ["created", "in_progress", "in_progress"]
        stream += writer.write(reply_events(reply(Text("a"))))
        assert sdk.streamed(stream).output_text == "a"

    def test_the_stream_is_one_of_events(self):
        assert OPENAI_RESPONSES.stream_writer(road()).media_type.startswith("text/event-stream")


def test_the_text_that_cites_a_search_before_it_bears_its_pages_and_not_the_text_before_both():
    search = Search("ws", "w", (SearchHit("https://example.com/w", "W"),))
    last = events(Text("Let me look."), search, Text("Rain."))[-1]["response"]
    said = [item for item in last["output"] if item["type"] == "message"]
    assert [bool(item["content"][0]["annotations"]) for item in said] == [False, True]
