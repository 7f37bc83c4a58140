from __future__ import annotations

import json

import pytest

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES

READ = {"name": "Read", "description": "d", "input_schema": {}}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
BILLING = "x-anthropic-billing-header: cc_version=2.1.224.b44; cc_entrypoint=cli;"


def facts(**body):
    return ANTHROPIC_MESSAGES.facts(json.dumps({"model": "m", **body}).encode())


def test_a_turn_of_claude_code():
    found = facts(
        max_tokens=64_000,
        thinking={"type": "adaptive"},
        tools=[READ],
        system=[{"type": "text", "text": BILLING}],
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "<system-reminder>r</system-reminder>"},
                    {"type": "text", "text": "do it"},
                ],
            }
        ],
    )
    assert (found.output_tokens, found.thinking, found.tools, found.web_search) == (64_000, True, True, False)
    assert (found.image, found.side_task, found.first_text) == (False, False, "do it")


def test_its_subagents_and_side_tasks():
    subagent = facts(tools=[READ], system=[{"type": "text", "text": f"{BILLING} cc_is_subagent=true;"}])
    search = facts(tools=[SEARCH], tool_choice={"type": "tool", "name": "web_search"}, thinking={"type": "disabled"})
    title = facts(thinking={"type": "disabled"}, messages=[{"role": "user", "content": "name this"}])
    assert [one.side_task for one in (subagent, search, title)] == [True, True, True]
    assert (search.web_search, search.tools, search.thinking) == (True, False, False)
    assert facts(tools=[SEARCH, READ]).tools
    spoken = facts(tools=[READ], messages=[{"role": "user", "content": "what is cc_is_subagent=true"}])
    assert not spoken.side_task


@pytest.mark.parametrize("kind", ["custom", "bash_20250124", "text_editor_20250728", "memory_20250818", None])
def test_tools_that_the_client_runs(kind):
    assert facts(tools=[{"type": kind, "name": "x"}]).tools


def test_thinking_with_a_budget():
    assert facts(thinking={"type": "enabled", "budget_tokens": 1024}).thinking
    assert not facts().thinking


def test_pictures():
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}
    inside = {"type": "tool_result", "tool_use_id": "t", "content": [picture]}
    for part in (picture, inside):
        assert facts(messages=[{"role": "user", "content": [part]}]).image
    talk = json.dumps({"type": "image"})
    assert not facts(messages=[{"role": "user", "content": f'an "image" such as {talk}'}]).image
