"""A read-only view of foreign text: plain, capped and paged, so that no text can hold the loop.

One page is put into the widget in steps of a few kilobytes; "Show more" brings the next page. Pages come from an
iterator that is advanced in a thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QTextEdit, QVBoxLayout, QWidget

from app.ui import formats, theme
from app.ui.style import GRID, MARGIN, Hairline, Label, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.striped_edit import STRIPE, StripedEdit
from app.ui.widgets.text_pages import Page, PageReader, Piece, Portion

MOST_MARKS = 200

Styles = Callable[[], Mapping[str, QTextCharFormat]]


class TextView(QWidget):
    """Shows pieces of plain text; keyboard, selection, copying and searching are the text widget's own."""

    filled = Signal()
    """Everything that was asked for stands in the widget."""

    def __init__(self, tasks: Tasks, name: str, *, font: QFont | None = None, styles: Styles = dict) -> None:
        super().__init__()
        self._tasks, self._styles = tasks, styles
        self._looks: Mapping[str, QTextCharFormat] = {}
        self._source: Callable[[], Iterable[Piece]] = tuple
        self._reader = PageReader(self._source)
        self._waiting: deque[Page] = deque()
        self._plain = QTextCharFormat()
        self._total_bytes, self._shown_bytes, self._has_more = 0, 0, False
        self.edit = StripedEdit()
        self.edit.setReadOnly(True)
        self.edit.setUndoRedoEnabled(False)
        self.edit.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.edit.setFont(font or monospace())
        self.edit.setAccessibleName(name)
        self.edit.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.edit.document().setDocumentMargin(MARGIN)
        self._more = QPushButton("Show &more")
        self._more.clicked.connect(self._load)
        self._extent = Label(scale=0.9, role="muted")
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        bar.addWidget(self._extent, 1)
        bar.addWidget(self._more)
        self._line = Hairline()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self._line)
        layout.addWidget(self._bar)
        self._show_bar(shown=False)
        self._feed = QTimer(self)
        self._feed.setSingleShot(True)
        self._feed.timeout.connect(self._step)

    def show_pieces(self, source: Callable[[], Iterable[Piece]], total_bytes: int = 0) -> None:
        """Show text from its beginning.

        `source` makes a fresh iterable of pieces; it is called and read in a thread. `total_bytes` is the length to
        name beside "Show more", 0 where it is not known.
        """
        self._tasks.cancel(self)
        self._feed.stop()
        self._waiting.clear()
        self._source, self._total_bytes, self._shown_bytes = source, total_bytes, 0
        self._reader, self._looks = PageReader(source), self._styles()
        self.edit.clear()
        self._show_bar(shown=False)
        self._load()

    def show_text(self, text: str) -> None:
        """Show one text in the ordinary style."""
        self.show_pieces(lambda: (Piece(text),), len(text))

    def mark(self, words: str) -> None:
        """Mark where these words stand in what is shown, and go to the first place."""
        found: list[QTextEdit.ExtraSelection] = []
        for word in dict.fromkeys(words.replace('"', " ").split()):
            cursor = QTextCursor(self.edit.document())
            while len(found) < MOST_MARKS:
                cursor = self.edit.document().find(word, cursor)
                if cursor.isNull():
                    break
                found.append(self._marked(cursor))
        self.edit.setExtraSelections(found)
        if found:
            first = min(found, key=lambda one: one.cursor.position()).cursor
            place = QTextCursor(first)
            place.clearSelection()
            self.edit.setTextCursor(place)
            self.edit.centerCursor()

    def _marked(self, cursor: QTextCursor) -> QTextEdit.ExtraSelection:
        one = QTextEdit.ExtraSelection()
        look = QTextCharFormat()
        look.setBackground(theme.color("selected"))
        look.setFontUnderline(True)
        one.cursor, one.format = cursor, look
        return one

    def clear(self) -> None:
        """Show nothing."""
        self.show_pieces(tuple)

    def _load(self) -> None:
        self._more.setEnabled(False)
        self._tasks.spawn("show the text", _take(self._reader), self, then=self._taken, latest=True)

    def _taken(self, portion: Portion) -> None:
        self._has_more = portion.has_more
        self._shown_bytes += portion.size_bytes
        self._waiting.extend(portion.steps)
        self._step()

    def _step(self) -> None:
        """Put the next few kilobytes in."""
        if self._waiting:
            cursor = QTextCursor(self.edit.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.beginEditBlock()
            for piece in self._waiting.popleft():
                cursor.insertText(piece.text, self._looks.get(piece.style, self._plain))
            cursor.endEditBlock()
        if self._waiting:
            self._feed.start(0)
            return
        self._more.setEnabled(True)
        self._show_bar(shown=self._has_more)
        self.filled.emit()

    def _show_bar(self, *, shown: bool) -> None:
        self._bar.setVisible(shown)
        self._line.setVisible(shown)
        total = f" of {formats.size(self._total_bytes)}" if self._total_bytes else ""
        self._extent.setText(f"The first {formats.size(self._shown_bytes)}{total}")

    def changeEvent(self, event: QEvent) -> None:
        """Styled text bears its colors, so it is shown anew in those of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._looks and self._shown_bytes:
            self.show_pieces(self._source, self._total_bytes)


async def _take(reader: PageReader) -> Portion:
    return await asyncio.to_thread(reader.take)


__all__ = ["STRIPE", "TextView"]
