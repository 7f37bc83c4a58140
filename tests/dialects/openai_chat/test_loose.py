from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.loose import read_chunk


def read(value: Any) -> wire.Chunk:
    found = read_chunk(json.dumps(value).encode())
    assert found is not None
    return found


def test_a_field_of_a_wrong_type_costs_only_itself():
    found = read(
        {
            "id": 7,
            "object": ["x"],
            "model": "m",
            "choices": [
                "none",
                {
                    "index": "0",
                    "delta": {
                        "content": "ok",
                        "reasoning": {"text": "x"},
                        "reasoning_details": ["x", {"text": "t"}],
                        "tool_calls": [
                            {"index": 1.0, "id": 5, "function": {"name": None, "arguments": [1]}, "extra_content": []},
                            {"function": "f", "custom": {"name": "p", "input": "i"}},
                        ],
                        "function_call": "x",
                        "annotations": {},
                    },
                    "finish_reason": False,
                    "usage": {"prompt_tokens": "3"},
                },
            ],
            "usage": {"prompt_tokens": 1.0, "completion_tokens": {}, "cost": "0.5"},
            "x_groq": {"usage": []},
        }
    )
    (choice,) = found.choices or []
    assert (found.id, found.object, found.model, choice.index, choice.finish_reason) == ("7", None, "m", 0, None)
    delta = choice.delta
    assert delta is not None
    assert (delta.content, delta.reasoning, delta.reasoning_details) == ("ok", None, [{"text": "t"}])
    first, second = delta.tool_calls or []
    assert (first.index, first.id, first.function) == (1, "5", wire.FunctionPiece(None, "[1]"))
    assert (second.function, second.custom) == (None, wire.CustomPiece("p", "i"))
    assert choice.usage is not None
    assert choice.usage.prompt_tokens == 3
    assert found.usage is not None
    assert (found.usage.prompt_tokens, found.usage.completion_tokens, found.usage.cost) == (1, None, 0.5)


@pytest.mark.parametrize("value", ["text", 5, None, True, [], ["x"], {"choices": 5}, {"choices": [{"delta": "x"}]}])
def test_other_values_are_an_empty_chunk(value):
    found = read(value)
    assert not found.error
    assert all(choice.delta is None for choice in found.choices or ())


def test_what_is_no_json_is_nothing():
    assert read_chunk(b'{"choices":[') is None
    assert read_chunk(b"") is None
    assert read_chunk(b"[" * 100_000) is None


def test_broken_text_is_kept_as_far_as_it_goes():
    found = read_chunk(b'{"choices":[{"delta":{"content":"a\xffb"}}]}')
    assert found is not None
    assert found.choices[0].delta.content == "a\ufffdb"
    found = read_chunk(b'{"choices":[{"delta":{"reasoning":"a\\ud83d"}}]}')
    assert found.choices[0].delta.reasoning == "a?"


def test_an_error_in_an_array_is_found():
    assert read([{"error": {"code": 1}}]).error == {"code": 1}


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "usage", "tool_calls", "function", "arguments", "index", "id", "x_groq"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@given(_JSON)
def test_any_json_is_read_without_raising(value):
    assert isinstance(read(value), wire.Chunk)


@pytest.mark.parametrize("odd", ["\ud800", "9" * 5000, float("inf"), 10**400, {}, [None], True])
def test_what_stands_in_the_place_of_a_number_is_harmless(odd: Any) -> None:
    call = {"index": odd, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    choice = {"index": odd, "delta": {"content": "x", "tool_calls": [call]}}
    found = read({"choices": [choice], "usage": {"prompt_tokens": odd, "completion_tokens": 7}})
    assert found.usage is not None
    assert found.usage.completion_tokens == 7
    assert found.choices is not None
