from __future__ import annotations

import json

import msgspec
import pytest

from app.dialects.gemini.schema_read import json_schema
from app.domain.errors import PatchbayError


def read(schema):
    return json.loads(json_schema(msgspec.Raw(json.dumps(schema).encode()), "at"))


def test_json_schema_stays_byte_for_byte():
    given = b'{ "type" : "object", "properties": {"file_path": {"type": ["string", "null"], "enum": ["A"]} } }'
    assert json_schema(msgspec.Raw(given), "at") == given


def test_bug_97_types_are_lowered_everywhere_a_schema_stands():
    inner = {"type": "STRING"}
    given = {
        "type": "OBJECT",
        "properties": {"a": inner, "b": {"type": "ARRAY", "items": inner, "prefixItems": [inner]}},
        "anyOf": [inner],
        "not": inner,
        "additionalProperties": inner,
        "$defs": {"d": inner},
        "items": [inner],
    }
    assert "STRING" not in json.dumps(read(given))


def test_names_and_values_that_only_look_like_types_stay():
    given = {
        "type": "OBJECT",
        "properties": {
            "type": {"type": "STRING", "enum": ["STRING", "OBJECT"]},
            "properties": {"type": "OBJECT", "properties": {"nullable": {"type": "BOOLEAN"}}},
            "items": {"type": "STRING", "default": "ARRAY", "description": '"type": "STRING"'},
            "any_of": {"type": "NUMBER"},
        },
        "required": ["type"],
        "example": {"type": "STRING", "nullable": True},
    }
    found = read(given)
    assert found["properties"]["type"] == {"type": "string", "enum": ["STRING", "OBJECT"]}
    assert found["properties"]["properties"]["properties"] == {"nullable": {"type": "boolean"}}
    assert found["properties"]["items"] == {"type": "string", "default": "ARRAY", "description": '"type": "STRING"'}
    assert found["properties"]["any_of"] == {"type": "number"}
    assert found["example"] == given["example"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": ["STRING", "NULL"], "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "NULL", "nullable": True}, {"type": "null"}),
        ({"type": "STRING", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True, "any_of": [{"type": "STRING"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": "OBJECT", "property_ordering": ["b"]}, {"type": "object"}),
        ({"type": "STRING", "format": "enum", "min_length": "3"}, {"type": "string", "minLength": 3}),
        ({"type": "ARRAY", "maxItems": "10", "minItems": "x"}, {"type": "array", "maxItems": 10, "minItems": "x"}),
        ({"type": "TYPE_UNSPECIFIED", "title": "T"}, {"title": "T"}),
        ({"type": "OBJECT", "properties": None}, {"type": "object", "properties": None}),
    ],
)
def test_what_only_google_writes(given, made):
    assert read(given) == made


@pytest.mark.parametrize("given", [b"[]", b'"x"', b"7", b"true"])
def test_a_schema_is_an_object(given):
    with pytest.raises(PatchbayError) as raised:
        json_schema(msgspec.Raw(given), "at.x")
    assert raised.value.param == "at.x"
