from __future__ import annotations

import pytest

from app.dialects import signatures
from app.dialects.base import NameMap
from app.domain.errors import ErrorKind
from app.domain.events import BlockDelta, BlockKind, BlockStart, StopReason
from app.domain.request import Foreign, Search, SearchHit, Text, Thinking, ToolCall
from tests.dialects.openai_responses.answers import (
    added,
    arguments,
    call,
    cited,
    completed,
    created,
    custom,
    delta,
    done,
    ended,
    events,
    failure,
    message,
    reasoning,
    reply,
    response,
    road,
    search,
    summary,
    text,
)


def parts(*sent, **more):
    return reply(*sent, completed(), **more).parts


class TestNothingIsLostAndNothingIsSaidTwice:
    @pytest.mark.parametrize(
        "sent",
        [
            [text(0, "a"), text(0, "b"), done(0, message("ab"))],
            [text(0, "a"), {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "ab"}],
            [{"type": "response.content_part.done", "output_index": 0, "part": cited("ab")}, done(0, message("ab"))],
            [added(0, message()), done(0, message("ab"))],
            [done(0, message("ab")), done(0, message("ab"))],
            [done(0, message() | {"content": "ab"})],
            [text(0, "ab"), done(0, message())],
            [text(0, "ab"), done(0, message("another text"))],
            [text(0, "ab")],
        ],
    )
    def test_text(self, sent):
        assert parts(created(), *sent) == (Text("ab"),)

    @pytest.mark.parametrize(
        "sent",
        [
            [arguments(0, '{"a"'), arguments(0, ":1}"), done(0, call(1, '{"a":1}'))],
            [done(0, call(1, '{"a":1}'))],
            [arguments(0, '{"a"'), done(0, call(1, '{"a":1}'))],
            [{"type": "response.function_call_arguments.done", "output_index": 0, "arguments": '{"a":1}'}],
            [done(0, call(1) | {"arguments": {"a": 1}})],
        ],
    )
    def test_arguments(self, sent):
        assert parts(added(0, call(1)), *sent) == (ToolCall("call_1", "f1", '{"a":1}'),)

    def test_a_call_without_arguments_gets_an_empty_object(self):
        assert parts(added(0, call(1)), done(0, call(1))) == (ToolCall("call_1", "f1", "{}"),)
        assert parts(added(0, call(1))) == (ToolCall("call_1", "f1", "{}"),)

    def test_arguments_that_come_early_wait_for_the_name(self):
        found = events(arguments(0, "{"), done(0, call(1, "{}")), completed())
        assert found[1:4] == [
            BlockStart(0, BlockKind.TOOL, id="call_1", name="f1"),
            BlockDelta(0, "{}"),
            found[3],
        ]

    def test_an_item_that_only_the_whole_answer_completes(self):
        found = reply(
            added(0, message()), text(0, "a"), added(1, call(1)), completed(message("ab"), call(1, '{"x":1}'))
        )
        assert found.parts == (Text("ab"), ToolCall("call_1", "f1", '{"x":1}'))

    def test_an_answer_without_any_event_for_its_items(self):
        found = reply(created(), completed(reasoning("why"), message("ab"), call(1, "{}")))
        assert [type(part) for part in found.parts] == [Thinking, Text, ToolCall]

    def test_a_call_that_only_the_whole_answer_names(self):
        whole = completed(message("ab", id="another"), call(1, "{}"), call(2, "{}"))
        found = reply(text(0, "ab"), done(0, message("ab")), done(1, call(1, "{}")), whole)
        assert [getattr(part, "id", "") for part in found.parts] == ["", "call_1", "call_2"]
        assert found.stop is StopReason.TOOL_USE

    def test_a_call_whose_name_only_the_whole_answer_tells(self):
        assert reply(arguments(0, "{"), completed(call(1, "{}"))).parts == (ToolCall("call_1", "f1", "{}"),)

    def test_an_answer_whose_end_numbers_its_items_otherwise(self):
        found = reply(
            text(3, "ab"), done(3, message("ab")), done(5, call(1, "{}")), completed(call(1, "{}"), message("ab"))
        )
        assert found.parts == (Text("ab"), ToolCall("call_1", "f1", "{}"))

    def test_an_answer_whose_end_forgets_its_items(self):
        assert reply(text(0, "a"), done(0, message("a")), completed()).parts == (Text("a"),)

    def test_empty_items_are_no_blocks(self):
        nothing = (done(0, message("")), done(1, reasoning()), done(2, {"type": "function_call"}), done(3, custom(0)))
        assert parts(*nothing[:3]) == ()
        assert parts(nothing[3]) == (ToolCall("call_0", "patch", '{"input":""}'),)

    @pytest.mark.parametrize("own_id", ["msg_1", None])
    def test_more_of_an_item_that_is_complete_is_no_answer(self, own_id):
        more = text(0, "b") | {"item_id": own_id}
        assert failure(done(0, message("a")), more, completed()).error.kind is ErrorKind.BAD_REPLY


