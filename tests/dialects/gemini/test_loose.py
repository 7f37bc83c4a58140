from __future__ import annotations

import json

import pytest

from app.dialects.gemini import wire_reply as wire
from app.dialects.gemini.loose import read_answers


def test_a_member_of_a_wrong_type_costs_only_itself():
    odd = {
        "responseId": 7,
        "modelVersion": [],
        "error": None,
        "promptFeedback": {"blockReason": 5, "blockReasonMessage": "m"},
        "usageMetadata": {"promptTokenCount": "3", "thoughtsTokenCount": {}},
        "candidates": [
            "x",
            {
                "index": 0.0,
                "finishReason": [],
                "finishMessage": "f",
                "content": {
                    "parts": [
                        {"text": 5, "thought": "yes"},
                        {"functionCall": {"name": 5, "args": [1], "id": None}, "toolCall": {"id": 1}},
                        {"inlineData": {"mimeType": "image/png", "data": 7}, "executableCode": "x"},
                    ]
                },
                "groundingMetadata": {
                    "webSearchQueries": ["q", 5],
                    "groundingChunks": [{"web": {"uri": "u", "title": 5}}, 7],
                    "groundingSupports": [{"segment": {"text": "t"}, "groundingChunkIndices": ["x"]}],
                },
            },
        ],
    }
    (found,) = read_answers(json.dumps(odd).encode()) or []
    assert (found.response_id, found.model_version, found.failed()) == ("7", None, False)
    assert found.prompt_feedback == wire.FeedbackIn(None, "m")
    assert found.usage_metadata == wire.UsageIn(3)
    (candidate,) = found.candidates or []
    assert (candidate.index, candidate.finish_reason, candidate.finish_message) == (0, None, "f")
    assert candidate.content is not None
    first, second, third = candidate.content.parts or []
    assert (first.text, first.thought) == (None, False)
    assert second.function_call is not None
    assert (second.function_call.name, bytes(second.function_call.args), bytes(second.tool_call)) == (
        "5",
        b"[1]",
        b'{"id": 1}',
    )
    assert (third.inline_data, third.executable_code) == (wire.BlobIn("image/png"), None)
    assert candidate.grounding_metadata == wire.GroundingIn(
        ["q"], [wire.SourceIn(wire.WebIn("u"))], [wire.SupportIn(wire.SegmentIn("t"))]
    )


def test_several_answers_in_one_array():
    found = read_answers(b'[{"responseId":"a"},{"error":{"code":1}},5]') or []
    assert [(one.response_id, one.failed()) for one in found] == [("a", False), (None, True)]


@pytest.mark.parametrize("data", [b"", b"{", b"data", b"[" * 100_000, b"null"])
def test_what_is_no_json_is_nothing(data: bytes):
    assert read_answers(data) is None


@pytest.mark.parametrize("data", [b"5", b'"x"', b"[]", b"[[{}]]", b"true"])
def test_other_values_hold_no_answer(data: bytes):
    assert read_answers(data) == []


def test_broken_text_is_kept_as_far_as_it_goes():
    (found,) = read_answers(b'{"candidates":[{"content":{"parts":[{"text":"a\xff\\ud83d\\ude00\\ud83d"}]}}]}') or []
    assert found.candidates is not None
    assert found.candidates[0].content is not None
    assert (found.candidates[0].content.parts or [])[0].text == "a\ufffd\U0001f600\ufffd"
