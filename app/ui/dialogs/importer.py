"""Take over CC-Proxy's providers.toml: first what would happen, then doing it. The file itself stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.ui import formats
from app.ui.dialogs.base import Dialog
from app.ui.dialogs.files import choose_open
from app.ui.style import GRID, Label
from app.ui.tasks import Tasks
from app.ui.widgets.text_pages import Piece
from app.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from app.control.imports import ImportReport
    from app.control.services import Services

FOLDER = Path.home() / ".config" / "claude-code-proxy"
KINDS = "CC-Proxy providers (*.toml);;All files (*)"
READ, APPLY = "read the file", "import the providers"


class ImportDialog(Dialog):
    """What would be imported, changed and left out, each with its reason; then the one button that does it."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, path: Path) -> None:
        super().__init__(parent, "Import providers", action="&Import")
        self._services, self._tasks, self._path = services, tasks, path
        self._done = False
        self.headline = Label(f"Reading {formats.one_line(path.name)}…", strong=True, wrap=True)
        self.promise = Label("Keys go to the system keyring. The file stays as it is.", role="muted", wrap=True)
        self.report = TextView(tasks, "What would be imported")
        self.report.setMinimumSize(68 * GRID, 28 * GRID)
        for widget in (self.headline, self.promise, self.report):
            self.body.addWidget(widget)
        self.action.setEnabled(False)
        self.action.clicked.connect(self._act)
        self.busy.cancelled.connect(self._cancel)
        tasks.spawn(READ, services.imports.preview(path), self, then=self._read, failed=self._unreadable)

    def _read(self, report: ImportReport) -> None:
        self.headline.setText(summary(report, done=False))
        self.action.setEnabled(bool(report.providers or report.settings))
        self._show(report)

    def _unreadable(self, text: str) -> None:
        self.headline.setText("The file cannot be imported")
        self.promise.setText("Mend the line that is named, or choose another file.")
        self.fail(text)

    def _act(self) -> None:
        if self._done:
            self.accept()
            return
        self.fail("")
        self.action.setEnabled(False)
        self.busy.start("Waiting for the system keyring…")
        self._tasks.spawn(
            APPLY, self._services.imports.apply(self._path), self, then=self._applied, failed=self._failed
        )

    def _applied(self, report: ImportReport) -> None:
        self.busy.stop()
        self._done = True
        self.headline.setText(summary(report, done=True))
        self.dismiss.hide()
        self.action.setText("&Close")
        self.action.setEnabled(True)
        self.action.setFocus()
        self._show(report)

    def _failed(self, text: str) -> None:
        self.action.setEnabled(True)
        self.fail(f"The import stopped: {text}. What was imported before that stays; importing again adds the rest.")

    def _cancel(self) -> None:
        self._tasks.cancel(self, APPLY)
        self.busy.stop()
        self.action.setEnabled(True)

    def _show(self, report: ImportReport) -> None:
        text = lines(report)
        self.report.show_pieces(lambda: (Piece(text),))


def summary(report: ImportReport, *, done: bool) -> str:
    """The report in one line."""
    verb = "imported" if done else "to import"
    parts = [f"{report.imported} provider{'' if report.imported == 1 else 's'} {verb}"]
    if report.changed:
        parts.append(f"{report.changed} changed" if done else f"{report.changed} to change")
    if report.skipped:
        parts.append(f"{len(report.skipped)} left out")
    return ", ".join(parts)


def lines(report: ImportReport) -> str:
    """The report as plain text: providers, model choices, and what is left out with its reason."""
    made = [f"{one.name}  {one.base_url or one.vendor}" for one in report.providers]
    made += [f"{key.replace('_', ' ')}: {value}" for key, value in report.settings]
    if report.skipped:
        made += ["", "Left out:", *(f"{reason}" for reason in report.skipped)]
    return "\n".join(formats.one_line(line, 500) for line in made) or "There is nothing in it to import."


def open_import(parent: QWidget, services: Services, tasks: Tasks) -> None:
    """Ask for the file, then show what importing it would do."""
    folder = FOLDER if FOLDER.is_dir() else Path.home()

    def preview(path: Path) -> None:
        open_preview(parent, services, tasks, path)

    choose_open(parent, "Import providers", folder, KINDS, preview)


def open_preview(parent: QWidget, services: Services, tasks: Tasks, path: Path) -> ImportDialog:
    """Show what importing that file would do."""
    dialog = ImportDialog(parent, services, tasks, path)
    dialog.open()
    return dialog
