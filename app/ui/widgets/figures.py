"""Figures with their captions: a strip of the few that matter, and tables of the rest."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.style import GRID, MARGIN, Label, numeric_label, plain_tooltip


class Figure(QWidget):
    """A caption above a value; the exact value on hover."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self._caption = caption
        self.value = Label(strong=True)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Label(caption, scale=0.9, role="muted"))
        layout.addWidget(self.value)

    def show_value(self, text: str, exact: str = "", *, role: str = "text") -> None:
        """Show a value."""
        self.value.setText(text)
        self.value.set_role(role)
        self.setToolTip(plain_tooltip(exact))
        self.value.setAccessibleName(f"{self._caption}: {text}")


class Strip(QWidget):
    """Figures side by side, as many as fit their captions."""

    def __init__(self, *captions: str) -> None:
        super().__init__()
        self.figures = {caption: Figure(caption) for caption in captions}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        for figure in self.figures.values():
            layout.addWidget(figure)
        layout.addStretch(1)

    def show_value(self, caption: str, text: str, exact: str = "", *, role: str = "text") -> None:
        """Show one of the values."""
        self.figures[caption].show_value(text, exact, role=role)


class ValueRows(QWidget):
    """Captions on the left, values beside them; long values wrap and can be selected."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(MARGIN)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)

    def add(self, caption: str) -> Label:
        """A new row; gives the label of its value."""
        row = self._grid.rowCount()
        value = Label(wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(caption)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(Label(caption, role="muted"), row, 0, top)
        self._grid.addWidget(value, row, 1, top)
        return value


class FigureTable(QWidget):
    """A few rows under their headers: figures right-aligned, the columns in `words` left-aligned."""

    def __init__(self, *headers: str, words: frozenset[int] = frozenset({0})) -> None:
        super().__init__()
        self._columns, self._words = len(headers), words
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * GRID)
        self._grid.setVerticalSpacing(GRID // 2)
        last = self._columns - 1 if self._columns - 1 in words else self._columns
        self._grid.setColumnStretch(last, 1)
        for column, header in enumerate(headers):
            make = Label if column in words else numeric_label
            self._grid.addWidget(make(header, scale=0.9, role="muted"), 0, column)
        self._cells: list[list[Label]] = []

    def show_rows(
        self, rows: list[tuple[str, ...]], *, total: bool = False, muted: frozenset[int] = frozenset()
    ) -> None:
        """Show these rows; the last is a total, and those in `muted` (by number) count for nothing."""
        while len(self._cells) < len(rows):
            self._cells.append(self._new_row())
        for number, labels in enumerate(self._cells):
            texts = rows[number] if number < len(rows) else ("",) * self._columns
            for label, text in zip(labels, texts, strict=True):
                label.setText(text)
                label.setVisible(number < len(rows))
                label.set_role("muted" if number in muted else "text")
                made = label.font()
                made.setBold(total and number == len(rows) - 1)
                label.setFont(made)

    def _new_row(self) -> list[Label]:
        row = len(self._cells) + 1
        labels = [self._new_cell(column) for column in range(self._columns)]
        for column, label in enumerate(labels):
            self._grid.addWidget(label, row, column)
        return labels

    def _new_cell(self, column: int) -> Label:
        if column not in self._words:
            return numeric_label()
        return Label(wrap=column > 0)
