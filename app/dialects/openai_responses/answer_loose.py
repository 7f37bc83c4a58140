"""Events, items and answers decoded; where they break the types we know, as far as they make sense. Never raises.

See `loose_json` for what counts as making sense.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from app.dialects.loose_json import dicts, fitting, load
from app.dialects.openai_responses import wire_answer as wire

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_EVENT = msgspec.json.Decoder(wire.EventIn)
_ITEM = msgspec.json.Decoder(wire.ItemIn)
_RESPONSE = msgspec.json.Decoder(wire.ResponseIn)
T = TypeVar("T", bound=msgspec.Struct)


def read_event(data: bytes) -> wire.EventIn | None:
    """An event; None where the bytes are no JSON at all."""
    try:
        return _EVENT.decode(data)
    except _UNREADABLE:
        value = load(data)
    if value is None and data.strip() != b"null":
        return None
    return _members(wire.EventIn, value, "item", "response", "error") or wire.EventIn()


def read_item(raw: Raw | bytes) -> wire.ItemIn:
    """An output item."""
    try:
        return _ITEM.decode(raw)
    except _UNREADABLE:
        value = load(bytes(raw))
    item = fitting(wire.ItemIn, value)
    if item is None:
        return wire.ItemIn()
    if item.content is None:
        item.content = _parts(value.get("content"))
    if item.summary is None:
        item.summary = _parts(value.get("summary"))
    if item.arguments is None and value.get("arguments") is not None:
        item.arguments = json.dumps(value["arguments"], ensure_ascii=False, separators=(",", ":"))
    return item


def read_response(raw: Raw | bytes) -> wire.ResponseIn | None:
    """An answer; None where the bytes are no JSON object."""
    try:
        return _RESPONSE.decode(raw)
    except _UNREADABLE:
        value = load(bytes(raw))
    response = _members(wire.ResponseIn, value, "error")
    if response is not None and response.output is None and isinstance(value.get("output"), list):
        response.output = [_raw(one) for one in value["output"]]
    return response


def _members(kind: type[T], value: Any, *uninterpreted: str) -> T | None:
    """The struct from those members that fit it; the uninterpreted ones as JSON."""
    if not isinstance(value, dict):
        return None
    found = fitting(kind, {name: one for name, one in value.items() if name not in uninterpreted})
    for name in uninterpreted:
        setattr(found, name, _raw(value[name]) if name in value else wire.NOTHING)
    return found


def _parts(value: object) -> list[wire.PartIn]:
    parts = [fitting(wire.PartIn, one) for one in dicts(value)]
    return [part for part in parts if part is not None]


def _raw(value: Any) -> Raw:
    try:
        return Raw(json.dumps(value).encode())
    except RecursionError:
        return wire.NOTHING