class TestItems:
    def test_later_items_wait_until_the_first_is_done(self):
        found = reply(
            added(0, message()),
            added(1, call(1)),
            added(2, call(2)),
            arguments(2, '{"b":'),
            text(0, "a"),
            arguments(1, '{"a":1}'),
            arguments(2, "2}"),
            done(2, call(2, '{"b":2}')),
            text(0, "b"),
            done(1, call(1, '{"a":1}')),
            done(0, message("ab")),
            completed(),
        )
        assert found.parts == (
            Text("ab"),
            ToolCall("call_1", "f1", '{"a":1}'),
            ToolCall("call_2", "f2", '{"b":2}'),
        )

    def test_an_open_item_streams_while_others_wait(self):
        found = events(added(0, call(1)), added(1, call(2)), arguments(1, "[2]"), arguments(0, "[1"), arguments(0, "]"))
        assert found[1:3] == [BlockStart(0, BlockKind.TOOL, id="call_1", name="f1"), BlockDelta(0, "[1]")]

    def test_parts_of_one_message_are_one_text(self):
        refusal = {"type": "refusal", "refusal": " I won't."}
        found = reply(text(0, "Hm."), done(0, message("Hm.", refusal, " Sorry")), completed())
        assert found.parts == (Text("Hm. I won't. Sorry"),)
        assert (found.stop, found.refusal) == (StopReason.REFUSAL, " I won't.")

    def test_two_messages_are_two_texts(self):
        assert parts(done(0, message("a")), done(1, message("b", id="msg_2"))) == (Text("a"), Text("b"))

    def test_servers_that_number_every_item_alike(self):
        sent = [
            added(0, message(id="m")),
            text(0, "a"),
            done(0, message("a", id="m")),
            added(0, call(1)),
            arguments(0, "{}"),
            done(0, call(1, "{}")),
            done(0, call(2, "{}")),
        ]
        assert parts(*sent) == (Text("a"), ToolCall("call_1", "f1", "{}"), ToolCall("call_2", "f2", "{}"))

    def test_servers_that_number_a_message_and_its_reasoning_alike(self):
        thought = {"type": "reasoning", "id": "r", "content": [{"type": "output_text", "text": "hm"}], "summary": []}
        sent = [
            added(1, message(id="m")),
            text(1, "a"),
            done(1, thought),
            {"type": "response.output_text.done", "output_index": 1, "item_id": "m", "text": "a"},
            done(1, message("a", id="m")),
        ]
        said, thinking = parts(*sent)
        assert (said, thinking.text) == (Text("a"), "hm")

    def test_servers_that_number_every_message_alike_and_announce_none(self):
        sent = [done(0, message("a", id="m1")), text(0, "b") | {"item_id": "m2"}, done(0, message("b", id="m2"))]
        assert parts(*sent) == (Text("a"), Text("b"))

    def test_an_item_without_a_beginning_does_not_keep_others_waiting(self):
        found = events(summary(0, "hm"), text(1, "a"), text(1, "b"))
        kinds = [one.kind for one in found if isinstance(one, BlockStart)]
        assert kinds == [BlockKind.THINKING, BlockKind.TEXT]

    def test_what_such_an_item_says_later_is_a_block_of_its_own_and_never_the_same_twice(self):
        sent = [
            text(0, "a"),
            added(1, call(1)),
            done(1, call(1, "{}")),
            {"type": "response.output_text.done", "output_index": 0, "item_id": "i0", "text": "a"},
            text(0, "b"),
            {"type": "response.content_part.done", "output_index": 0, "part": cited("ab", "u")},
            done(0, message(cited("abc", "u"), id="i0")),
        ]
        first, asked, second, searched = parts(*sent)
        assert (first, asked.id, second) == (Text("a"), "call_1", Text("bc"))
        assert searched.hits[0].url == "u"

    def test_the_oldest_names_of_reasoning(self):
        (thought,) = parts(delta("reasoning", 0, "h"), delta("reasoning", 0, {"text": "x"}), delta("reasoning", 0, "m"))
        assert thought.text == "hm"

    def test_servers_that_give_an_item_another_id_in_every_event(self):
        sent = [added(0, message(id="a")), text(0, "x") | {"item_id": "b"}, done(0, message("xy", id="c"))]
        assert parts(*sent) == (Text("xy"),)

    def test_ids_and_names_are_the_clients(self):
        on = road(names=NameMap({"f1": "a tool of the client's"}))
        same = call(1, "{}")
        unnamed = {"type": "function_call", "call_id": "call_x", "arguments": "{}"}
        first, second, third = parts(done(0, same), done(1, same | {"id": "fc_9"}), done(2, unnamed), on=on)
        assert (first.name, first.id, second.id) == ("a tool of the client's", "call_1", "call_1_2")
        assert third == ToolCall("call_x", "tool_2", "{}")

    def test_a_call_without_an_id_gets_one(self):
        bare = {"type": "function_call", "name": "f", "arguments": "{}"}
        (made,) = parts(done(0, bare))
        assert made.id.startswith("call_")
        (known,) = parts(done(0, bare | {"id": "fc_7"}))
        assert known.id == "fc_7"

    def test_free_text_is_an_argument_of_its_own(self):
        said = 'a "quoted"\n\u2028 line'
        sent = [
            added(0, custom(1)),
            delta("custom_tool_call_input", 0, said[:5]),
            delta("custom_tool_call_input", 0, said[5:]),
            {"type": "response.custom_tool_call_input.done", "output_index": 0, "input": said},
            done(0, custom(1, said)),
        ]
        expected = (ToolCall("call_1", "patch", '{"input":"a \\"quoted\\"\\n\u2028 line"}'),)
        assert parts(*sent) == parts(sent[-1]) == parts(*sent[:3]) == expected

    def test_an_item_that_nobody_else_knows_is_kept_whole(self):
        odd = {"type": "mcp_call", "id": "mcp_1", "name": "n", "output": "x"}
        (kept, said) = parts(added(0, odd | {"output": None}), done(0, odd), done(1, message("a")))
        assert isinstance(kept, Foreign)
        assert (kept.kind, b'"output": "x"' in kept.json, said) == ("mcp_call", True, Text("a"))


