"""Add a pin or change one: its name, where it leads, and the client key it may hang on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.domain.routing import Choice, Pin
from app.ui.dialogs.attempts import Problem, attempt
from app.ui.dialogs.rule_editor import offers
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.formats import one_line
from app.ui.models.pins import pin_url
from app.ui.style import CAPTION, GRID, Label, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.form import Form
from app.ui.widgets.target_rows import TargetRows

if TYPE_CHECKING:
    from app.control.services import Services

SAVE = "save the pin"
WIDTH = 64 * GRID
NO_KEY = "None: by its address alone"
KEY_HINT = "Every request with this key goes to the pin as well, at whatever address."
TO_HINT = "Nothing steps in for it. Without a model the provider's own choice for the tier counts."


class PinEditor(WaitingDialog):
    """`before` is None for a new pin."""

    def __init__(
        self, parent: QWidget | None, services: Services, tasks: Tasks, before: Pin | None, saved: Callable[[str], None]
    ) -> None:
        super().__init__(parent, "Add a pin" if before is None else "Edit the pin", tasks, action="&Save")
        self._services, self._before, self._told = services, before, saved
        self.form = Form(captions=10 * GRID)
        self.form.setMinimumWidth(WIDTH)
        self.held, self.fields = (self.form,), self.form
        self.name = QLineEdit()
        self.name.setPlaceholderText("website")
        self.to = TargetRows(offers(services.status.current), single=True)
        self.key = CalmCombo()
        self.key.addItem(NO_KEY, "")
        for key in services.keys.all():
            self.key.addItem(one_line(key.name, 60), key.name)
        self.key.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.address = Label(wrap=True)
        self.address.setFont(monospace())
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._fill(before or self._first())
        self._lay_out()
        self.buttons_after(self.key)
        self.name.textChanged.connect(self._show_address)
        self.action.clicked.connect(self._save)
        self._show_address()
        self.name.setFocus()

    def _first(self) -> Pin:
        status = self._services.status.current
        return Pin("", Choice(status.active or next((one.name for one in status.providers), "")))

    def _fill(self, pin: Pin) -> None:
        self.name.setText(pin.name)
        self.to.show_choices((pin.to,))
        place = self.key.findData(pin.key)
        if place < 0:
            self.key.addItem(f"{one_line(pin.key, 60)} (does not exist)", pin.key)
            place = self.key.count() - 1
        self.key.setCurrentIndex(place)

    def _lay_out(self) -> None:
        self.form.add("name", "&Name", self.name)
        self.form.add("to", "&Leads to", self.to, hint=TO_HINT, focus=self.to.rows[0].provider)
        self.to.rows[0].provider.setAccessibleName("Provider")
        self.form.add("key", "Client &key", self.key, hint=KEY_HINT)
        for widget in (self.form, Label("Base URL to paste", scale=CAPTION, role="muted"), self.address):
            self.body.addWidget(widget)

    @property
    def pin(self) -> Pin:
        """What the fields say."""
        return Pin(self.name.text().strip(), self.to.choices[0], str(self.key.currentData() or ""))

    def _show_address(self) -> None:
        name = self.name.text().strip()
        self.address.setText(one_line(pin_url(self._services.status.current, name or "…"), 200) if name else "…")

    def _save(self) -> None:
        self.fail("")
        self.form.clear_errors()
        if not self.name.text().strip():
            self.form.fail("name", "A pin needs a name: it becomes the end of its address.")
            return
        replaces = self._before.name if self._before else ""
        self.wait_for(SAVE, attempt(self._services.routes.put_pin, self.pin, replaces=replaces), self.saved)

    def saved(self, problem: Problem | None) -> None:
        """Tell its name, and close."""
        if problem is None:
            self._told(self.pin.name)
        super().saved(problem)


def open_pin(
    parent: QWidget, services: Services, tasks: Tasks, pin: Pin | None, *, saved: Callable[[str], None]
) -> PinEditor:
    """Open the dialog: None for a new pin; `saved` is told the name that it has in the end."""
    dialog = PinEditor(parent, services, tasks, pin, saved)
    dialog.open()
    return dialog
