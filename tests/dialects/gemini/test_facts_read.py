from __future__ import annotations

import json

import pytest

from app.dialects.gemini import GEMINI


def facts(**body):
    return GEMINI.facts(json.dumps(body).encode())


def test_a_turn_of_gemini_cli():
    found = facts(
        contents=[{"role": "user", "parts": [{"text": "context"}, {"text": "do it"}]}],
        tools=[{"functionDeclarations": [{"name": "read_file"}]}],
        generationConfig={
            "maxOutputTokens": 8192,
            "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "HIGH"},
        },
    )
    assert (found.output_tokens, found.thinking, found.tools, found.web_search) == (8192, True, True, False)
    assert (found.image, found.side_task, found.first_text) == (False, False, "context\ndo it")


def test_its_side_tasks_offer_no_tools():
    assert facts(contents=[{"parts": [{"text": "which model"}]}]).side_task
    assert facts(tools=[{"functionDeclarations": []}, {"googleSearch": {}}]).side_task


def test_the_other_spelling_and_one_object_for_a_list():
    found = facts(
        contents=[{"parts": [{"inline_data": {"mime_type": "image/png", "data": "QQ=="}}, {"text": "see"}]}],
        tools={"google_search": {}, "function_declarations": [{"name": "f"}]},
        generation_config={"max_output_tokens": "77", "thinking_config": {"thinking_budget": -1}},
    )
    assert (found.output_tokens, found.thinking, found.tools, found.web_search) == (77, True, True, True)
    assert (found.image, found.first_text) == (True, "see")


def test_the_request_inside_a_count():
    assert facts(generateContentRequest={"tools": [{"googleSearch": {}}], "contents": []}).web_search


@pytest.mark.parametrize(
    ("config", "thinks"),
    [
        ({"thinkingBudget": 0}, False),
        ({"thinkingBudget": "0"}, False),
        ({"thinkingBudget": 512}, True),
        ({"includeThoughts": True}, False),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, False),
        ({"thinking_level": "low"}, True),
    ],
)
def test_thinking(config, thinks):
    assert facts(generationConfig={"thinkingConfig": config}).thinking is thinks


def test_several_answers_at_once_are_counted():
    assert facts(generationConfig={"candidateCount": 3}).answers == 3
    assert facts(generationConfig={"candidate_count": 2}).answers == 2
    assert facts(generationConfig={"candidateCount": 0}).answers == 1
    assert facts().answers == 1


@pytest.mark.parametrize(
    "body",
    [
        {
            "generationConfig": {"maxOutputTokens": 1, "candidateCount": 1},
            "generation_config": {"max_output_tokens": 99, "candidate_count": 8},
        },
        {
            "generation_config": {"max_output_tokens": 1, "candidate_count": 1},
            "generationConfig": {"maxOutputTokens": 99, "candidateCount": 8},
        },
        {
            "generationConfig": {
                "maxOutputTokens": 1,
                "max_output_tokens": 99,
                "candidateCount": 8,
                "candidate_count": 2,
            }
        },
        {
            "generationConfig": {"maxOutputTokens": 99, "candidateCount": 8},
            "generateContentRequest": {"contents": [], "generationConfig": {"maxOutputTokens": 1}},
        },
    ],
)
def test_of_several_bounds_the_largest_counts_and_of_a_decoy_none(body):
    found = facts(contents=[], **body)
    assert (found.output_tokens, found.answers) == (99, 8)
