"""Save what the history shows as CSV or JSON Lines: how much it is, how far it got, and where it lies."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QRadioButton, QWidget

from app.domain.exchange import Filter
from app.ui import formats
from app.ui.dialogs.base import Dialog
from app.ui.dialogs.files import choose_save
from app.ui.style import GRID, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

FORMATS = (
    ("csv", "CS&V", "For spreadsheets: one row for each exchange, figures as plain numbers"),
    ("jsonl", "&JSON Lines", "For programs: one object a line, nothing rounded"),
)
WIDTH = 56 * GRID


class ExportDialog(Dialog):
    """Format, then file, then progress with Cancel, then "Show in folder"."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, wanted: Filter) -> None:
        super().__init__(parent, "Export the history", action="Choose a &file…")
        self._services, self._tasks, self._wanted = services, tasks, wanted
        self._stopped = False
        self._path = Path()
        self.amount = Label("Counting…", wrap=True)
        self.amount.setMinimumWidth(WIDTH)
        self.body.addWidget(self.amount)
        self.formats = QButtonGroup(self)
        for number, (_, label, hint) in enumerate(FORMATS):
            button = QRadioButton(label)
            button.setAccessibleDescription(hint)
            self.formats.addButton(button, number)
            line = QHBoxLayout()
            line.addWidget(button)
            line.addWidget(Label(hint, role="muted"), 1)
            self.body.addLayout(line)
        self.formats.button(0).setChecked(True)
        self.buttons_after(self.formats.button(len(FORMATS) - 1))
        self.done_text = Label(wrap=True)
        self.done_text.hide()
        self.body.addWidget(self.done_text)
        self.folder = QPushButton("Show in &folder")
        self.folder.hide()
        self.folder.clicked.connect(self._show_folder)
        self.buttons.insertWidget(1, self.folder)
        self.action.clicked.connect(self._act)
        self.busy.cancelled.connect(self._stop)
        self._tasks.spawn(
            "count the history", services.insight.count(wanted), self, then=self._counted, failed=self.fail
        )

    def _counted(self, number: int) -> None:
        whole = self._wanted == Filter()
        exchanges = f"{formats.count(number)} exchange{'' if number == 1 else 's'}"
        rest = "the whole history" if whole else "what the filter of the History page shows"
        self.amount.setText(f"{exchanges}: {rest}. Prompts and answers are not part of it.")
        self.action.setEnabled(number > 0)
        if not number:
            self.fail("There is nothing to export. Widen the filter of the History page first.")

    @property
    def format(self) -> str:
        """The chosen format's name."""
        return FORMATS[self.formats.checkedId()][0]

    def _act(self) -> None:
        """The one action: choose a file; once done, close."""
        if self.done_text.isVisible():
            self.accept()
            return
        name = f"patchbay-{time.strftime('%Y-%m-%d')}.{self.format}"
        kinds = {"csv": "CSV (*.csv)", "jsonl": "JSON Lines (*.jsonl)"}[self.format]
        choose_save(self, "Export the history", name, kinds, self.export)

    def export(self, path: Path) -> None:
        """Write to that file; a file that is there keeps its content until the new one is complete."""
        suffix = f".{self.format}"
        self._path = path if path.suffix else path.with_suffix(suffix)
        self._stopped = False
        self.fail("")
        self._set_running(running=True)
        self.busy.start(f"Writing {self._path.name}…")
        work = self._services.exports.export(
            self._path, self.format, self._wanted, progress=self._progress, cancelled=lambda: self._stopped
        )
        self._tasks.spawn("export the history", work, self, then=self._written, failed=self._failed)

    def _progress(self, done: int, total: int) -> None:
        if not self._stopped:
            text = f"{formats.count(done)} of {formats.count(total)} exchanges"
            self.busy.progress(done, total, text)

    def _stop(self) -> None:
        self._stopped = True
        self.busy.start("Stopping…")

    def _written(self, number: int) -> None:
        self._set_running(running=False)
        self.busy.stop()
        if self._stopped:
            self.fail("Cancelled: no file was written, and one that was there is unchanged.")
            return
        self.done_text.setText(f"{formats.count(number)} exchanges are in {self._path}.")
        self.done_text.show()
        self.folder.show()
        self.dismiss.hide()
        self.action.setText("&Close")
        self.action.setFocus()

    def _failed(self, text: str) -> None:
        self._set_running(running=False)
        if self._stopped:
            self.fail("Cancelled: no file was written, and one that was there is unchanged.")
        else:
            self.fail(f"The file was not written: {text}. Choose another place and try again.")

    def _set_running(self, *, running: bool) -> None:
        for widget in (self.action, self.dismiss, *self.formats.buttons()):
            widget.setEnabled(not running)

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))

    def reject(self) -> None:
        """Escape while it writes stops the writing first."""
        if self._tasks.running(self, "export the history"):
            self._stop()
        else:
            super().reject()


def open_export(parent: QWidget, services: Services, tasks: Tasks, wanted: Filter) -> ExportDialog:
    """Open the dialog for what a filter shows."""
    dialog = ExportDialog(parent, services, tasks, wanted)
    dialog.open()
    return dialog
