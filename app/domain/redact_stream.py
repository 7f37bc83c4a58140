"""Masking what a stream says in pieces: a key that comes letter by letter must not stand whole in a stored copy.

Every piece looks harmless by itself, and whoever joins them again has the key. So the texts of a stream are joined as a
client would join them, searched, and taken out of the pieces that hold a part. Only such events are written anew; a
stream without a secret stays as it was, byte for byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.redact import MASK, Redactor

_BEGINS = (b"data:", b"event:", b":", b"id:", b"retry:")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LABELS = ("index", "output_index", "content_index", "summary_index", "item_id")
"""What tells one text from another that comes at the same time, in all dialects."""
_SAME_EVERY_TIME = frozenset(
    {"type", "id", "object", "model", "role", "item_id", "event", "responseId", "modelVersion"}
)

_MEMBER = re.compile(
    rb'"(?!(?:%s)")([^"\\]+)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"' % "|".join(sorted(_SAME_EVERY_TIME)).encode()
)
_NUMBER = re.compile(rb'"((?:output_|content_|summary_)?index)"\s*:\s*(\d{1,9})')
_TWO_TEXTS = re.compile(rb'"text"\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"[^{}"\[\]]*(?:"[^"{}]*"[^{}"]*)*\}\s*,\s*\{')

Channel = tuple[str | int, ...]
Place = tuple[str | int, ...]


@dataclass(slots=True)
class _Event:
    """One event with a JSON value: where it stands in the body, and whether the value was changed."""

    start: int
    end: int
    value: Any
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text: in which event and where in its value."""

    event: _Event
    place: Place
    text: bytes


def mask_stream(body: bytes, redactor: Redactor) -> bytes:
    """A copy of a stream's body without the secrets that its pieces make together; the same object where there is none.

    Anything but server-sent events, or a JSON array of them, comes back as it is. Linear in the length of the body.
    """
    head = body[:64].lstrip()
    listed = head.startswith(b"[")
    if not (listed or head.startswith(_BEGINS)) or _is_clean(body, redactor):
        return body
    events = list(_listed(body) if listed else _sent(body))
    channels: dict[Channel, list[_Piece]] = {}
    for event in events:
        for channel, place, text in _texts(event.value, (), ()):
            channels.setdefault(channel, []).append(_Piece(event, place, text.encode("utf-8", "replace")))
    for pieces in channels.values():
        if len(pieces) > 1:
            _mask_channel(pieces, redactor)
    return _written(body, events) if any(event.changed for event in events) else body


def _is_clean(body: bytes, redactor: Redactor) -> bool:
    """Whether it is certain without parsing that the texts hold no secret: nearly always, at a tenth of the cost.

    Texts of one key joined in their order hold every text whole, as long as no two of them come at the same time.
    """
    if _side_by_side(body):
        return False
    texts: dict[bytes, list[bytes]] = {}
    for key, text in _MEMBER.findall(body):
        texts.setdefault(key, []).append(text)
    try:
        joined = [json.loads(b'"' + b"".join(pieces) + b'"', strict=False) for pieces in texts.values()]
    except ValueError:
        return False
    return not any(redactor.spans(text.encode("utf-8", "replace")) for text in joined)


def _side_by_side(body: bytes) -> bool:
    """Whether texts may come at the same time: an index that goes back, or two texts in one list."""
    numbers: dict[bytes, int] = {}
    for name, digits in _NUMBER.findall(body):
        number = int(digits)
        if number < numbers.get(name, 0):
            return True
        numbers[name] = number
    return _TWO_TEXTS.search(body) is not None


def _sent(body: bytes) -> Iterator[_Event]:
    """Server-sent events; `data` over several lines is one value, as the standard joins it."""
    start, end = 0, 0
    data: list[bytes] = []
    for line in _LINE.finditer(body):
        text = line.group().rstrip(b"\r\n")
        if text.startswith(b"data:"):
            start = start if data else line.start()
            end = line.start() + len(text)
            data.append(text[5:])
        elif data:
            yield from _parsed(start, end, b"\n".join(data))
            data = []
    if data:
        yield from _parsed(start, end, b"\n".join(data))


def _parsed(start: int, end: int, data: bytes) -> Iterator[_Event]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):  # the end marker, or what was cut off
        return
    if isinstance(value, dict):
        yield _Event(start, end, value)


def _listed(body: bytes) -> Iterator[_Event]:
    """The events of Gemini's streams that are a JSON array; written anew all together."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        for one in value:
            yield _Event(0, len(body), one)


def _texts(value: Any, channel: Channel, place: Place) -> Iterator[tuple[Channel, Place, str]]:
    """Every text of an event: what it continues, where it stands, itself."""
    waiting: list[tuple[Any, Channel, Place]] = [(value, channel, place)]
    while waiting:
        value, channel, place = waiting.pop()
        if isinstance(value, dict):
            label = tuple(value[name] for name in _LABELS if isinstance(value.get(name), int | str))
            for key, inner in value.items():
                if isinstance(inner, str) and inner and key not in _SAME_EVERY_TIME:
                    yield (*channel, *label, key), (*place, key), inner
                elif isinstance(inner, dict | list):
                    waiting.append((inner, (*channel, *label, key), (*place, key)))
        elif isinstance(value, list):
            for at, inner in enumerate(value):
                # What bears an index of its own is told apart by that: its place in the list says nothing.
                own = isinstance(inner, dict) and isinstance(inner.get("index"), int)
                if isinstance(inner, dict | list):
                    waiting.append((inner, channel if own else (*channel, at), (*place, at)))


def _mask_channel(pieces: list[_Piece], redactor: Redactor) -> None:
    joined = b"".join(piece.text for piece in pieces)
    spans = redactor.spans(joined)
    if not spans:
        return
    at, next_span = 0, 0
    for piece in pieces:
        end = at + len(piece.text)
        while next_span < len(spans) and spans[next_span][1] <= at:
            next_span += 1
        left = _without(piece.text, at, spans[next_span:])
        if left is not piece.text:
            _put(piece.event.value, piece.place, left.decode("utf-8", "replace"))
            piece.event.changed = True
        at = end


def _without(text: bytes, at: int, spans: list[tuple[int, int]]) -> bytes:
    """The text that begins at `at` of the joined one, masked where a secret begins, cut where it goes on."""
    kept, upto, end = [], at, at + len(text)
    for first, last in spans:
        if first >= end:
            break
        kept.append(text[upto - at : max(first, at) - at])
        if first >= at:
            kept.append(MASK.encode())
        upto = min(last, end)
    return b"".join((*kept, text[upto - at :])) if kept else text


def _put(value: Any, place: Place, text: str) -> None:
    for step in place[:-1]:
        value = value[step]
    value[place[-1]] = text


def _written(body: bytes, events: list[_Event]) -> bytes:
    if events[0].start == 0 and events[0].end == len(body) and not body.lstrip().startswith(_BEGINS):
        return _dump([event.value for event in events])
    out, upto = [], 0
    for event in events:
        if event.changed:
            out += [body[upto : event.start], b"data: ", _dump(event.value)]
            upto = event.end
    return b"".join((*out, body[upto:]))


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
