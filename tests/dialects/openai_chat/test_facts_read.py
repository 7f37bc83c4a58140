from __future__ import annotations

import json

import pytest

from app.dialects.openai_chat import OPENAI_CHAT


def facts(**body):
    return OPENAI_CHAT.facts(json.dumps({"model": "m", **body}).encode())


def test_a_plain_request():
    found = facts(max_tokens=5, messages=[{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}])
    assert (found.output_tokens, found.thinking, found.tools, found.web_search) == (5, False, False, False)
    assert (found.image, found.side_task, found.first_text) == (False, False, "hi")


def test_all_that_can_be_asked_for():
    found = facts(
        max_tokens=5,
        max_completion_tokens=7,
        tools=[{"type": "function", "function": {"name": "f"}}],
        web_search_options={},
        messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}],
    )
    assert (found.output_tokens, found.tools, found.web_search, found.image) == (7, True, True, True)
    assert facts(functions=[{"name": "f"}]).tools
    assert not facts(tools=[], functions=None).tools


@pytest.mark.parametrize(
    ("body", "thinks"),
    [
        ({"reasoning_effort": "high"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning": {"effort": "low"}}, True),
        ({"reasoning": {"max_tokens": 1000}}, True),
        ({"reasoning": {"enabled": True}}, True),
        ({"reasoning": {"enabled": False, "effort": "high"}}, False),
        ({"reasoning": {"exclude": True}}, False),
        ({"reasoning": "high"}, False),
    ],
)
def test_thinking(body, thinks):
    assert facts(**body).thinking is thinks


def test_several_answers_at_once_are_counted():
    assert facts(n=5).answers == 5
    assert [facts(**more).answers for more in ({}, {"n": None}, {"n": 0}, {"n": "many"})] == [1, 1, 1, 1]


def test_of_several_bounds_the_largest_counts():
    assert facts(max_completion_tokens=1, max_tokens=100_000).output_tokens == 100_000
    assert facts(max_completion_tokens=100_000, max_tokens=1).output_tokens == 100_000
    assert facts(max_completion_tokens=None, max_tokens="10").output_tokens == 10
    assert (facts(n=1, best_of=1000).answers, facts(n=7, best_of=2).answers) == (1000, 7)
