"""JSON Schema -> the OpenAPI subset that `parameters` of older Gemini servers takes.

An unknown keyword there is a 400 ("Unknown name"), so only known ones are kept, at the places where they are keywords:
a property that is called "format" or "properties" stays. What the subset says in other words is put into them; the rest
of a schema's constraints is lost, which makes it wider and never narrower. Source: google-genai's typed `Schema`.
"""

from __future__ import annotations

from typing import Any

import msgspec

MAX_DEPTH = 8
"""How often a reference is followed inside itself before it becomes any object."""

MAX_SCHEMAS = 5000
"""How many schemas one may hold once its references are followed; what is beyond is any object."""

_OBJECT = msgspec.json.Decoder(dict[str, Any])
_SILENT = frozenset({"type", "properties", "required", "title", "description", "$schema", "$id", "$comment"})
"""What may stand in a schema that takes nothing."""
_PLAIN = {
    "title": str,
    "description": str,
    "nullable": bool,
    "minItems": int,
    "maxItems": int,
    "minLength": int,
    "maxLength": int,
    "minimum": (int, float),
    "maximum": (int, float),
    "pattern": str,
}
"""Keywords that stay as they are where their value is of the right type."""
_FORMATS = {
    "string": frozenset({"enum", "date-time"}),
    "integer": frozenset({"int32", "int64"}),
    "number": frozenset({"float", "double"}),
}
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})


def takes_something(schema: bytes) -> bool:
    """Whether a function with that schema has any argument; one without has no schema at Google's."""
    parsed = _parsed(schema)
    return bool(parsed.get("properties")) or bool(
        {key for key, value in parsed.items() if key not in _SILENT and value not in (False, None, {}, [])}
    )


def parameters(schema: bytes) -> msgspec.Raw:
    """A function's schema as `parameters`."""
    parsed = _parsed(schema)
    try:
        clean = _Cleaner(parsed).clean(parsed)
    except RecursionError:
        clean = {"type": "object"}
    return msgspec.Raw(msgspec.json.encode(clean))


