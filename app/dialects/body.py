"""Client bodies read with care: bounded JSON, errors that name the place, and the one splice we allow ourselves.

A body is checked as a whole (`read`), because a small one can cost much memory when it is built up, and a struct keeps
the last of two equal keys without a word. Everything here works by whole-buffer operations, so that
32 MB of base64 cost milliseconds.
"""

from __future__ import annotations

import math
import re
from contextvars import ContextVar
from itertools import chain
from typing import TypeVar

import msgspec

from app.domain.errors import ErrorKind, PatchbayError

MAX_DEPTH: ContextVar[int] = ContextVar("max_depth", default=100)
"""How deep a body may be nested that is read in this context; at most 256, for readers call themselves."""
MAX_OPENERS = 500_000
MAX_MEMBERS = 500_000
MAX_COMMAS = 4_000_000
T = TypeVar("T")

_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_OFFSET = re.compile(r" ?\(byte (\d+)\)$")
_LARGE = (re.compile(rb"[0-9][0-9.]*[eE]\+?[0-9]{3,}"), re.compile(rb"[0-9]{309,}"))
"""Numbers that may not fit a double."""
_KEY = re.compile(rb'[ \t\r\n{,]*(?P<key>"(?:[^"\\]++|\\.)*+")[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_QUOTED_QUOTE = re.compile(rb'\\["\\]')
_ESCAPE = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_STRUCTURE = bytes(set(range(256)) - set(b"[]{}"))
_ARRAY, _WORD = b"[", b"tf"
_NUMBER, _COUNT = b"-0123456789", b"0123456789"
_KINDS: dict[str, tuple[bytes, str]] = {
    # name -> (how a value begins, what it must be); dialects that share a name share its type
    "stream": (_WORD, "must be true or false"),
    "messages": (_ARRAY, "must be a list of messages"),
    "tools": (b"[{", "must be a list of tools"),  # Gemini takes one alone
    "stop_sequences": (_ARRAY, "must be a list of texts"),
    "temperature": (_NUMBER, "must be a number"),
    "top_p": (_NUMBER, "must be a number"),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "max_output_tokens"), (_COUNT, "must be a whole number")),
    **dict.fromkeys(("top_k", "n"), (_COUNT, "must be a whole number")),
}
_NEEDED = ("messages",)
_NO_OBJECT = re.compile(rb"\[[ \t\r\n]*[^ \t\r\n{\]]")
_COUNT_DIGITS = 10
MAX_ITEMS = 100_000
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_PAIR = re.compile(rb"\[\]|\{\}")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)


def invalid(message: str, param: str | None = None) -> PatchbayError:
    """An INVALID_REQUEST whose text begins with the field at fault."""
    return PatchbayError(ErrorKind.INVALID_REQUEST, f"{param}: {message}" if param else message, param=param)


