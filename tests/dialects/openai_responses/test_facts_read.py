from __future__ import annotations

import json

import pytest

from app.dialects.openai_responses import OPENAI_RESPONSES


def facts(**body):
    return OPENAI_RESPONSES.facts(json.dumps({"model": "m", **body}).encode())


def test_a_turn_of_codex():
    found = facts(
        reasoning={"effort": "high", "summary": "auto"},
        tools=[{"type": "custom", "name": "apply_patch"}, {"type": "web_search", "external_web_access": True}],
        input=[
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "rules"}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "mend it"}]},
        ],
    )
    assert (found.output_tokens, found.thinking, found.tools, found.web_search) == (0, True, True, True)
    assert (found.image, found.side_task, found.first_text) == (False, False, "mend it")


def test_a_subagent_of_codex():
    assert facts(client_metadata={"x-openai-subagent": "collab_spawn"}).side_task
    assert not facts(client_metadata={"thread_id": "t"}).side_task


def test_a_text_alone_is_what_the_user_said():
    assert facts(input=" hello ", max_output_tokens=9).first_text == "hello"


@pytest.mark.parametrize(
    ("tool", "own"),
    [
        ({"type": "function", "name": "f"}, True),
        ({"type": "namespace", "name": "n", "tools": []}, True),
        ({"type": "tool_search", "execution": "client"}, True),
        ({"type": "tool_search"}, False),
        ({"type": "web_search_preview"}, False),
    ],
)
def test_tools_that_the_client_runs(tool, own):
    assert facts(tools=[tool]).tools is own


def test_thinking_and_pictures():
    assert not facts(reasoning={"summary": "auto"}).thinking
    assert not facts(reasoning={"effort": "none"}).thinking
    assert facts(input=[{"role": "user", "content": [{"type": "input_image", "image_url": "https://x"}]}]).image


def test_an_answer_in_the_background():
    assert facts(background=True).background
    assert not any(facts(**more).background for more in ({}, {"background": False}, {"background": None}))