class TestReasoning:
    def data(self, thought):
        envelope = signatures.unwrap(thought.signature)
        assert envelope.fits("openai", "gpt-5.6")
        return envelope.data

    def test_parts_of_a_summary_are_paragraphs_of_one_block(self):
        whole = reasoning("A", "B", sealed="ENC")
        for sent in (
            [summary(0, "A"), summary(0, "B", 1), done(0, whole)],
            [done(0, whole)],
            [summary(0, "A"), done(0, whole)],
            [
                {
                    "type": "response.reasoning_summary_part.done",
                    "output_index": 0,
                    "summary_index": 0,
                    "part": {"type": "summary_text", "text": "A"},
                },
                {"type": "response.reasoning_summary_text.done", "output_index": 0, "summary_index": 1, "text": "B"},
                done(0, whole),
            ],
        ):
            (thought,) = parts(created(), *sent)
            assert thought.text == "A\n\nB"
            assert self.data(thought) == b'{"id":"rs_1","encrypted_content":"ENC"}'

    def test_each_item_is_a_block(self):
        first, second = parts(done(0, reasoning("A", sealed="1")), done(1, reasoning("B", sealed="2", id="rs_2")))
        assert (first.text, second.text) == ("A", "B")
        assert b"rs_2" in self.data(second)

    def test_the_reasoning_itself_is_shown_where_there_is_no_summary(self):
        said = {"content": [{"type": "reasoning_text", "text": "hmm"}]}
        assert parts(done(0, reasoning(**said)))[0].text == "hmm"
        assert parts(delta("reasoning_text", 0, "hmm", content_index=0), done(0, reasoning(**said)))[0].text == "hmm"
        assert parts(done(0, reasoning("short", **said)))[0].text == "short"
        both = [delta("reasoning_text", 0, "hmm"), summary(0, "short"), done(0, reasoning("short", **said))]
        assert parts(*both)[0].text == "hmm"

    def test_reasoning_that_is_only_sealed_swallows_no_call(self):
        sealed = done(0, reasoning(sealed="ENC"))
        thought, asked = parts(sealed, done(1, call(1, "{}")))
        assert (thought.text, asked) == ("", ToolCall("call_1", "f1", "{}"))
        assert self.data(thought) == b'{"id":"rs_1","encrypted_content":"ENC"}'

    @pytest.mark.parametrize(
        ("on", "blocks"),
        [
            (road(), 1),
            (road(show_thinking=False), 0),
            (road(show_thinking=False, opaque_thinking=True), 1),
        ],
    )
    def test_a_block_without_text_is_for_those_who_hand_it_back(self, on, blocks):
        assert len(parts(done(0, reasoning(sealed="ENC")), on=on)) == blocks

    def test_reasoning_without_a_seal_is_signed_all_the_same(self):
        (thought,) = parts(summary(0, "A"), done(0, reasoning("A")))
        assert self.data(thought) == b"{}"

    def test_reasoning_that_was_cut_keeps_its_text(self):
        found = reply(added(0, reasoning()), summary(0, "A"), ended("incomplete"))
        assert (found.parts[0].text, found.stop) == ("A", StopReason.MAX_TOKENS)


