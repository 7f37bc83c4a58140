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
from typing import Generic, TypeVar, get_args, get_origin

import msgspec

from app.dialects.body import decode, invalid, read, without_lone_surrogates
from app.dialects.gemini.wire_in import Wire
from app.domain.errors import PatchbayError

T = TypeVar("T", bound=Wire)

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
    try:
        return Spelled(read(_decoder(kind), body))
    except PatchbayError:
        read(_MEMBERS, body)  # raises what concerns no field
    body = without_lone_surrogates(body)
    unknown: dict[str, None] = {}
    rewritten = _object(body, kind, "", unknown)
    try:
        return Spelled(decode(_lenient(kind), rewritten), tuple(unknown), body)
    except PatchbayError as error:
        raise Spelled(kind(), body=body).error(error) from None


@cache
def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
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
    return _Shape(one, item)


def _object(value: bytes | msgspec.Raw, kind: type[Wire], at: str, unknown: dict[str, None]) -> bytes:
    shapes = _shapes(kind)
    found: dict[str, bytes] = {}
    for name, inner in _MEMBERS.decode(value).items():
        place = f"{at}.{name}" if at else name
        known = name if name in shapes else _UNDERSCORE.sub(lambda hit: hit[1].upper(), name)
        if known in found:
            raise invalid("the field is there twice", place)
        if known in shapes:
            found[known] = _value(bytes(inner), shapes[known], place, unknown)
        elif bytes(inner) != b"null":
            unknown[place] = None
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), inner) for name, inner in found.items()) + b"}"


def _value(value: bytes, shape: _Shape, at: str, unknown: dict[str, None]) -> bytes:
    if value[:1] == b"{" and shape.one is not None:
        return _object(value, shape.one, at, unknown)
    if shape.item is None:
        return value
    if value[:1] == b"{":
        return b"[" + _object(value, shape.item, at, unknown) + b"]"
    if value[:1] != b"[":
        return value
    items = [bytes(one) for one in _ITEMS.decode(value)]
    return b"[" + b",".join(_value(one, _Shape(shape.item), at, unknown) for one in items) + b"]"


def _as_spelled(body: bytes, path: str) -> str:
    value, names = body, path.split(".")
    parts: list[str] = []
    for done, name in enumerate(names):
        try:
            if name.isdecimal() and value[:1] == b"[":
                value = bytes(_ITEMS.decode(value)[int(name)])
            elif name.isdecimal():
                continue  # one object in the place of a list
            else:
                members = _MEMBERS.decode(value)
                name = name if name in members else _CAPITAL.sub(lambda hit: "_" + hit[0].lower(), name)  # noqa: PLW2901 (its other spelling)
                value = bytes(members[name])
        except (msgspec.DecodeError, LookupError):
            return ".".join([*parts, *names[done:]])
        parts.append(name)
    return ".".join(parts)