def decode(decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw, at: str = "") -> T:
    """The typed value of some JSON of the client; `at` is where it stands in the body ("messages.0").

    Raises PatchbayError INVALID_REQUEST with the field as `param`, or with the byte offset of what is no JSON.
    """
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), at) from None
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise invalid(f"a string is not valid UTF-8 ({error.reason})", at or None) from None
    except msgspec.DecodeError as error:
        mended = without_lone_surrogates(bytes(data))
        if mended != bytes(data):
            return decode(decoder, mended, at)
        raise _malformed(str(error), len(bytes(data)), at) from None


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The typed value of a whole client body, after every check; raises INVALID_REQUEST as `decode` does."""
    _check_text(body)
    value = decode(decoder, body)
    _check_structure(body)
    return value


def members(body: bytes) -> dict[str, slice]:
    """Where the value of each top-level member stands, in the body's order.

    Raises PatchbayError INVALID_REQUEST where the body is no JSON object or has a member twice: we and the upstream
    might each believe another one.
    """
    try:
        values = _OBJECT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = without_lone_surrogates(body)  # keeps every length
        values = decode(_OBJECT, body)
    places: dict[str, slice] = {}
    at = 0
    while (key := _KEY.match(body, at)) is not None:
        name = decode(_TEXT, key["key"])
        value = bytes(values.get(name, b""))
        if name in places or not body.startswith(value, key.end()):
            raise invalid("the field is there twice", name)
        at = key.end() + len(value)
        places[name] = slice(key.end(), at)
    return places


def with_model(body: bytes, model: str) -> bytes:
    """The same bytes with only the value of the top-level `model` replaced.

    Raises PatchbayError INVALID_REQUEST where there is none.
    """
    place = members(body).get("model")
    if place is None:
        raise invalid("a model name is required", "model")
    return body[: place.start] + msgspec.json.encode(model) + body[place.stop :]


def without_lone_surrogates(data: bytes) -> bytes:
    r"""JSON with every half of a surrogate pair that stands alone as \ufffd; the same object where there is none.

    JavaScript writes such halves where it cuts a text inside an emoji; no JSON reader for UTF-8 takes them.
    """
    if b"\\ud" not in data and b"\\uD" not in data:
        return data
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["lone"] else found[0], data)


def _check_text(body: bytes) -> None:
    if not body:
        raise invalid("The body is empty.")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise invalid(f"The body is not valid UTF-8 (byte {error.start}).") from None
    if len(body) <= MAX_OPENERS:
        return
    counts = (body.count(b"{") + body.count(b"["), body.count(b":"), body.count(b","))
    if counts[0] > MAX_OPENERS or counts[1] > MAX_MEMBERS or counts[2] > MAX_COMMAS:
        raise invalid("The body holds more JSON values than Patchbay reads at once.")


def _check_structure(body: bytes) -> None:
    """Depth, numbers and duplicate keys of a body that is known to be JSON."""
    bare = _outside_strings(body)
    brackets = bare.translate(None, _STRUCTURE)
    if len(brackets) > MAX_DEPTH.get():
        _check_depth(brackets)
    for found in chain.from_iterable(shape.finditer(bare) for shape in _LARGE):
        if not math.isfinite(float(found[0])):
            raise invalid("The body holds a number that is too large.")
    _check_kinds(body, members(body))


def _check_kinds(body: bytes, places: dict[str, slice]) -> None:
    """The types of the fields that every provider would refuse, so that a request in its own dialect is not sent on."""
    for name in _KINDS.keys() & places.keys():
        place = places[name]
        beginnings, what = _KINDS[name]
        if body[place.start] == ord("n") and name not in _NEEDED:
            continue  # null: not given
        size = place.stop - place.start
        if body[place.start] not in beginnings:
            raise invalid(what, name)
        if beginnings is _COUNT and not (size <= _COUNT_DIGITS and body[place].isdigit()):
            raise invalid(what, name)
        if name == "messages" and _NO_OBJECT.match(body, place.start):
            raise invalid(what, name)
        if beginnings is _ARRAY and size > 2 * MAX_ITEMS and len(decode(_ITEMS, body[place], name)) > MAX_ITEMS:
            raise invalid(f"must be at most {MAX_ITEMS:,} long", name)


def _check_depth(brackets: bytes) -> None:
    """Takes away the innermost pairs, level by level; something is left of what is nested too deep."""
    for _ in range(MAX_DEPTH.get()):
        brackets = _PAIR.sub(b"", brackets)
        if not brackets:
            return
    raise _too_deep()


def _outside_strings(body: bytes) -> bytes:
    """JSON with every string and its quotes cut out."""
    if b"\\" in body:
        body = _QUOTED_QUOTE.sub(b"", body)
    return b"".join(body.split(b'"')[::2])


def _misfit(text: str, at: str) -> PatchbayError:
    place = _PLACE.search(text)
    text = _PLACE.sub("", text)
    inside = re.sub(r"\[(.*?)\]", r".\1", place["path"]).strip(".") if place else ""
    missing = _MISSING.fullmatch(text)
    param = ".".join(part for part in (at, inside, missing["name"] if missing else "") if part)
    return invalid("field required" if missing else text.replace("`", ""), param or None)


def _malformed(text: str, size: int, at: str) -> PatchbayError:
    offset = _OFFSET.search(text)
    what = _OFFSET.sub("", text).removeprefix("JSON is malformed: ")
    return invalid(f"The body is not valid JSON: {what} (byte {offset[1] if offset else size}).", at or None)


def _too_deep() -> PatchbayError:
    return invalid(f"The body is nested deeper than {MAX_DEPTH.get()} levels.")
