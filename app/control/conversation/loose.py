"""Reading JSON of unknown shape without ever raising: each function gives its type or its empty value."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from json import decoder, scanner
from typing import Any

from app.control.conversation.breath import Breath
from app.domain.exchange import StoredSide

_HELD_BYTES = 512 * 1024
"""What the C scanner reads in a few milliseconds; it holds the interpreter for the whole text."""
_INFLATED_BYTES = 64 * 1024 * 1024


class _Sharing(json.JSONDecoder):
    """The standard library's decoder in Python: slower, but other threads run meanwhile."""

    def __init__(self) -> None:
        self._breath = Breath()
        super().__init__(object_hook=self._breathe)
        self.parse_string = decoder.py_scanstring  # type: ignore[attr-defined]
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    def _breathe(self, value: dict[str, Any]) -> dict[str, Any]:
        self._breath()
        return value


def parse(body: bytes | str) -> Any:
    """The JSON value of a body, or None where it is none."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return json.loads(text) if len(text) <= _HELD_BYTES else _Sharing().decode(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> tuple[Any, ...]:
    """The elements of a JSON array; nothing for anything else."""
    return tuple(value) if isinstance(value, list) else ()


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects among the elements of a JSON array."""
    return (one for one in items(value) if isinstance(one, dict))


def text(value: Any) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def pretty(value: Any) -> str:
    """JSON for reading: indented, in the sender's order; a string that holds JSON is opened first."""
    if isinstance(value, str):
        inner = parse(value)
        if not isinstance(inner, dict | list):
            return value
        value = inner
    return json.dumps(value, ensure_ascii=False, indent=2)


def plain_body(side: StoredSide) -> bytes:
    """The body without its content coding where the standard library knows it; as stored otherwise."""
    coding = next((value.lower() for name, value in side.headers if name.lower() == "content-encoding"), "")
    wbits = {"gzip": 47, "x-gzip": 47, "deflate": 15}.get(coding)
    if wbits is None:
        return side.body
    try:
        return zlib.decompressobj(wbits).decompress(side.body, _INFLATED_BYTES)
    except zlib.error:  # recorded decoded, although the header stayed
        return side.body


def stream(body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The (event name, JSON object) pairs of a server-sent event stream; what is not JSON is passed over."""
    name, data = "", list[bytes]()
    for line in body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if not line:
            value = parse(b"\n".join(data)) if data else None
            if isinstance(value, dict):
                yield name, value
            name, data = "", list[bytes]()
            continue
        field, _, rest = line.partition(b":")
        rest = rest.removeprefix(b" ")
        if field == b"event":
            name = rest.decode("utf-8", "replace")
        elif field == b"data":
            data.append(rest)
    value = parse(b"\n".join(data)) if data else None
    if isinstance(value, dict):
        yield name, value
