"""Two moments between which the history is shown; either may be left open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDateTime, QTime
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QGridLayout, QWidget

from app.ui.dialogs.base import Dialog
from app.ui.style import GRID

FORMAT = "yyyy-MM-dd HH:mm"


class PeriodDialog(Dialog):
    """From and until, each with a tick; the second must lie after the first."""

    def __init__(self, parent: QWidget | None, since_us: int, until_us: int, now_us: int) -> None:
        super().__init__(parent, "Time range", action="&Show")
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID)
        midnight = _moment(now_us)
        midnight.setTime(QTime(0, 0))
        self.since_on, self.since = self._moment_row(grid, 0, "&From", _moment(since_us) if since_us else midnight)
        self.until_on, self.until = self._moment_row(grid, 1, "&Until", _moment(until_us or now_us))
        self.since_on.setChecked(bool(since_us) or not until_us)
        self.until_on.setChecked(bool(until_us))
        self.body.addLayout(grid)
        self.buttons_after(self.until)
        self.action.clicked.connect(self._check)

    def _moment_row(self, grid: QGridLayout, row: int, label: str, at: QDateTime) -> tuple[QCheckBox, QDateTimeEdit]:
        tick, edit = QCheckBox(label), QDateTimeEdit(at)
        edit.setDisplayFormat(FORMAT)
        edit.setCalendarPopup(True)
        edit.setAccessibleName(label.replace("&", ""))
        edit.setMinimumWidth(22 * GRID)
        edit.setEnabled(False)
        tick.toggled.connect(edit.setEnabled)
        grid.addWidget(tick, row, 0)
        grid.addWidget(edit, row, 1)
        return tick, edit

    def bounds_us(self) -> tuple[int, int]:
        """(since, until) in UTC microseconds, 0 where open."""
        since = self.since.dateTime().toMSecsSinceEpoch() * 1000 if self.since_on.isChecked() else 0
        until = self.until.dateTime().toMSecsSinceEpoch() * 1000 if self.until_on.isChecked() else 0
        return since, until

    def _check(self) -> None:
        since, until = self.bounds_us()
        if since and until and until <= since:
            self.fail("The end lies before the beginning: nothing could be shown. Choose a later end.")
            self.until.setFocus()
        else:
            self.accept()


def _moment(at_us: int) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(at_us // 1000)


def open_period(
    parent: QWidget, since_us: int, until_us: int, now_us: int, then: Callable[[int, int], None]
) -> PeriodDialog:
    """Ask for two moments; `then(since_us, until_us)` if they are given."""
    dialog = PeriodDialog(parent, since_us, until_us, now_us)
    dialog.accepted.connect(lambda: then(*dialog.bounds_us()))
    dialog.open()
    return dialog
