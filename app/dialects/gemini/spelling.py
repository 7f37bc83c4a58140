"""Requests in other spellings than Google's lowerCamelCase: read the same, named in errors as the client wrote them.

Google's servers take every member in snake_case too (google-genai sends both in one body), one object where a list is
due, and numbers in text (protobuf's JSON mapping). The structs take none of these, so that the common request is
decoded once; what they refuse is rewritten here, member by member, and decoded again. JSON that the structs leave
alone (arguments, schemas) stays as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import GenericAlias
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec

from app.dialects.body import decode, invalid, read, without_lone_surrogates
from app.dialects.gemini.wire_in import Wire
from app.domain.errors import PatchbayError

T = TypeVar("T", bound=Wire)
_Json = bytes | msgspec.Raw

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_UNDERSCORE = re.compile(r"_([a-z])")
_CAPITAL = re.compile(r"[A-Z]")


@dataclass(frozen=True, slots=True)
class Spelled(Generic[T]):
    """A request that was read, with the way back to the client's own names."""

    value: T
    unknown: tuple[str, ...] = ()
    """Members that Google has not, or not yet."""
    body: bytes = b""
    """The client's JSON, where it is spelled in another way."""

    def path(self, path: str) -> str:
        """A place ("generationConfig.topK") as the client spelled it ("generation_config.top_k")."""
        return _as_spelled(self.body, path) if self.body else path

    def error(self, error: PatchbayError) -> PatchbayError:
        """The error with the client's own name of the field at fault."""
        if self.body and error.param:
            theirs = self.path(error.param)
            error.message = error.message.replace(error.param, theirs, 1)
            error.param = theirs
        return error


def read_spelled(kind: type[T], body: bytes) -> Spelled[T]:
    """A whole client body; raises PatchbayError INVALID_REQUEST with the field as the client spelled it."""
    read(_MEMBERS, body)
    body = without_lone_surrogates(body)
    try:
        return Spelled(_decoder(kind).decode(body))
    except (msgspec.DecodeError, RecursionError):
        pass
    unknown: dict[str, None] = {}
    rewritten = _object(body, kind, "", unknown)
    try:
        return Spelled(decode(_lenient(kind), rewritten), tuple(unknown), body)
    except PatchbayError as error:
        raise Spelled(kind(), body=body).error(error) from None


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@cache
def _lenient(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind, strict=False)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What may stand in a member."""

    one: type[Wire] | None = None
    """What an object is."""
    item: type[Wire] | None = None
    """What an object in a list is."""


_PLAIN = _Shape()


@cache
def _shapes(kind: type[Wire]) -> dict[str, _Shape]:
    return {member.encode_name: _shape(member.type) for member in msgspec.structs.fields(kind)}


def _shape(kind: object) -> _Shape:
    one = item = None
    for option in get_args(kind) or (kind,):
        if isinstance(option, type) and get_origin(option) is None and issubclass(option, Wire):
            one = option
        elif get_origin(option) is list:
            item = _shape(get_args(option)[0]).one
    return _Shape(one, item) if one or item else _PLAIN


def _object(value: _Json, kind: type[Wire], at: str, unknown: dict[str, None]) -> bytes:
    shapes = _shapes(kind)
    found: dict[str, _Json] = {}
    for name, inner in _MEMBERS.decode(value).items():
        place = f"{at}.{name}" if at else name
        known = name if name in shapes else _UNDERSCORE.sub(lambda hit: hit[1].upper(), name)
        if memoryview(inner).nbytes == 4 and bytes(inner) == b"null":
            continue
        shape = shapes.get(known)
        if shape is None:
            unknown[place] = None
            continue
        if known in found:
            raise invalid("the field is there twice", place)
        found[known] = inner if shape is _PLAIN else _value(inner, shape, place, unknown)
    return b"{%b}" % b",".join([b'"%b":%b' % (name.encode(), one) for name, one in found.items()])


def _value(value: _Json, shape: _Shape, at: str, unknown: dict[str, None]) -> _Json:
    """What stands in a member, the same where the structs take it: most of a body that has one odd member."""
    first = bytes(memoryview(value)[:1])
    if first == b"{" and shape.one is not None:
        return value if _fits(value, shape.one) else _object(value, shape.one, at, unknown)
    if shape.item is None:
        return value
    if first == b"{":
        return b"[%b]" % _object(value, shape.item, at, unknown)
    if first != b"[" or _fits(value, GenericAlias(list, (shape.item,))):
        return value
    item = _Shape(shape.item)
    return b"[%b]" % b",".join([_value(one, item, at, unknown) for one in _ITEMS.decode(value)])


def _fits(value: _Json, kind: Any) -> bool:
    try:
        _decoder(kind).decode(value)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _as_spelled(body: bytes, path: str) -> str:
    """The path as far as it leads; what is missing from there on keeps Google's spelling."""
    names = path.split(".")
    for kept in range(len(names), 0, -1):
        found = _found(body, names[:kept])
        if found is not None:
            return ".".join([*found, *names[kept:]])
    return path


def _found(value: _Json, names: list[str]) -> list[str] | None:
    """The client's names on the way, whose list items may be left out; None where there is no such way."""
    if not names:
        return []
    name, rest = names[0], names[1:]
    first = bytes(memoryview(value)[:1])
    if first == b"[":
        items = _ITEMS.decode(value)
        if not name.isdecimal():
            return next((way for item in items if (way := _found(item, names)) is not None), None)
        way = _found(items[int(name)], rest) if int(name) < len(items) else None
        return None if way is None else [name, *way]
    if name.isdecimal():
        return _found(value, rest)  # one object in the place of a list
    if first != b"{":
        return None
    members = _MEMBERS.decode(value)
    theirs = name if name in members else _CAPITAL.sub(lambda hit: "_" + hit[0].lower(), name)
    way = _found(members[theirs], rest) if theirs in members else None
    return None if way is None else [theirs, *way]
