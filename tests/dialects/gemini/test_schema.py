from __future__ import annotations

import json
from typing import Any

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.gemini.schema import MAX_SCHEMAS, parameters, takes_something


def clean(schema: Any) -> Any:
    """The schema's subset, which Google's typed model, that forbids any other keyword, has taken."""
    found = json.loads(bytes(parameters(json.dumps(schema).encode())))
    types.Schema.model_validate(found)
    return found


def inner(schema: Any, **beside: Any) -> Any:
    """A property's schema, cleaned."""
    return clean({"type": "object", "properties": {"p": schema}, **beside})["properties"]["p"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "string", "minLength": 1, "pattern": "a", "format": "date-time"}, None),
        ({"type": "string", "format": "uri", "contentEncoding": "x"}, {"type": "string"}),
        ({"type": "integer", "format": "int64", "multipleOf": 2}, {"type": "integer", "format": "int64"}),
        ({"type": "number", "format": "date-time", "maximum": 1.5}, {"type": "number", "maximum": 1.5}),
        ({"type": "string", "enum": ["a", "b"]}, None),
        ({"enum": ["a", None]}, {"type": "string", "enum": ["a"], "nullable": True}),
        ({"enum": [1, 2]}, {"type": "integer"}),
        ({"type": "integer", "enum": [1, 2]}, {"type": "integer"}),
        ({"enum": ["a", 1]}, {}),
        ({"const": "x"}, {"type": "string", "enum": ["x"]}),
        ({"const": 2.5}, {"type": "number"}),
        ({"const": True}, {"type": "boolean"}),
        ({"const": None}, {"nullable": True}),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9}, {"minimum": 1, "maximum": 8}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
        ({"type": "number", "exclusiveMinimum": True}, {"type": "number"}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": "null"}, {"nullable": True}),
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "array"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "array", "items": True}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 1}, {"minItems": 1}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        ({"not": {}, "if": {}, "then": {}, "title": "T", "default": 5}, {"title": "T", "default": 5}),
        ({"description": 5, "minItems": "3", "title": None, "type": 7}, {}),
        (True, {}),
    ],
)
def test_each_keyword(given: Any, kept: Any):
    found = inner(given)
    expected = given if kept is None else kept
    assert expected.items() <= found.items()
    assert set(found) - set(expected) <= {"type", "items"}


def test_properties_are_told_by_their_place():
    named = {
        "format": {"type": "string"},
        "properties": {"type": "object", "properties": {"$ref": {"type": "string", "$comment": "gone"}}},
        "allOf": {"type": "boolean"},
        "additionalProperties": {"type": "integer"},
    }
    found = clean(
        {"type": "object", "properties": named, "required": ["format", "lost", 5], "additionalProperties": {}}
    )
    assert set(found["properties"]) == set(named)
    assert found["properties"]["properties"]["properties"] == {"$ref": {"type": "string"}}
    assert found["required"] == ["format"]
    assert set(found) == {"type", "properties", "required"}


def test_parts_of_a_whole_are_put_together():
    parts = [
        {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"$ref": "#/$defs/b"},
        {"allOf": [{"properties": {"c": {"type": "string"}}}], "description": "D"},
    ]
    more = {"$defs": {"b": {"properties": {"b": {"type": "integer"}}, "required": ["b"]}}}
    found = clean({"type": "object", "properties": {"a": {"type": "integer"}}, "allOf": parts, **more})
    assert found == {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": {"type": "integer"}, "c": {"type": "string"}},
        "required": ["a", "b"],
        "description": "D",
    } | {"properties": found["properties"]}
    assert found["properties"]["a"] == {"type": "integer"}


def test_references_are_followed_and_circles_are_any_object():
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "string"}}}
    found = inner({"$ref": "#/$defs/node", "description": "D"}, **{"$defs": {"node": node}})
    assert found == {
        "type": "object",
        "description": "D",
        "properties": {"next": {"type": "object"}, "v": {"type": "string"}},
    }
    assert inner({"$ref": "#/definitions/a~1b"}, definitions={"a/b": {"type": "string"}}) == {"type": "string"}
    for lost in ("#/nowhere", "https://x/y", "#/type/x", ""):
        assert inner({"$ref": lost}) == {"type": "object"}


def test_a_schema_that_grows_without_end_is_bounded():
    many = {f"d{i}": {"properties": {f"p{j}": {"$ref": f"#/$defs/d{j}"} for j in range(12)}} for i in range(12)}
    found = parameters(json.dumps({"$ref": "#/$defs/d0", "$defs": many}).encode())
    assert bytes(found).count(b"{") < 4 * MAX_SCHEMAS
    deep: Any = {"type": "string"}
    for _ in range(240):
        deep = {"type": "object", "properties": {"p": deep}}
    assert b"object" in bytes(parameters(json.dumps(deep).encode()))


@pytest.mark.parametrize(
    ("schema", "something"),
    [
        (b"", False),
        (b"7", False),
        (b"{}", False),
        (b'{"type":"object"}', False),
        (b'{"type":"object","properties":{},"required":[],"$schema":"x","additionalProperties":false}', False),
        (b'{"type":"object","properties":{"a":{}}}', True),
        (b'{"type":"object","additionalProperties":true}', True),
        (b'{"$ref":"#/$defs/a","$defs":{"a":{}}}', True),
        (b'{"anyOf":[{"type":"object"}]}', True),
    ],
)
def test_whether_a_function_takes_anything(schema: bytes, something: bool):
    assert takes_something(schema) is something


_KEYS = st.sampled_from(
    ["type", "properties", "items", "anyOf", "allOf", "$ref", "enum", "const", "required", "format", "minimum", "$defs"]
)
_VALUES = st.sampled_from(["object", "array", "string", "null", "#/$defs/type", "#", 5, -1.5, True, None])
_SCHEMAS = st.recursive(
    _VALUES,
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(_KEYS, inside, max_size=4)),
    max_leaves=20,
)


@given(st.dictionaries(_KEYS, _SCHEMAS, max_size=5))
def test_any_schema_becomes_one_that_google_takes(schema: Any):
    clean(schema)
