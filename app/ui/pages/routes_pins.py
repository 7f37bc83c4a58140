"""The pins: projects and terminals that are fixed to one target, each with the address to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.routing import Pin
from app.domain.status import AppStatus
from app.ui.dialogs.message import ask
from app.ui.dialogs.pin_editor import open_pin
from app.ui.formats import one_line
from app.ui.models.listed import Listed
from app.ui.models.pins import pin_target, pin_url
from app.ui.pages.routes_ordered import EMPTY_WIDTH, button, stacked
from app.ui.style import CAPTION, GRID, MARGIN, Hairline, Label, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.empty import Empty
from app.ui.widgets.reorder_list import ReorderList

if TYPE_CHECKING:
    from app.control.services import Services

HINT = "A pin counts before every rule, and nothing steps in for it. Running programs keep the address they began with."
EMPTY = (
    "A pin fixes one project or terminal to one provider and model, without touching any other: point it at the pin's "
    "own address, or pin the client key that it shows."
)
ADDRESS = "Base URL to paste"


class RoutesPins(QWidget):
    """The list, the selected one's address, and what can be done with it."""

    said = Signal(str)

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__()
        self._services, self._tasks = services, tasks
        self._pins: tuple[Pin, ...] = ()
        self._wanted = ""
        """The one to select once the status shows it."""
        self.list = ReorderList("Pins", movable=False)
        self.add = button("&Add a pin…", "plus", self.add_one)
        self.edit = button("&Edit…", "pencil-outline", self.edit_selected)
        self.remove = button("Re&move…", "trash-can-outline", self._remove)
        self.copy = button("&Copy", "content-copy", self._copy)
        self.address = Label(wrap=True)
        self.address.setFont(monospace())
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.address.setAccessibleName(ADDRESS)
        self.empty = Empty("pin-outline", width=EMPTY_WIDTH)
        self.empty.say("No pins", EMPTY, ("&Add a pin…", self.add_one))
        self._stack = stacked(self.list, HINT, (self.add, self.edit, self.remove), (), self._address_part())
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.list.opened.connect(lambda _row: self.edit_selected())
        self.list.remove_wanted.connect(lambda _row: self._remove())
        self.list.selected.connect(self._show_selected)

    def _address_part(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(ADDRESS, scale=CAPTION, role="muted"))
        words.addWidget(self.address)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, GRID + 4, MARGIN, GRID // 2)
        row.setSpacing(GRID)
        row.addLayout(words, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addWidget(Hairline())
        column.addLayout(row)
        return part

    # what is shown

    def show_status(self, status: AppStatus) -> None:
        """Bring the list up to date, in place."""
        self._pins = status.routing.pins
        colors = {one.name: one.color for one in status.providers}
        self.list.rows.set_rows([_listed(pin, colors.get(pin.to.provider)) for pin in self._pins])
        self._stack.setCurrentIndex(0 if self._pins else 1)
        if self._wanted and self.list.rows.place(self._wanted) >= 0:
            self.select(self._wanted)
            self._wanted = ""
        elif self.list.row < 0:
            self.list.select(0)
        self._show_selected()

    def _show_selected(self) -> None:
        pin = self._selected()
        for one in (self.edit, self.remove, self.copy):
            one.setEnabled(pin is not None)
        self.address.setText(one_line(pin_url(self._services.status.current, pin.name), 200) if pin else "")

    def _selected(self) -> Pin | None:
        row = self.list.row
        return self._pins[row] if 0 <= row < len(self._pins) else None

    def select(self, name: str) -> None:
        """Go to a pin."""
        self.list.select(self.list.rows.place(name))

    # what is done

    def add_one(self) -> None:
        """Open the dialog for a new pin."""
        open_pin(self, self._services, self._tasks, None, saved=self._saved)

    def edit_selected(self) -> None:
        """Open the dialog for the selected pin."""
        pin = self._selected()
        if pin is not None:
            open_pin(self, self._services, self._tasks, pin, saved=self._saved)

    def _saved(self, name: str) -> None:
        self._wanted = name
        self.show_status(self._services.status.current)

    def _copy(self) -> None:
        pin = self._selected()
        if pin is not None:
            QGuiApplication.clipboard().setText(pin_url(self._services.status.current, pin.name))
            self.said.emit(f"Base URL of {one_line(pin.name, 60)} copied")

    def _remove(self) -> None:
        pin = self._selected()
        if pin is None:
            return
        name = pin.name

        def remove() -> None:
            self._tasks.spawn("remove the pin", self._services.routes.remove_pin(name), self)

        text = "Whoever points at its address gets an error that names the pin, until the address is changed."
        if pin.key:
            text += f" Requests with the client key {one_line(pin.key, 60)} go the usual way again."
        ask(self, f"Remove the pin {one_line(name, 60)}?", text, action="&Remove", then=remove, dangerous=True)


def _listed(pin: Pin, color: int | None) -> Listed:
    by_key = f"  ·  client key {one_line(pin.key, 60)}" if pin.key else ""
    title = one_line(pin.name, 60)
    return Listed(pin.name, title, f"{pin_target(pin)}{by_key}", color=color)