class _Cleaner:
    """Cleans one schema, whose references point into `root`; a `trail` holds those that are being followed."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._left = MAX_SCHEMAS

    def clean(self, schema: Any, trail: tuple[str, ...] = ()) -> dict[str, Any]:
        """The subset's form of a schema at any place."""
        if not isinstance(schema, dict):
            return {}  # `true`: anything
        self._left -= 1
        if self._left < 0:
            return {"type": "object"}
        schema, trail = self._resolved(schema, trail)
        clean = {key: schema[key] for key, kind in _PLAIN.items() if _is(schema.get(key), kind)}
        _set_type(clean, schema)
        _set_values(clean, schema)
        _set_bounds(clean, schema)
        for key in ("default", "example"):
            if key in schema:
                clean[key] = schema[key]
        self._set_inner(clean, schema, trail)
        self._set_choices(clean, schema, trail)
        return clean

    def _resolved(self, schema: dict[str, Any], trail: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The schema with what it refers to and the parts of its `allOf` in it; a circle is any object."""
        resolved = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        parts = [one for one in _list(schema, "allOf") if isinstance(one, dict)]
        if isinstance(ref := schema.get("$ref"), str):
            target = _target(self._root, ref)
            if target is None or ref in trail or len(trail) >= MAX_DEPTH:
                return {"type": "object", **resolved}, trail
            trail = (*trail, ref)
            parts.insert(0, target)
        for part in parts:
            inner, trail = self._resolved(part, trail)
            _merge(resolved, inner)
        return resolved, trail

    def _set_inner(self, clean: dict[str, Any], schema: dict[str, Any], trail: tuple[str, ...]) -> None:
        properties = schema.get("properties")
        if isinstance(properties, dict) and properties:
            clean["properties"] = {name: self.clean(one, trail) for name, one in properties.items()}
            for key in ("required", "propertyOrdering"):
                if named := [name for name in _list(schema, key) if isinstance(name, str) and name in properties]:
                    clean[key] = named
            clean.setdefault("type", "object")
        if clean.get("type") == "array" or "items" in schema:
            clean["items"] = self.clean(schema.get("items"), trail) or {"type": "string"}

    def _set_choices(self, clean: dict[str, Any], schema: dict[str, Any], trail: tuple[str, ...]) -> None:
        """`anyOf` and `oneOf`; a branch for null becomes `nullable`, and a branch that is left alone the schema."""
        given = [*_list(schema, "anyOf"), *_list(schema, "oneOf")]
        if not given:
            return
        branches = [one for one in given if not (isinstance(one, dict) and one.get("type") == "null")]
        if len(branches) < len(given):
            clean["nullable"] = True
        cleaned = [self.clean(one, trail) for one in branches]
        if len(cleaned) == 1:
            for key, value in cleaned[0].items():
                clean.setdefault(key, value)
        elif cleaned:
            clean["anyOf"] = cleaned


def _set_type(clean: dict[str, Any], schema: dict[str, Any]) -> None:
    """One type; several become branches, and null among them or alone `nullable`."""
    kind = schema.get("type")
    given = [one.lower() for one in (kind if isinstance(kind, list) else [kind]) if isinstance(one, str)]
    kinds = [one for one in given if one in _TYPES]
    if "null" in given:
        clean["nullable"] = True
    if len(kinds) > 1 and not any(key in schema for key in ("properties", "items", "anyOf", "oneOf")):
        clean["anyOf"] = [
            {"type": one, "items": {"type": "string"}} if one == "array" else {"type": one} for one in kinds
        ]
    elif kinds:
        clean["type"] = "object" if "properties" in schema and "object" in kinds else kinds[0]
    word = schema.get("format")
    if isinstance(word, str) and word in _FORMATS.get(clean.get("type", "string"), ()):
        clean["format"] = word


def _set_values(clean: dict[str, Any], schema: dict[str, Any]) -> None:
    """The allowed values, which are strings only; others cannot be bound."""
    values = _list(schema, "enum")
    if "const" in schema:
        values = [schema["const"]]
    strings = [one for one in values if isinstance(one, str) and one]
    if None in values:
        clean["nullable"] = True
    if strings and len(strings) == sum(one is not None for one in values):
        clean["enum"] = strings
        clean.setdefault("type", "string")
    elif values and not strings and "type" not in clean and "anyOf" not in clean:
        clean["type"] = _type_of(values[0])


def _set_bounds(clean: dict[str, Any], schema: dict[str, Any]) -> None:
    for key, bound, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        value: Any = schema.get(key)
        if _is(value, (int, float)):
            clean[bound] = value + step if clean.get("type") == "integer" else value


def _merge(schema: dict[str, Any], part: dict[str, Any]) -> None:
    """Add a part of the schema to it: properties and required together, of everything else the first counts."""
    for key, value in part.items():
        if key == "properties" and isinstance(value, dict) and isinstance(schema.get(key), dict):
            schema[key] = {**value, **schema[key]}
        elif key == "required" and isinstance(value, list):
            schema[key] = list(dict.fromkeys(one for one in (*_list(schema, key), *value) if isinstance(one, str)))
        else:
            schema.setdefault(key, value)


def _target(root: dict[str, Any], ref: str) -> dict[str, Any] | None:
    """What `#/$defs/name` points at; None for anything outside the schema."""
    place: Any = root
    if not ref.startswith("#"):
        return None
    for step in ref.removeprefix("#").split("/")[1:]:
        if not isinstance(place, dict):
            return None
        place = place.get(step.replace("~1", "/").replace("~0", "~"))
    return place if isinstance(place, dict) else None


def _is(value: Any, kind: Any) -> bool:
    """Whether a value is of that type; a truth value is no number."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _list(schema: dict[str, Any], key: str) -> list[Any]:
    value = schema.get(key)
    return value if isinstance(value, list) else []


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "string"


def _parsed(schema: bytes) -> dict[str, Any]:
    try:
        return _OBJECT.decode(schema)
    except (msgspec.DecodeError, RecursionError):
        return {}
