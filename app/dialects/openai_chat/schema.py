"""JSON Schemas as the chat API takes them.

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
    if clean.get("type") == "object":
        clean.setdefault("properties", {})
    return clean


def _top(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with a plain object at its top: the branches of a combinator become one set of properties."""
    branches = [one for key in _COMBINATORS for one in schema.get(key, []) if isinstance(one, dict)]
    if schema.get("type") == "object" and not any(key in schema for key in _TOP_ONLY):
        return schema
    plain = {key: value for key, value in schema.items() if key not in _TOP_ONLY}
    properties = dict(plain.get("properties") or {})
    for branch in branches:
        for name, one in (branch.get("properties") or {}).items():
            properties.setdefault(name, one)
    required = set(plain.get("required") or [])
    if schema.get("allOf"):
        required = required.union(*(branch.get("required") or [] for branch in branches))
    elif branches:
        required |= set.intersection(*(set(branch.get("required") or []) for branch in branches))
    plain |= {"type": "object", "properties": properties}
    plain["required"] = [name for name in properties if name in required]
    if not plain["required"]:
        del plain["required"]
    return plain


def _strict(schema: Any) -> bool:
    if not isinstance(schema, dict) or not _STRICT.issuperset(schema) or schema.get("format", "date") not in _FORMATS:
        return False
    kinds = schema.get("type")
    if kinds == "object" or (isinstance(kinds, list) and "object" in kinds) or "properties" in schema:
        names = set(schema.get("properties") or {})
        if schema.get("additionalProperties") is not False or set(schema.get("required") or []) != names:
            return False
    below: list[Any] = [*schema.get("anyOf", [])]
    for key in ("properties", "$defs", "definitions"):
        below += (schema.get(key) or {}).values()
    if "items" in schema:
        below.append(schema["items"])
    return all(_strict(one) for one in below)
