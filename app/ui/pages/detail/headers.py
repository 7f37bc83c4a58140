"""The headers of the four sides, secrets masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtGui import QFont, QTextCharFormat

from app.domain.exchange import Detail, StoredSide
from app.ui import formats, theme
from app.ui.pages.detail.raw import SIDES
from app.ui.pages.detail.tab import DetailTab
from app.ui.tasks import Tasks
from app.ui.widgets.text_pages import Piece
from app.ui.widgets.text_view import TextView

NAME, TITLE, NOTE = "name", "title", "note"
_LONGEST_VALUE = 4_000


class HeadersTab(DetailTab):
    """All four sides below each other: one text to read, select and copy."""

    title = "Hea&ders"

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        self.text = TextView(tasks, "Headers", styles=_styles)
        self.column.addWidget(self.text, 1)

    def show_detail(self, detail: Detail, words: str) -> None:
        """Show the headers of all sides."""
        self.text.show_pieces(lambda: _pieces(detail))

    def forget(self) -> None:
        """Show nothing."""
        self.text.clear()


def _pieces(detail: Detail) -> Iterator[Piece]:
    for name, label in SIDES:
        side: StoredSide = getattr(detail, name)
        yield Piece(f"{label}\n", TITLE)
        if side.line:
            yield Piece(f"{formats.one_line(side.line, _LONGEST_VALUE)}\n")
        for header, value in side.headers:
            yield Piece(f"{formats.one_line(header)}: ", NAME)
            yield Piece(f"{formats.one_line(value, _LONGEST_VALUE)}\n")
        if not side.headers:
            yield Piece("No headers recorded\n", NOTE)
        yield Piece("\n")


def _styles() -> Mapping[str, QTextCharFormat]:
    made = {style: QTextCharFormat() for style in (NAME, TITLE, NOTE)}
    made[NAME].setForeground(theme.color("link"))
    made[NOTE].setForeground(theme.color("muted"))
    made[TITLE].setFontWeight(QFont.Weight.DemiBold)
    return made
