"""Give a client key a new text, and choose how long the old one opens still."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from app.domain.client_key import ClientKey
from app.domain.provider import Secret
from app.ui.dialogs.attempts import Problem, outcome
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.formats import one_line
from app.ui.style import GRID, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 56 * GRID
ROTATE = "rotate the client key"
OVERLAPS = (
    (0, "&Now: new requests that still show the old text are refused at once"),
    (3_600, "After 1 &hour"),
    (86_400, "After 1 &day"),
    (604_800, "After &7 days"),
)
FIRST = 86_400
MEANING = (
    "The key gets a new text; its name, its limits and its budgets stay, and what runs under the old text goes on to "
    "its end. The old text ends:"
)


class RotationDialog(WaitingDialog):
    """`made(secret, name)` is called with the new text."""

    def __init__(
        self,
        parent: QWidget | None,
        services: Services,
        tasks: Tasks,
        key: ClientKey,
        made: Callable[[Secret, str], None],
    ) -> None:
        super().__init__(parent, "Rotate the client key", tasks, action="&Rotate")
        self._services, self._key, self._made = services, key, made
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
        self.held = tuple(self.overlaps.buttons())
        self.buttons_after(self.held[-1])
        self.action.clicked.connect(self._rotate)
        self.overlaps.button(FIRST).setFocus()

    def _rotate(self) -> None:
        self.fail("")
        work = outcome(self._services.keys.rotate, self._key.id, overlap_s=self.overlaps.checkedId())
        self.wait_for(ROTATE, work, self._rotated, text="Rotating…")

    def _rotated(self, result: Secret | Problem) -> None:
        if isinstance(result, Problem):
            self.fail(result.text)
            return
        self.accept()
        self._made(result, self._key.name)

    def failed(self, text: str) -> None:
        """An error that nobody thought of."""
        self.fail(f"The key was not rotated: {text}. Its text is the same as before.")


def open_rotation(
    parent: QWidget, services: Services, tasks: Tasks, key: ClientKey, made: Callable[[Secret, str], None]
) -> RotationDialog:
    """Ask how long the old text shall open still, and rotate."""
    dialog = RotationDialog(parent, services, tasks, key, made)
    dialog.open()
    return dialog
