"""Give a client key a new text, and choose how long the old one opens still."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from app.domain.client_key import ClientKey
from app.domain.provider import Secret
from app.ui.dialogs.attempts import Problem, outcome
from app.ui.dialogs.base import Dialog
from app.ui.formats import one_line
from app.ui.style import GRID, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 56 * GRID
ROTATE = "rotate the client key"
OVERLAPS = (
    (0, "&Now: clients that still show the old text are refused at once"),
    (3_600, "After 1 &hour"),
    (86_400, "After 1 &day"),
    (604_800, "After &7 days"),
)
FIRST = 86_400
MEANING = "The key gets a new text; its name, its limits and its budgets stay. The old text ends:"


class RotationDialog(Dialog):
    """`made(secret, name)` is called with the new text."""

    def __init__(
        self,
        parent: QWidget | None,
        services: Services,
        tasks: Tasks,
        key: ClientKey,
        made: Callable[[Secret, str], None],
    ) -> None:
        super().__init__(parent, "Rotate the client key", action="&Rotate")
        self._services, self._tasks, self._key, self._made = services, tasks, key, made
        headline = Label(f"Rotate “{one_line(key.name, 60)}”?", strong=True, wrap=True)
        meaning = Label(MEANING, wrap=True)
        for label in (headline, meaning):
            label.setMinimumWidth(WIDTH)
            self.body.addWidget(label)
        self.overlaps = QButtonGroup(self)
        for seconds, text in OVERLAPS:
            button = QRadioButton(text)
            button.setChecked(seconds == FIRST)
            self.overlaps.addButton(button, seconds)
            self.body.addWidget(button)
        self.buttons_after(self.overlaps.buttons()[-1])
        self.action.clicked.connect(self._rotate)
        self.busy.cancelled.connect(self._cancel)
        self.overlaps.button(FIRST).setFocus()

    def _rotate(self) -> None:
        self.fail("")
        self._set_running(text="Rotating…")
        work = outcome(self._services.keys.rotate, self._key.id, overlap_s=self.overlaps.checkedId())
        self._tasks.spawn(ROTATE, work, self, then=self._rotated, failed=self._failed)

    def _rotated(self, result: Secret | Problem) -> None:
        self._set_running(text="")
        if isinstance(result, Problem):
            self.fail(result.text)
            return
        self.accept()
        self._made(result, self._key.name)

    def _failed(self, text: str) -> None:
        self._set_running(text="")
        self.fail(f"The key was not rotated: {text}. Its text is the same as before.")

    def _cancel(self) -> None:
        self._tasks.cancel(self, ROTATE)
        self._set_running(text="")

    def _set_running(self, *, text: str) -> None:
        if text:
            self.busy.start(text)
        else:
            self.busy.stop()
        for widget in (self.action, *self.overlaps.buttons()):
            widget.setEnabled(not text)

    def reject(self) -> None:
        """Escape ends what is waited for first."""
        if self.busy.isVisible():
            self._cancel()
        else:
            super().reject()


def open_rotation(
    parent: QWidget, services: Services, tasks: Tasks, key: ClientKey, made: Callable[[Secret, str], None]
) -> RotationDialog:
    """Ask how long the old text shall open still, and rotate."""
    dialog = RotationDialog(parent, services, tasks, key, made)
    dialog.open()
    return dialog
