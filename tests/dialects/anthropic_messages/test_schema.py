from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from app.dialects.anthropic_messages.schema import for_input, for_output, is_closed


def as_input(schema: Any) -> Any:
    made = for_input(json.dumps(schema).encode())
    return json.loads(bytes(made)) if isinstance(made, Raw) else made


def test_an_object_is_passed_on_byte_for_byte() -> None:
    schema = b'{"type": "object","properties":{"a":{"anyOf":[{}]}}, "$schema":"x"}'
    made = for_input(schema)
    assert isinstance(made, Raw)
    assert bytes(made) == schema


@pytest.mark.parametrize("schema", [b"", b"null", b"{}", b"true"])
def test_no_schema_is_an_object_without_properties(schema: bytes) -> None:
    assert for_input(schema) == {"type": "object", "properties": {}}


def test_what_has_no_type_gets_one() -> None:
    assert as_input({"properties": {"a": {}}}) == {"type": "object", "properties": {"a": {}}}


def test_alternatives_at_the_top_become_one_object() -> None:
    first = {"type": "object", "properties": {"a": {}, "kind": {}}, "required": ["a", "kind"]}
    second = {"type": "object", "properties": {"b": {}, "kind": {}}, "required": ["b", "kind"]}
    assert as_input({"description": "d", "anyOf": [first, second]}) == {
        "description": "d",
        "type": "object",
        "properties": {"a": {}, "kind": {}, "b": {}},
        "required": ["kind"],
    }


def test_every_part_of_a_whole_is_required() -> None:
    parts = [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]
    assert as_input({"allOf": parts})["required"] == ["a", "b"]


def test_structured_output_is_closed_and_its_constraints_are_told_in_words() -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": 5, "description": "count"},
            "s": {"type": "string", "pattern": "^(?=a)", "minLength": 2},
            "k": {"type": "string", "pattern": "^a+$"},
            "l": {"type": "array", "items": {"type": "object", "properties": {}}, "minItems": 3, "uniqueItems": True},
            "one": {"type": "array", "minItems": 1},
            "any": {"anyOf": [{"type": ["object", "null"]}, {"type": "string"}]},
            "minimum": {"type": "object", "properties": {"maxItems": {"type": "string"}}},
        },
        "$defs": {"maximum": {"type": "object"}},
    }
    assert for_output(json.dumps(schema).encode()) == {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "description": "count (minimum: 1, maximum: 5)"},
            "s": {"type": "string", "description": '(pattern: "^(?=a)", minLength: 2)'},
            "k": {"type": "string", "pattern": "^a+$"},
            "l": {
                "type": "array",
                "items": {"type": "object", "properties": {}, "additionalProperties": False},
                "description": "(minItems: 3, uniqueItems: true)",
            },
            "one": {"type": "array", "minItems": 1},
            "any": {"anyOf": [{"type": ["object", "null"], "additionalProperties": False}, {"type": "string"}]},
            "minimum": {
                "type": "object",
                "properties": {"maxItems": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "$defs": {"maximum": {"type": "object", "additionalProperties": False}},
        "additionalProperties": False,
    }


KEYWORDS = ["type", "properties", "required", "anyOf", "allOf", "items", "minItems", "description", "$defs", "pattern"]
VALUES = st.recursive(
    st.none() | st.integers() | st.sampled_from(["object", "string", "(?=a)"]),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), one, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_no_schema_breaks_the_writer(schema: Any) -> None:
    given_schema = json.dumps(schema).encode()
    assert as_input(schema)["type"] == "object"
    json.dumps(for_output(given_schema))
    is_closed(given_schema)


def test_a_schema_is_closed_when_every_object_is() -> None:
    inner = {"type": "object", "properties": {}, "additionalProperties": False}
    closed = inner | {"properties": {"a": inner, "l": {"type": "array", "items": inner}, "x": {"anyOf": [inner]}}}
    assert is_closed(json.dumps(closed).encode())
    opened = closed | {"properties": {"a": inner, "l": {"type": "array", "items": {"type": "object"}}}}
    assert not is_closed(json.dumps(opened).encode())
    assert not is_closed(b"")
