"""What every dialog is built on: plain words, one action, an error that stands inside, and no loop of its own."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui.style import GRID, MARGIN, Label
from app.ui.widgets.busy import Busy

SETTLE_MS = 80
TITLE_BAR = 3 * GRID
"""About its height, on a desktop that does not tell before it has drawn it."""


class Dialog(QDialog):
    """A sheet over its window with a body, a place for errors, one for waiting, and two buttons.

    Subclasses fill `body` and connect `action`; Escape and `dismiss` reject. It deletes itself when closed.
    """

    def __init__(self, parent: QWidget | None, title: str, *, action: str, dismiss: str = "Cancel") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.body = QVBoxLayout()
        self.body.setSpacing(GRID)
        self.error = Label(role="error", wrap=True)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.setAccessibleName("Error")
        self.error.hide()
        self.busy = Busy()
        self.action = QPushButton(action)
        self.action.setDefault(True)
        self.dismiss = QPushButton(dismiss)
        self.dismiss.setAutoDefault(False)
        self.dismiss.clicked.connect(self.reject)
        self.buttons = QHBoxLayout()
        self.buttons.addStretch(1)
        if dismiss:
            self.buttons.addWidget(self.dismiss)
        self.buttons.addWidget(self.action)
        # Not at once: a size set while the window manager still places the window takes it back to the corner.
        self._growing = QTimer(self)
        self._growing.setSingleShot(True)
        self._growing.setInterval(SETTLE_MS)
        self._growing.timeout.connect(self._grow)
        layout = self._rows = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.error)
        layout.addWidget(self.busy)
        layout.addLayout(self.buttons)

    def fail(self, text: str) -> None:
        """Say what went wrong, beside nothing in particular; empty takes it back."""
        self.busy.stop()
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def buttons_after(self, last: QWidget) -> None:
        """Let Tab come to the buttons after the last field; for dialogs that have fields, when they are built."""
        for before, after in ((last, self.dismiss), (self.dismiss, self.action)):
            QWidget.setTabOrder(before, after)

    def setVisible(self, visible: bool) -> None:  # noqa: FBT001 (Qt's signature)
        """Take the height that wrapped lines need before the desktop places the dialog."""
        if visible and not self.isVisible():
            self.adjustSize()
            self.resize(self.width(), max(self.height(), self._needed()))
            self._place()
        super().setVisible(visible)

    def _place(self) -> None:
        """Stand in the middle of the window, on the screen as a whole.

        Left to the desktop, the place is unknown here until the desktop has chosen one, and a size that is set before
        that takes the dialog to the corner of the screen.
        """
        parent = self.parentWidget()
        if parent is None or not parent.window().isVisible():
            return
        over = parent.window()
        screen = over.screen().availableGeometry().adjusted(MARGIN, TITLE_BAR + MARGIN, -MARGIN, -MARGIN)
        place = self.rect()
        place.moveCenter(over.geometry().center())
        left = max(screen.left(), min(place.left(), screen.right() - place.width()))
        top = max(screen.top(), min(place.top(), screen.bottom() - place.height()))
        self.setGeometry(left, top, place.width(), place.height())

    def event(self, event: QEvent) -> bool:
        """Grow when a line appears: a layout with wrapped lines does not make its window do that."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible() and self._needed() > self.height():
            self._growing.start()
        return done

    def _needed(self) -> int:
        self._rows.activate()
        return max(self._rows.totalHeightForWidth(self.width()), self._rows.totalMinimumSize().height())

    def _grow(self) -> None:
        self.resize(self.width(), max(self.height(), self._needed()))


def opened(dialog: QDialog) -> asyncio.Future[bool]:
    """Open a dialog; the future holds whether it was accepted."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def answered(result: int) -> None:
        if not answer.done():
            answer.set_result(result == int(QDialog.DialogCode.Accepted))

    dialog.finished.connect(answered)
    dialog.open()
    return answer
