"""Tables that come several times, `[[route]]` and its like, as blocks of text that can be moved and changed.

A block is a table with the comment right above it, so that both move together; everything between blocks stays where
it is. `tomlkit` changes the keys inside one block and keeps what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import ConfigError
from app.store.config.places import places
from app.store.config.spelling import NONE

Row = dict[str, Any]
"""A table's keys with their values; None is "not written"."""


class ChangedMeanwhileError(ConfigError):
    """The file no longer holds what a change was made on; nothing was written."""


def put_rows(text: str, name: str, before: Sequence[Row], after: Sequence[Row], near: Mapping[str, str] = NONE) -> str:
    """The text with the rows of `[[name]]` changed from `before` to `after`.

    A row that is there already keeps its text as it is, wherever it goes; one that has another in its place has that
    one's text changed; a key that stood there under a spelling `near` to it gets its own name then. Raises
    ChangedMeanwhileError where the tables are not those of `before`, or not written as `[[name]]`.
    """
    if list(before) == list(after):
        return text
    spans = _spans(text, name)
    if len(spans) != len(before):
        raise ChangedMeanwhileError(
            f"was changed at the same time, or does not write each as [[{name}]]; look and try again"
        )
    blocks = [text[start:end] for start, end in spans]
    wanted = [
        _block(name, "", {}, row) if source is None else _block(name, blocks[source], before[source], row, near)
        for source, row in zip(_sources(before, after), after, strict=True)
    ]
    return _woven(text, spans, wanted)


def _sources(before: Sequence[Row], after: Sequence[Row]) -> list[int | None]:
    """For each row the old one whose text it takes over."""
    free = list(range(len(before)))
    sources: list[int | None] = []
    for row in after:
        same = next((index for index in free if before[index] == row), None)
        sources.append(same)
        if same is not None:
            free.remove(same)
    for index, source in enumerate(sources):
        if source is None and index in free:  # what stood there is gone: it became this one
            free.remove(index)
            sources[index] = index
    return sources


def _spans(text: str, name: str) -> list[tuple[int, int]]:
    """Where each table, with what is below it and the comment above it, begins and ends, in characters."""
    lines = text.split("\n")
    starts = [0]
    for content in lines:
        starts.append(starts[-1] + len(content) + 1)
    headers = sorted((line - 1, table) for (table, _, key), line in places(text).items() if not key)
    if any(table == name and not lines[line].lstrip().startswith("[[") for line, table in headers):
        return []
    spans = []
    for line in [line for line, table in headers if table == name]:
        end = next((at for at, table in headers if at > line and not table.startswith(f"{name}.")), len(lines))
        spans.append((starts[_comment(lines, line)], min(starts[_comment(lines, end)], len(text))))
    return spans


def _comment(lines: Sequence[str], line: int) -> int:
    """The line in which the comment right above a line begins; the line itself without one."""
    while 0 < line < len(lines) and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line


def _block(name: str, block: str, before: Row, after: Row, near: Mapping[str, str] = NONE) -> str:
    """A block with the keys that differ set, or a new one."""
    if block and before == after:
        return block
    import tomlkit

    document: Any = tomlkit.parse(block or f"[[{name}]]\n")
    table: Any = document[name][0]
    for key in (*after, *(key for key in before if key not in after)):
        value = after.get(key)
        if value == before.get(key):
            continue
        for spelling in (one for one, meant in near.items() if meant == key):
            table.pop(spelling, None)
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return tomlkit.dumps(document)


def _woven(text: str, spans: Sequence[tuple[int, int]], wanted: Sequence[str]) -> str:
    """The text with the wanted blocks where the old ones were, and further ones after the last, or at the end."""
    made, end = "", 0
    for index, (start, stop) in enumerate(spans):
        made = _joined(made, text[end:start])
        if index < len(wanted):
            made = _joined(made, wanted[index])
        end = stop
    rest = text[end:] if spans else ""
    made = made if spans else text
    further = wanted[len(spans) :]
    for block in further:
        made = _joined(made, block, apart=True)
    return _joined(made, rest, apart=bool(further))


def _joined(before: str, after: str, *, apart: bool = False) -> str:
    """Both, the second one on a line of its own, and after an empty line where it has to stand apart."""
    if not before.strip() or not after.strip():
        return before + after
    gap = "" if before.endswith("\n") else "\n"
    if apart and not (before + gap).endswith("\n\n") and not after.startswith("\n"):
        gap += "\n"
    return before + gap + after
