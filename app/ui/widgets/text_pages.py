"""Text of any length as pages that a text widget can take: at most 64 KiB each, no line beyond 2,000 characters.

Pages are made only when asked for, so that the first one of 32 MiB costs no more than that of 32 KiB. Blocking: the
pieces may come from a formatter; call `next` on the result in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from app.control.conversation import Breath

PAGE_BYTES = 64 * 1024
LINE_CHARS = 2_000
STEP_CHARS = 8 * 1024
"""What goes into the widget at once: 2 ms of work; 64 KiB would be 13."""
PIECE_CHARS = 96
"""What a piece costs beyond its characters, as characters."""

_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421, 0x2029: 10}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style; the view decides what a style looks like."""

    text: str
    style: str = ""


Page = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """A page cut into steps, its size in UTF-8, and whether another page follows."""

    steps: tuple[Page, ...]
    size_bytes: int
    has_more: bool


class PageReader:
    """Hands out the pages of a text one after another, knowing whether another follows. Blocking."""

    def __init__(self, source: Callable[[], Iterable[Piece]]) -> None:
        self._source = source
        self._pages: Iterator[Page] | None = None
        self._ahead: Page | None = None

    def take(self) -> Portion:
        """The next page, empty at the end."""
        if self._pages is None:
            self._pages = pages(self._source())
            self._ahead = next(self._pages, None)
        page, self._ahead = self._ahead or (), next(self._pages, None)
        size = sum(len(piece.text.encode("utf-8", "replace")) for piece in page)
        return Portion(tuple(steps(page)), size, self._ahead is not None)


def steps(page: Page) -> Iterator[Page]:
    """A page in pieces of work that are each done in a few milliseconds; neighbours of one style become one piece."""
    step: list[Piece] = []
    left = STEP_CHARS
    for style, run in groupby(page, key=lambda piece: piece.style):
        text = "".join(piece.text for piece in run)
        while text:
            cut = max(1, left - PIECE_CHARS)
            step.append(Piece(text[:cut], style))
            left -= len(step[-1].text) + PIECE_CHARS
            text = text[cut:]
            if left <= PIECE_CHARS:
                yield tuple(step)
                step, left = [], STEP_CHARS
    if step:
        yield tuple(step)


def pages(pieces: Iterable[Piece]) -> Iterator[Page]:
    """The pieces cut into pages; together they are the text, with long lines wrapped and control characters shown."""
    page: list[Piece] = []
    left = PAGE_BYTES
    for piece in _wrapped(pieces):
        data = piece.text.encode("utf-8", "replace")
        while data:
            cut = boundary(data, left)
            if cut:
                page.append(Piece(data[:cut].decode(), piece.style))
            data = data[cut:]
            left -= cut
            if data:
                yield tuple(page)
                page, left = [], PAGE_BYTES
    if page:
        yield tuple(page)


def boundary(data: bytes, most: int) -> int:
    """The last start of a character at or before `most`."""
    if len(data) <= most:
        return len(data)
    while most and data[most] & 0xC0 == 0x80:
        most -= 1
    return most


def _wrapped(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces in slices of at most a page, with a line feed wherever a line has become too long."""
    column, breath = 0, Breath()
    for piece in pieces:
        breath()
        for part in _slices(piece.text):
            lines = visible(part).split("\n")
            made: list[str] = []
            for number, line in enumerate(lines):
                if number:
                    made.append("\n")
                    column = 0
                while column + len(line) > LINE_CHARS:
                    made.extend((line[: LINE_CHARS - column], "\n"))
                    line = line[LINE_CHARS - column :]  # noqa: PLW2901 (what is left of it)
                    column = 0
                made.append(line)
                column += len(line)
            yield Piece("".join(made), piece.style)


def _slices(text: str) -> Iterator[str]:
    """The text in slices of about a page; CR LF stays together."""
    start = 0
    while start < len(text):
        end = start + PAGE_BYTES
        end += text[end - 1 : end + 1] == "\r\n"
        yield text[start:end]
        start = end


def visible(text: str) -> str:
    """The text with control characters shown as their pictures; line ends of any kind become line feeds."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)
