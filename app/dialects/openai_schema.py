"""JSON Schemas as OpenAI's dialects take them.

What upstreams demand of a function's `parameters`: the top level is an object without combinators, and every object
schema has `properties` (OpenAI and llama.cpp answer 400 otherwise). What strict mode demands: every object closed,
every property required, and only keywords of a short list. Source: OpenAI, "Structured outputs: supported schemas".
Schemas are walked by position, so a property that is called like a keyword survives.
"""

from __future__ import annotations

from typing import Any

import msgspec

FREE_TEXT = b'{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}'
"""The schema of a function that stands for a tool which takes free text."""

_NOISE = frozenset({"$schema", "$id", "$comment"})
_COMBINATORS = ("anyOf", "oneOf", "allOf")
_TOP_ONLY = (*_COMBINATORS, "not", "enum")
_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems")
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_STRICT = frozenset(
    {
        *(
            "type",
            "title",
            "description",
            "enum",
            "const",
            "anyOf",
            "$ref",
            "$defs",
            "definitions",
            "pattern",
            "format",
        ),
        *("items", "minItems", "maxItems", "properties", "required", "additionalProperties"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }
)
_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def parameters(schema: bytes) -> msgspec.Raw:
    """A tool's schema as `parameters`; a missing or unusable one takes no arguments."""
    return msgspec.Raw(msgspec.json.encode(_top(_cleaned(_parsed(schema)))))


def format_schema(schema: bytes) -> msgspec.Raw:
    """A schema for structured output, without the keywords that only name or comment it."""
    return msgspec.Raw(msgspec.json.encode(_cleaned(_parsed(schema))))


def qualifies(schema: bytes) -> bool:
    """Whether strict mode takes the schema as it is."""
    parsed = _cleaned(_parsed(schema))
    return parsed.get("type") == "object" and _strict(parsed)


def _parsed(schema: bytes) -> dict[str, Any]:
    try:
        return _OBJECT.decode(schema)
    except (msgspec.DecodeError, RecursionError):
        return {}


def _cleaned(schema: Any) -> Any:
    """The schema without noise, and with `properties` in every object."""
    if not isinstance(schema, dict):
        return schema
    clean: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NOISE:
            continue
        if key in _NAMED and isinstance(value, dict):
            clean[key] = {name: _cleaned(one) for name, one in value.items()}
        elif key in _MANY and isinstance(value, list):
            clean[key] = [_cleaned(one) for one in value]
        elif key in _ONE:
            clean[key] = _cleaned(value)
        else:
            clean[key] = value
    if clean.get("type") == "object" and not isinstance(clean.get("properties"), dict):
        clean["properties"] = {}
    return clean


def _top(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with a plain object at its top: the branches of a combinator become one set of properties."""
    if schema.get("type") == "object" and not any(key in schema for key in _TOP_ONLY):
        return schema
    branches = [one for key in _COMBINATORS for one in _listed(schema, key) if isinstance(one, dict)]
    properties = dict(_named(schema, "properties"))
    for branch in branches:
        for name, one in _named(branch, "properties").items():
            properties.setdefault(name, one)
    required = _required(schema)
    if schema.get("allOf"):
        required = required.union(*map(_required, branches))
    elif branches:
        required |= set.intersection(*map(_required, branches))
    plain = {key: value for key, value in schema.items() if key not in (*_TOP_ONLY, "required")}
    plain |= {"type": "object", "properties": properties}
    if kept := [name for name in properties if name in required]:
        plain["required"] = kept
    return plain


def _strict(schema: Any) -> bool:
    if not isinstance(schema, dict) or not _STRICT.issuperset(schema):
        return False
    if "format" in schema and str(schema["format"]) not in _FORMATS:
        return False
    kinds = schema.get("type")
    if kinds == "object" or (isinstance(kinds, list) and "object" in kinds) or "properties" in schema:
        closed = schema.get("additionalProperties") is False
        if not closed or _required(schema) != set(_named(schema, "properties")):
            return False
    below = [*_listed(schema, "anyOf"), *([schema["items"]] if "items" in schema else [])]
    for key in ("properties", "$defs", "definitions"):
        below += _named(schema, key).values()
    return all(_strict(one) for one in below)


def _named(schema: dict[str, Any], key: str) -> dict[str, Any]:
    value = schema.get(key)
    return value if isinstance(value, dict) else {}


def _listed(schema: dict[str, Any], key: str) -> list[Any]:
    value = schema.get(key)
    return value if isinstance(value, list) else []


def _required(schema: dict[str, Any]) -> set[str]:
    return {name for name in _listed(schema, "required") if isinstance(name, str)}