class TestSearches:
    def test_a_search_shows_after_the_text_that_cites_it(self):
        found = reply(
            done(0, search("q", "c")), text(1, "said"), done(1, message(cited("said", "a", "b", "a"))), completed()
        )
        said, searched = found.parts
        hits = (SearchHit("a", "A", 0, 1), SearchHit("b", "B", 0, 1), SearchHit("c"))
        assert (said, searched) == (Text("said"), Search("ws_9", "q", hits))
        assert found.usage.web_searches == 1

    def test_a_citation_in_a_later_message_has_its_place_in_the_whole_answer(self):
        sent = [text(0, "Before: é. "), done(0, message("Before: é. ")), done(1, search("q"))]
        found = parts(*sent, text(2, "said"), done(2, message(cited("said", "a"))), completed())
        assert found[-1] == Search("ws_9", "q", (SearchHit("a", "A", 11, 12),))

    def test_citations_come_one_by_one_too(self):
        one = {"type": "url_citation", "url": "a", "title": "A"}
        sent = [
            done(0, search("q")),
            text(1, "said"),
            {"type": "response.output_text.annotation.added", "output_index": 1, "annotation": one},
        ]
        expected = (Text("said"), Search("ws_9", "q", (SearchHit("a", "A"),)))
        assert parts(*sent) == parts(*sent, done(1, message("said"))) == expected

    def test_a_search_that_the_client_forced_shows_before_the_text(self):
        on = road(search_query="wanted")
        sent = [done(0, search("q")), text(1, "said"), done(1, message(cited("said", "a")))]
        found = events(created(), *sent, completed(), on=on)
        assert [one.kind for one in found if isinstance(one, BlockStart)] == [BlockKind.SEARCH, BlockKind.TEXT]
        assert parts(*sent, on=on)[0] == Search("ws_9", "q", (SearchHit("a", "A", 0, 1),))
        unseen = parts(*sent[1:], on=on)
        assert unseen == (Search("ws_1", "wanted", (SearchHit("a", "A", 0, 1),)), Text("said"))
        assert parts(text(0, "nothing found"), on=on) == (Text("nothing found"),)

    def test_what_was_cited_without_a_visible_search(self):
        said, searched = parts(done(0, message(cited("said", "a"))))
        assert (said, searched) == (Text("said"), Search("ws_1", "", (SearchHit("a", "A", 0, 1),)))

    def test_a_search_without_a_message(self):
        assert parts(done(0, search("q", "a"))) == (Search("ws_9", "q", (SearchHit("a"),)),)

    def test_opening_a_page_is_no_search(self):
        opened = search("x") | {"action": {"type": "open_page", "url": "u"}}
        found = reply(added(0, opened | {"action": None}), done(0, opened), done(1, message("a")), completed())
        assert found.parts == (Text("a"),)
        assert found.usage.web_searches == 0

    def test_several_questions_of_one_search(self):
        many = search("") | {"action": {"type": "search", "queries": ["a", "b"]}}
        assert parts(done(0, many))[0].query == "a; b"

    def test_what_is_charged_counts_where_it_is_said(self):
        used = {"tool_usage": {"web_search": {"num_requests": 3}}}
        assert reply(done(0, search("q")), completed(**used)).usage.web_searches == 3

    def test_pages_cited_by_a_message_that_never_ended(self):
        one = {"type": "url_citation", "url": "a"}
        sent = [text(0, "s"), {"type": "response.output_text.annotation.added", "output_index": 0, "annotation": one}]
        assert parts(*sent)[1].hits == (SearchHit("a"),)


def test_a_response_with_an_error_beside_its_status_failed():
    both = {
        "type": "response.completed",
        "response": response("completed", error={"code": "server_error", "message": "x"}),
    }
    assert failure(text(0, "a"), both).error.kind is ErrorKind.UPSTREAM_ERROR
