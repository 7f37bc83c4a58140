from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.arguments import as_object, free_text


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ("", {}),
        ("  ", {}),
        ("null", {}),
        ("{}", {}),
        ('{"a":1,"b":{"c":[]}}', {"a": 1, "b": {"c": []}}),
        ("[1]", {"value": [1]}),
        ('"text"', {"value": "text"}),
        ("3", {"value": 3}),
        ('{"a":"x\\ud83d"}', {"a": "x\ufffd"}),  # half an emoji, which Anthropic refuses
        ('{"a":', {"__raw_arguments": '{"a":'}),
        ("ls -la", {"__raw_arguments": "ls -la"}),
        ('{"a":1} trailing', {"__raw_arguments": '{"a":1} trailing'}),
    ],
)
def test_whatever_a_model_wrote_becomes_an_object(arguments: str, value: dict[str, Any]) -> None:
    assert json.loads(bytes(as_object(arguments))) == value


def test_the_text_of_an_object_is_left_alone() -> None:
    text = '{"z": 1, "a": 2.50, "u": "\\u00e9"}'
    assert bytes(as_object(text)) == text.encode()


@given(st.text(st.characters()))
def test_it_is_always_an_object(arguments: str) -> None:
    assert isinstance(json.loads(bytes(as_object(arguments))), dict)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input":"a"}', "a"),
        ('{"input":1}', '{"input":1}'),
        ("raw", "raw"),
        ('{"input":"a","x":1}',) * 2,
        ("", ""),
        ("{}", ""),
    ],
)
def test_free_text_is_the_input_or_all_of_it(arguments: str, text: str) -> None:
    assert free_text(arguments) == text
