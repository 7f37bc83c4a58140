"""JSON Schemas as Anthropic takes them: for a tool's input, and stricter for structured output.

Source: platform.claude.com, structured outputs (unsupported keywords); errors of the API for tool schemas.
"""

from __future__ import annotations

from typing import Any

import msgspec

_COMBINERS = ("anyOf", "oneOf", "allOf")
_CONSTRAINTS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
_MAPS = ("properties", "$defs", "definitions", "patternProperties")
_LISTS = (*_COMBINERS, "prefixItems")
_SINGLES = ("items", "additionalItems", "not", "if", "then", "else", "contains", "propertyNames")

Schema = dict[str, Any]


def for_input(schema: bytes) -> Schema | msgspec.Raw:
    """The schema of a tool's input: an object at the top, without alternatives there; unchanged where it is one."""
    value = _object(schema)
    if not value:
        return {"type": "object", "properties": {}}
    if value.get("type") == "object" and not any(name in value for name in _COMBINERS):
        return msgspec.Raw(schema)
    merged = {name: inner for name, inner in value.items() if name not in _COMBINERS}
    properties: Schema = {}
    required = _required(value)
    for name in _COMBINERS:
        parts = [one for one in _list(value, name) if isinstance(one, dict)]
        for part in parts:
            properties |= _map(part, "properties")
        wanted = [_required(part) for part in parts]
        if wanted:
            required |= set.union(*wanted) if name == "allOf" else set.intersection(*wanted)
    merged["type"] = "object"
    merged["properties"] = properties | _map(value, "properties")
    if required:
        merged["required"] = sorted(required)
    return merged


def for_output(schema: bytes) -> Schema:
    """The schema of structured output: closed objects, constraints moved into the descriptions."""
    return _closed(_object(schema) or {"type": "object", "properties": {}})


def is_closed(schema: bytes) -> bool:
    """Whether every object says `additionalProperties: false`, as a strict tool needs."""
    value = _object(schema)
    return bool(value) and _is_closed(value)


def _object(schema: bytes) -> Schema:
    value = msgspec.json.decode(schema) if schema else {}
    return value if isinstance(value, dict) else {}


def _list(schema: Schema, name: str) -> list[Any]:
    value = schema.get(name)
    return value if isinstance(value, list) else []


def _map(schema: Schema, name: str) -> Schema:
    value = schema.get(name)
    return value if isinstance(value, dict) else {}


def _required(schema: Schema) -> set[str]:
    return {name for name in _list(schema, "required") if isinstance(name, str)}


def _closed(schema: Schema) -> Schema:
    """Walks by position, so that a property that is named like a keyword stays."""
    out: Schema = {}
    notes: list[str] = []
    for name, value in schema.items():
        if name in _CONSTRAINTS or (name == "minItems" and value not in (0, 1)) or _looks_around(name, value):
            notes.append(f"{name}: {msgspec.json.encode(value).decode()}")
        elif name in _MAPS and isinstance(value, dict):
            out[name] = {key: _inner(one) for key, one in value.items()}
        elif name in _LISTS and isinstance(value, list):
            out[name] = [_inner(one) for one in value]
        elif name in _SINGLES:
            out[name] = _inner(value)
        else:
            out[name] = value
    if "properties" in out or _is_object(out):
        out["additionalProperties"] = False
    if notes:
        said = out.get("description")
        out["description"] = f"{said} " * isinstance(said, str) + f"({', '.join(notes)})"
    return out


def _inner(value: Any) -> Any:
    return _closed(value) if isinstance(value, dict) else value


def _is_object(schema: Schema) -> bool:
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def _looks_around(name: str, value: object) -> bool:
    return name == "pattern" and isinstance(value, str) and any(mark in value for mark in ("(?=", "(?!", "(?<"))


def _is_closed(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return True
    if ("properties" in schema or _is_object(schema)) and schema.get("additionalProperties") is not False:
        return False
    inner = [one for name in _MAPS for one in _map(schema, name).values()]
    inner += [one for name in _LISTS for one in _list(schema, name)]
    inner += [schema[name] for name in _SINGLES if name in schema]
    return all(_is_closed(one) for one in inner)
