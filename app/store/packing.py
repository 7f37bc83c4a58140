"""The heavy parts of an exchange as bytes: heads (lines and headers), timeline, attempts; and back.

Heads are stored the way HTTP writes them, one text for all four sides, so that secrets are searched for once.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from itertools import chain

from app.domain.exchange import Attempt, Headers, Side, Sides
from app.domain.redact import Redactor
from app.store.frames import compress, decompress

SIDES = ("client_request", "upstream_request", "upstream_reply", "client_reply")
"""The four messages of an exchange; a side's place here is its `kind` in the database."""
CLIENT_REQUEST = 0
ANSWER = 4
"""The `kind` of the answer's readable text."""

_BETWEEN_SIDES = "\n\x1e\n"
_MAX_U32 = 2**32 - 1


def sides_of(sides: Sides) -> tuple[Side, Side, Side, Side]:
    """The four sides in the order of `SIDES`."""
    return sides.client_request, sides.upstream_request, sides.upstream_reply, sides.client_reply


def pack_heads(sides: Sides, redactor: Redactor) -> bytes:
    """Lines and headers of the four sides, masked and compressed."""
    four = sides_of(sides)
    masked = redactor.headers(chain.from_iterable((("", side.line), *side.headers) for side in four))
    texts, at = [], 0
    for side in four:
        upto = at + 1 + len(side.headers)
        lines = [masked[at][1], *(f"{name}: {value}" for name, value in masked[at + 1 : upto])]
        # Neither may stand in HTTP's header lines; should one come all the same, it must not start a new line here.
        texts.append("\n".join(line.replace("\n", " ").replace("\x1e", " ") for line in lines))
        at = upto
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
    numbers = [min(max(number, 0), _MAX_U32) for number in chain.from_iterable(timeline)]
    return compress(struct.pack(f"<{len(numbers)}I", *numbers))


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
    return json.dumps(
        [(one.provider, one.model, one.started_us, one.duration_ms, one.status, masked(one.error, redactor))
         for one in attempts]
    )  # fmt: skip


def unpack_attempts(packed: str) -> tuple[Attempt, ...]:
    """The attempts that `pack_attempts` was given."""
    return tuple(Attempt(*values) for values in json.loads(packed)) if packed else ()


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
