from __future__ import annotations

import json

from app.dialects.pairing import NO_RESULT
from app.domain.provider import MidSystem, Profile
from app.domain.request import (
    Image,
    Text,
    ToolCall,
    ToolResult,
)
from tests.dialects.openai_chat.turns import assistant, system, user, write, written


def test_a_missing_result_says_so():
    found = write(assistant(ToolCall("1", "f", "{}")), user("go"))
    assert [one["content"] for one in found] == [None, NO_RESULT, "go"]
    assert write(assistant(ToolCall("1", "f", "{}")))[1]["content"] == NO_RESULT


def test_a_lost_result_becomes_text():
    lost = ToolResult("zz", (Text("lost"),))
    assert write(user("hi", lost))[0]["content"] == "hi\n\n[result of an earlier tool call]\nlost"
    picture = write(user(ToolResult("zz", (Image("image/png", "AA"),))))[0]["content"]
    assert [part["type"] for part in picture] == ["text", "image_url"]
    assert write(user(ToolResult("zz")))[0]["content"].endswith("(no output)")


def test_a_second_result_is_reported():
    twice = user(ToolResult("1", (Text("a"),)), ToolResult("1", (Text("b"),)))
    found = written(assistant(ToolCall("1", "f", "{}")), twice)
    assert [one["content"] for one in json.loads(found.body)["messages"]] == [None, "a"]
    assert found.dropped == ("messages: a second result of one tool call",)


def test_results_are_found_behind_an_instruction():
    found = write(
        assistant(ToolCall("1", "f", "{}")),
        system("S"),
        user(ToolResult("1", (Text("r"),)), "so?"),
        profile=Profile(mid_system=MidSystem.INLINE),
    )
    assert [one["role"] for one in found] == ["assistant", "tool", "system", "user"]


def test_ids_that_a_server_uses_again_are_paired_turn_by_turn():
    turn = (assistant(ToolCall("call_0", "f", "{}")), user(ToolResult("call_0", (Text("r"),))))
    assert [one["role"] for one in write(*turn, *turn)] == ["assistant", "tool", "assistant", "tool"]


def test_calls_of_neighbors_are_answered_together():
    found = write(
        assistant(ToolCall("1", "f", "{}")),
        assistant(ToolCall("2", "f", "{}")),
        user(ToolResult("1")),
        user(ToolResult("2")),
    )
    assert [one["role"] for one in found] == ["assistant", "tool", "tool"]
