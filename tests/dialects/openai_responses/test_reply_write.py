from __future__ import annotations

import json

import pytest
from msgspec import Raw

from app.dialects.openai_responses.echo import Meant, write_echo
from app.dialects.openai_responses.reply_write import REFUSED, write_reply
from app.dialects.openai_responses.sealed import open_summary
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason
from app.domain.request import Foreign, Search, SearchHit, Text, Thinking, ToolCall
from tests.dialects.openai_responses.turns import reply, road


def written(*parts, on=None, **more):
    return json.loads(write_reply(reply(*parts, **more), on or road()))


def test_the_object_around_an_answer():
    found = written(Text("a"))
    assert (found["id"], found["object"], found["created_at"]) == ("resp_1", "response", 1_790_000_000)
    assert (found["model"], found["status"], found["error"]) == ("asked", "completed", None)
    assert (found["tools"], found["tool_choice"], found["parallel_tool_calls"]) == ([], "auto", True)


def test_it_repeats_what_the_request_gave():
    echo = write_echo(
        {"tools": Raw(b'[{"type":"function","name":"f"}]'), "temperature": Raw(b"0.5")}, Meant(tool_search=True)
    )
    found = written(Text("a"), on=road(echo=echo))
    assert (found["tools"][0]["name"], found["temperature"]) == ("f", 0.5)
    assert "patchbay" not in found


@pytest.mark.parametrize(
    ("stop", "status", "reason"),
    [
        (StopReason.END_TURN, "completed", None),
        (StopReason.TOOL_USE, "completed", None),
        (StopReason.STOP_SEQUENCE, "completed", None),
        (StopReason.PAUSE, "completed", None),
        (StopReason.MAX_TOKENS, "incomplete", "max_output_tokens"),
        (StopReason.CONTEXT_FULL, "incomplete", "max_output_tokens"),
        (StopReason.REFUSAL, "incomplete", "content_filter"),
    ],
)
def test_why_it_ended(stop, status, reason):
    found = written(Text("a"), stop=stop)
    assert found["status"] == status
    assert found["incomplete_details"] == (reason and {"reason": reason})
    assert found["output"][0]["status"] == status


def test_texts_in_a_row_are_one_message():
    found = written(Text("a"), Foreign("x", "y", b"{}"), Text("b"), ToolCall("t", "f", "{}"), Text("c"))["output"]
    assert [item["type"] for item in found] == ["message", "function_call", "message"]
    assert found[0]["content"][0]["text"] == "ab"


def test_hidden_reasoning_parts_no_message():
    on = road(show_thinking=False, opaque_thinking=False)
    assert len(written(Text("a"), Thinking("hm"), Text("b"), on=on)["output"]) == 1
    assert len(written(Text("a"), Thinking("hm"), Text("b"))["output"]) == 3


def test_an_empty_text_is_no_message():
    assert written(Text(""), ToolCall("t", "f", "{}"))["output"][0]["type"] == "function_call"


@pytest.mark.parametrize("before", [True, False])
def test_pages_are_cited_by_the_text_that_rests_on_them(before):
    search = Search("s", "q", (SearchHit("u", "T", 0, 1),))
    parts = (search, Text("a")) if before else (Text("a"), search)
    found = {item["type"]: item for item in written(*parts)["output"]}
    assert found["message"]["content"][0]["annotations"][0]["url"] == "u"
    assert found["web_search_call"]["action"]["query"] == "q"


def test_a_call_that_was_cut_off_is_incomplete():
    cut = ToolCall("t", "f", '{"x":')
    assert written(cut, stop=StopReason.MAX_TOKENS)["output"][0]["status"] == "incomplete"
    assert written(cut, stop=StopReason.TOOL_USE)["output"][0]["status"] == "completed"
    assert written(ToolCall("t", "f", "{}"), stop=StopReason.MAX_TOKENS)["output"][0]["status"] == "completed"


def test_a_call_without_an_id_gets_one():
    assert written(ToolCall("", "f", "{}"))["output"][0]["call_id"].startswith("call_fc_")


@pytest.mark.parametrize(("given", "said"), [("Not that.", "Not that."), ("", REFUSED)])
def test_a_refusal_stands_beside_the_text(given, said):
    found = written(Text("a"), stop=StopReason.REFUSAL, refusal=given)["output"]
    assert [item["content"][0]["type"] for item in found] == ["output_text", "refusal"]
    assert found[1]["content"][0]["refusal"] == said


def test_a_summary_is_one_item():
    on = road(meant=Meant(compacting=True))
    (item,) = written(Thinking("hm"), Text("so "), Text("far"), on=on)["output"]
    assert open_summary(item["encrypted_content"]) == "so far"


@pytest.mark.parametrize(("text", "stop"), [("", StopReason.END_TURN), ("half", StopReason.MAX_TOKENS)])
def test_half_a_summary_is_none(text, stop):
    with pytest.raises(PatchbayError) as raised:
        write_reply(reply(Text(text), stop=stop), road(meant=Meant(compacting=True)))
    assert raised.value.kind is ErrorKind.BAD_REPLY
