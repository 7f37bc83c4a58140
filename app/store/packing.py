"""The heavy parts of an exchange as bytes: heads (lines and headers), timeline, attempts, trace; and back.

Heads are stored the way HTTP writes them, one text for all four sides, so that secrets are searched for once.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from itertools import chain

from app.domain.exchange import Attempt, Headers, Side, Sides
from app.domain.redact import Redactor
from app.domain.routing import Weighed
from app.store.frames import compress, decompress
from app.store.recent import Recent

SIDES = ("client_request", "upstream_request", "upstream_reply", "client_reply")
"""The four messages of an exchange; a side's place here is its `kind` in the database."""
CLIENT_REQUEST = 0
ANSWER = 4
"""The `kind` of the answer's readable text."""

_BETWEEN_SIDES = "\n\x1e\n"
_MAX_U32 = 2**32 - 1
_KNOWN_LINES = 4_096


def sides_of(sides: Sides) -> tuple[Side, Side, Side, Side]:
    """The four sides in the order of `SIDES`."""
    return sides.client_request, sides.upstream_request, sides.upstream_reply, sides.client_reply


class HeadPacker:
    """Masks and packs heads; remembers lines, because most come again with every request. One thread's."""

    def __init__(self) -> None:
        self._lines: Recent[tuple[str, str], str] = Recent(_KNOWN_LINES)

    def forget(self) -> None:
        """Look at every line again: the secrets are others now."""
        self._lines.clear()

    def pack(self, sides: Sides, redactor: Redactor) -> bytes:
        """Lines and headers of the four sides, masked and compressed."""
        four = [(("", side.line), *side.headers) for side in sides_of(sides)]
        every = dict.fromkeys(chain.from_iterable(four))
        found = {header: line for header in every if (line := self._lines.get(header)) is not None}
        new = [header for header in every if header not in found]
        for header, (name, value) in zip(new, redactor.headers(new), strict=True) if new else ():
            line = f"{name}: {value}" if name else value
            # Neither may stand in a line of HTTP's head; should one come all the same, no line must begin here.
            found[header] = self._lines[header] = line.replace("\n", " ").replace("\x1e", " ")
        texts = ["\n".join([found[header] for header in head]) for head in four]
        return compress(_BETWEEN_SIDES.join(texts).encode("utf-8", "replace"))


def unpack_heads(packed: bytes) -> tuple[tuple[str, Headers], ...]:
    """(line, headers) of each of the four sides."""
    return tuple(_head(text) for text in decompress(packed).decode("utf-8", "replace").split(_BETWEEN_SIDES))


def _head(text: str) -> tuple[str, Headers]:
    line, *headers = text.split("\n")
    return line, tuple((name, value) for name, _, value in (header.partition(": ") for header in headers))


def pack_timeline(timeline: Sequence[tuple[int, int]]) -> bytes:
    """(milliseconds, bytes) pairs as unsigned 32-bit numbers, compressed; empty for none."""
    if not timeline:
        return b""
    numbers = tuple(chain.from_iterable(timeline))
    form = f"<{len(numbers)}I"
    try:
        return compress(struct.pack(form, *numbers))
    except struct.error:
        return compress(struct.pack(form, *(min(max(number, 0), _MAX_U32) for number in numbers)))


def unpack_timeline(packed: bytes) -> tuple[tuple[int, int], ...]:
    """The pairs that `pack_timeline` was given."""
    if not packed:
        return ()
    data = decompress(packed)
    numbers = iter(struct.unpack(f"<{len(data) // 4}I", data))
    return tuple(zip(numbers, numbers, strict=True))


def pack_attempts(attempts: Sequence[Attempt], redactor: Redactor) -> str:
    """Attempts as JSON; empty for none."""
    if not attempts:
        return ""
    rows = [
        (one.provider, one.model, one.started_us, one.duration_ms, one.status, one.error, one.account)
        for one in attempts
    ]
    return json.dumps([_masked(row, redactor) for row in rows])


def unpack_attempts(packed: str) -> tuple[Attempt, ...]:
    """The attempts that `pack_attempts` was given."""
    return tuple(Attempt(*values) for values in json.loads(packed)) if packed else ()


def pack_trace(trace: Sequence[Weighed], redactor: Redactor) -> str:
    """A routing trace as JSON; empty for none."""
    if not trace:
        return ""
    rows = [(one.provider, one.account, one.model, one.verdict, one.why, one.at_ms) for one in trace]
    return json.dumps([_masked(row, redactor) for row in rows])


def unpack_trace(packed: str) -> tuple[Weighed, ...]:
    """The trace that `pack_trace` was given."""
    return tuple(Weighed(*values) for values in json.loads(packed)) if packed else ()


def _masked(row: Sequence[str | int], redactor: Redactor) -> list[str | int]:
    """Every text of it: a client may paste a key as the name of a model."""
    return [masked(one, redactor) if isinstance(one, str) else one for one in row]


def pack_words(words: Sequence[str]) -> str:
    """Field names, one a line."""
    return "\n".join(words)


def unpack_words(packed: str) -> tuple[str, ...]:
    """The names that `pack_words` was given."""
    return tuple(packed.split("\n")) if packed else ()


def masked(text: str, redactor: Redactor) -> str:
    """The text without secrets; most texts are empty and cost nothing."""
    return redactor.text(text) if text else text


def pack_ids(ids: Iterable[int]) -> bytes:
    """Block ids of a node, in order."""
    numbers = tuple(ids)
    return struct.pack(f"<{len(numbers)}Q", *numbers)


def unpack_ids(packed: bytes) -> tuple[int, ...]:
    """The ids that `pack_ids` was given."""
    return struct.unpack(f"<{len(packed) // 8}Q", packed)
