"""What the user should know, above the page: a row for each notice with the one button that does something about it."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.domain.status import Notice, NoticeAction, Severity
from app.ui import formats, icons, theme
from app.ui.style import GRID, MARGIN, Label, plain_tooltip

SHOWN = 3
"""Rows at a time; the rest is counted."""
_MARKS = {Severity.INFO: ("●", "accent"), Severity.WARNING: ("▲", "warning"), Severity.ERROR: ("■", "error")}
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_TEXT_LIMIT = 400


class _Row(QWidget):
    """One notice."""

    def __init__(self, notice: Notice, answer: Callable[[], None], dismiss: Callable[[], None]) -> None:
        super().__init__()
        self.notice = notice
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        mark, role = _MARKS[notice.severity]
        row.addWidget(Label(mark, role=role), 0, Qt.AlignmentFlag.AlignVCenter)
        text = formats.one_line(notice.text, _TEXT_LIMIT)
        words = Label(text, wrap=True)
        words.setAccessibleName(f"{notice.severity}: {text}")
        wide = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        wide.setHeightForWidth(True)
        words.setSizePolicy(wide)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if len(notice.text) > _TEXT_LIMIT:
            words.setToolTip(plain_tooltip(notice.text[:2_000]))
        row.addWidget(words, 1)
        if notice.action is not NoticeAction.NONE:
            button = QPushButton(formats.one_line(notice.action_label, 60).replace("&", "&&"))
            button.clicked.connect(answer)
            row.addWidget(button)
        close = QToolButton(autoRaise=True)
        close.setToolTip("Hide this notice")
        close.setIcon(icons.symbol("close", "muted"))
        close.setAccessibleName("Hide this notice")
        close.clicked.connect(dismiss)
        row.addWidget(close)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bar in the color of the severity, a hairline below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("raised"))
        painter.fillRect(0, 0, 3, self.height(), theme.color(_MARKS[self.notice.severity][1]))
        painter.setPen(theme.color("line"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class NoticesBar(QWidget):
    """The notices that hold, worst first; nothing where there is none."""

    answered = Signal(NoticeAction)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notices")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._rest = Label(role="muted")
        self._rest.setContentsMargins(MARGIN, GRID // 2, MARGIN, GRID // 2)
        self._column.addWidget(self._rest)
        self._rows: list[_Row] = []
        self._given: tuple[Notice, ...] = ()
        self._own: dict[str, Notice] = {}
        self._hidden: dict[str, str] = {}
        self._show()

    def show_notices(self, notices: tuple[Notice, ...]) -> None:
        """Show what the program says; one that was hidden stays so until it says something else."""
        if notices != self._given:
            self._given = notices
            self._show()

    def post(self, notice: Notice) -> None:
        """Show something of our own until it is hidden by hand; one of the same id is replaced."""
        self._hidden.pop(notice.id, None)
        self._own[notice.id] = notice
        self._show()

    @property
    def shown(self) -> tuple[Notice, ...]:
        """What is in sight, top row first."""
        return tuple(row.notice for row in self._rows)

    def _wanted(self) -> list[Notice]:
        every = [*self._given, *self._own.values()]
        kept = [notice for notice in every if self._hidden.get(notice.id) != notice.text]
        return sorted(kept, key=lambda notice: _WORST_FIRST.index(notice.severity))

    def _show(self) -> None:
        wanted = self._wanted()
        if tuple(wanted[:SHOWN]) != self.shown:
            for row in self._rows:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
            self._rows = [self._row(notice) for notice in wanted[:SHOWN]]
            for place, row in enumerate(self._rows):
                self._column.insertWidget(place, row)
        more = len(wanted) - SHOWN
        self._rest.setText(f"and {more} more notice{'' if more == 1 else 's'}" if more > 0 else "")
        self._rest.setVisible(more > 0)
        self.setVisible(bool(wanted))

    def _row(self, notice: Notice) -> _Row:
        answer = functools.partial(self.answered.emit, notice.action)
        return _Row(notice, lambda: answer(), functools.partial(self._dismiss, notice))  # noqa: PLW0108 (clicked(bool))

    def _dismiss(self, notice: Notice, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 (the signal's argument)
        if self._own.get(notice.id) is notice:
            del self._own[notice.id]
        else:
            self._hidden[notice.id] = notice.text
        self._show()
