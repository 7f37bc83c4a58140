from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects import openai_schema as schema

CLOSED = {"type": "object", "properties": {}, "additionalProperties": False}


def parameters(given_schema):
    return json.loads(bytes(schema.parameters(json.dumps(given_schema).encode())))


def qualifies(given_schema):
    return schema.qualifies(json.dumps(given_schema).encode())


def test_noise_goes_and_properties_come():
    found = parameters(
        {
            "$schema": "x",
            "type": "object",
            "properties": {"a": {"$id": "y", "type": "object", "additionalProperties": {"$comment": "z"}}},
        }
    )
    inner = {"type": "object", "additionalProperties": {}, "properties": {}}
    assert found == {"type": "object", "properties": {"a": inner}}


def test_a_property_called_like_a_keyword_survives():
    names = {name: {"type": "string"} for name in ("$schema", "$id", "properties", "type", "items", "anyOf")}
    assert parameters({"type": "object", "properties": names})["properties"] == names


def test_the_top_is_an_object_without_combinators():
    one = {"type": "object", "properties": {"a": {"type": "string"}, "c": {}}, "required": ["a", "c"]}
    other = {"type": "object", "properties": {"b": {"type": "integer"}, "c": {}}, "required": ["b", "c"]}
    both = {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {}}
    found = parameters({"anyOf": [one, other], "description": "d"})
    assert found == {"description": "d", "type": "object", "properties": both, "required": ["c"]}
    assert parameters({"allOf": [one, other]})["required"] == ["a", "c", "b"]
    assert parameters({"type": ["object", "null"], "not": {}}) == {"type": "object", "properties": {}}


@pytest.mark.parametrize("given_schema", [b"", b"null", b"[]", b"no json", b"{}"])
def test_without_a_usable_schema_there_are_no_arguments(given_schema):
    assert json.loads(bytes(schema.parameters(given_schema))) == {"type": "object", "properties": {}}


def test_what_strict_mode_takes():
    assert qualifies(CLOSED)
    assert qualifies({**CLOSED, "properties": {"a": {"anyOf": [{"type": "null"}, CLOSED]}}, "required": ["a"]})
    assert qualifies({**CLOSED, "$defs": {"x": CLOSED}, "$schema": "y"})


@pytest.mark.parametrize(
    "change",
    [
        {"additionalProperties": True},
        {"properties": {"a": {}}},
        {"properties": {"a": {"type": "string", "minLength": 1}}, "required": ["a"]},
        {"properties": {"a": {"type": "string", "format": "uri"}}, "required": ["a"]},
        {"properties": {"a": {"type": "array", "items": {"type": "object"}}}, "required": ["a"]},
        {"properties": {"a": {"anyOf": [{"oneOf": []}]}}, "required": ["a"]},
        {"$defs": {"x": {"type": "object"}}},
        {"type": "array"},
        {"oneOf": []},
    ],
)
def test_what_strict_mode_refuses(change):
    assert not qualifies({**CLOSED, **change})


_KEYS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "anyOf",
        "allOf",
        "required",
        "$id",
        "$defs",
        "enum",
        "a",
        "format",
        "additionalProperties",
    ]
)
_SCHEMAS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.sampled_from(["object", "string", "a"]), st.lists(st.just("a"), max_size=2)),
    lambda inner: st.one_of(st.dictionaries(_KEYS, inner, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=15,
)


@given(st.dictionaries(_KEYS, _SCHEMAS, max_size=5))
def test_any_schema_becomes_an_object(given_schema):
    found = parameters(given_schema)
    assert found["type"] == "object"
    assert "properties" in found
    assert "$id" not in found
    assert qualifies(given_schema) in (True, False)
