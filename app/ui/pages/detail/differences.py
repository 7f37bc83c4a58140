"""What a conversion changed between two bodies: a few lines that say it, and the whole comparison. Blocking."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from app.control.conversation import Breath
from app.ui import formats
from app.ui.pages.detail.indent import indented
from app.ui.widgets.text_pages import Piece

MOST_BYTES = 2 * 1024 * 1024
MOST_LINES = 6_000
ADDED, REMOVED, PLACE = "added", "removed", "place"


def hints(before: bytes, after: bytes) -> tuple[str, ...]:
    """Top-level fields that are gone, new or different, in words; nothing where either is no JSON object."""
    old, new = _fields(before), _fields(after)
    if old is None or new is None:
        return ()
    lines = []
    if gone := [key for key in old if key not in new]:
        lines.append("Only before: " + ", ".join(gone))
    if come := [key for key in new if key not in old]:
        lines.append("Only after: " + ", ".join(come))
    changed = [key for key in old if key in new and old[key] != new[key]]
    plain = [key for key in changed if _is_short(old[key]) and _is_short(new[key])]
    lines.extend(f"{key}: {_short(old[key])} → {_short(new[key])}" for key in plain)
    if deep := [key for key in changed if key not in plain]:
        lines.append("Changed inside: " + ", ".join(deep))
    return tuple(formats.one_line(line) for line in lines)


def _fields(body: bytes) -> dict[str, Any] | None:
    if len(body) > MOST_BYTES:
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_short(value: Any) -> bool:
    return not isinstance(value, dict | list) and len(_short(value)) <= 80


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def comparison(before: bytes, after: bytes) -> Iterator[Piece]:
    """The two bodies, indented, as one text with lines that went and lines that came."""
    old, new = _lines(before), _lines(after)
    if max(len(before), len(after)) > MOST_BYTES or max(len(old), len(new)) > MOST_LINES:
        yield Piece("These bodies are too large to be compared here; save both and use a tool of your own.")
        return
    styles = {"+": ADDED, "-": REMOVED, "@": PLACE}
    lines = difflib.unified_diff(old, new, n=2, lineterm="")
    none = True
    for number, line in enumerate(lines):
        if number < 2:  # the names of two files
            continue
        none = False
        yield Piece(f"{line}\n", styles.get(line[:1], ""))
    if none:
        yield Piece("Apart from spaces and line ends both say the same.")


def _lines(body: bytes) -> list[str]:
    breath, made = Breath(), list[str]()
    for piece in indented(body[: MOST_BYTES + 1]):
        breath()
        made.append(piece.text)
    return "".join(made).split("\n")
