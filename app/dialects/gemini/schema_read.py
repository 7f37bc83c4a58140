"""A client's schema -> JSON Schema: Google's is OpenAPI's subset, with types in capitals and `nullable`.

Told by position, never by name alone: a property may be called "type". A schema that is JSON Schema already stays byte
for byte as it was, so that prompt caches hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from app.dialects.body import invalid

_RENAMED = {
    "any_of": "anyOf",
    "additional_properties": "additionalProperties",
    "max_items": "maxItems",
    "max_length": "maxLength",
    "max_properties": "maxProperties",
    "min_items": "minItems",
    "min_length": "minLength",
    "min_properties": "minProperties",
    "property_ordering": "propertyOrdering",
}
_FOREIGN = re.compile(
    rb'"type"\s*:\s*(?:\[\s*)?"[A-Z]|"format"\s*:\s*"enum"|"(?:max|min)(?:Items|Length|Properties)"\s*:\s*"|"(?:%b)"\s*:'
    % "|".join(["nullable", "propertyOrdering", *_RENAMED]).encode()
)
"""What only Google's schemas have, if anywhere."""
_COUNTS = ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties")
"""Whole numbers of 64 bits, which protobuf's JSON writes as text."""
_ONE = ("items", "not", "additionalProperties", "if", "then", "else", "contains", "propertyNames")
_LIST = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "$defs", "defs", "definitions", "patternProperties", "dependentSchemas")
_ANY = msgspec.json.Decoder(dict[str, Any])


def json_schema(raw: msgspec.Raw, at: str) -> bytes:
    """The schema as JSON Schema; raises PatchbayError INVALID_REQUEST where it is no object."""
    data = bytes(raw)
    if not data.startswith(b"{"):
        raise invalid("Expected an object", at)
    return msgspec.json.encode(_schema(_ANY.decode(data))) if _FOREIGN.search(data) else data


def _schema(value: Any) -> Any:
    if isinstance(value, list):
        return [_schema(one) for one in value]
    if not isinstance(value, dict):
        return value
    schema = {_RENAMED[name] if name in _RENAMED else str(name): inner for name, inner in value.items()}
    _inside(schema, _schema)
    schema.pop("propertyOrdering", None)
    if schema.get("format") == "enum":
        del schema["format"]
    for name in _COUNTS:
        if isinstance(schema.get(name), str) and schema[name].isdecimal():
            schema[name] = int(schema[name])
    _lower(schema)
    if schema.pop("nullable", None) is True:
        _allow_null(schema)
    return schema


def _inside(schema: dict[str, Any], change: Callable[[Any], Any]) -> None:
    for name in _ONE:
        if name in schema:
            schema[name] = change(schema[name])
    for name in _LIST:
        if isinstance(schema.get(name), list):
            schema[name] = [change(one) for one in schema[name]]
    for name in _NAMED:
        if isinstance(schema.get(name), dict):
            schema[name] = {key: change(one) for key, one in schema[name].items()}


def _lower(schema: dict[str, Any]) -> None:
    kind = schema.get("type")
    if isinstance(kind, list):
        schema["type"] = [one.lower() if isinstance(one, str) else one for one in kind]
    elif kind == "TYPE_UNSPECIFIED":
        del schema["type"]
    elif isinstance(kind, str):
        schema["type"] = kind.lower()


def _allow_null(schema: dict[str, Any]) -> None:
    kind = schema.get("type")
    if isinstance(kind, str) and kind != "null":
        schema["type"] = [kind, "null"]
    elif isinstance(kind, list) and "null" not in kind:
        schema["type"] = [*kind, "null"]
    if isinstance(schema.get("anyOf"), list) and {"type": "null"} not in schema["anyOf"]:
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
