"""What other converters got wrong for Codex, by the numbers of `test_known_bugs`."""

from __future__ import annotations

import json

import pytest

from app.dialects.base import Operation
from app.dialects.fold import reply_events
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.domain.events import StopReason
from app.domain.request import Text, Thinking, ToolCall
from app.domain.usage import NO_USAGE
from tests.dialects.openai_responses import sdk
from tests.dialects.openai_responses.turns import function, read, reply, road, user

PARTS = (Text("a"), ToolCall("t1", "f", "{}"), Thinking("hm"), ToolCall("t2", "f", "{}"))


def written(*parts, stop=StopReason.END_TURN, **more):
    return OPENAI_RESPONSES.stream_writer(road()).write(reply_events(reply(*parts, stop=stop, **more)))


@pytest.mark.parametrize("path", ["/v1/responses", "/responses"])
def test_bug_77_codex_finds_its_only_path(path):
    assert any((one.path, one.operation) == (path, Operation.CHAT) for one in OPENAI_RESPONSES.endpoints)


@pytest.mark.parametrize("usage", [NO_USAGE, reply().usage])
@pytest.mark.parametrize("parts", [(), (Text(""),), (Text("a"),), (ToolCall("t", "f", ""),)])
def test_bug_80_every_answer_is_completed_with_its_usage(parts, usage):
    last = sdk.events(written(*parts, usage=usage))[-1]
    assert last.type == "response.completed"
    assert last.response.usage is not None


def test_bug_81_every_count_is_there():
    usage = json.loads(OPENAI_RESPONSES.write_reply(reply(Text("a"), usage=NO_USAGE), road()))["usage"]
    details = (*usage["input_tokens_details"].values(), *usage["output_tokens_details"].values())
    counts = (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"], *details)
    assert [type(count) for count in counts] == [int] * 6


def test_bug_85_messages_and_calls_share_one_counter():
    found = sdk.events(written(*PARTS))
    added = [event.output_index for event in found if event.type == "response.output_item.added"]
    done = [event.output_index for event in found if event.type == "response.output_item.done"]
    assert added == done == list(range(len(PARTS)))


def test_bug_88_a_tool_is_offered_once():
    tools = [function("f"), function("f"), {"type": "web_search"}, {"type": "web_search_preview"}]
    more = {"type": "additional_tools", "role": "developer", "tools": [function("f")]}
    assert [tool.name for tool in read(more, user("q"), tools=tools).tools] == ["f", "web_search"]
