"""Targets in order, to be edited in place: a line for each with its provider, its model and the ways to move it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.domain.routing import Choice
from app.ui.formats import one_line
from app.ui.icons import symbol
from app.ui.style import GRID, Label, tab_along
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.dot import dot

MOST = 12
BY_TIER = "by tier"


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider that may be chosen."""

    name: str
    color: int
    models: tuple[str, ...]


class TargetRow(QWidget):
    """One target."""

    def __init__(self, offers: Sequence[Offer], number: int, changed: Callable[[], None]) -> None:
        super().__init__()
        self._offers, self._changed = {one.name: one for one in offers}, changed
        self.number = Label(role="muted")
        self.number.setFixedWidth(2 * GRID)
        self.provider, self.model = CalmCombo(), CalmCombo()
        for one in offers:
            self.provider.addItem(dot(one.color), one_line(one.name, 40), one.name)
        self.provider.setMinimumWidth(18 * GRID)
        self.model.setEditable(True)
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.model.setMinimumWidth(20 * GRID)
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        line = self.model.lineEdit()
        if line is not None:
            line.setPlaceholderText(BY_TIER)
        self.up, self.down, self.remove = QToolButton(), QToolButton(), QToolButton()
        self._lay_out()
        self.show_number(number)
        self._offer_models()
        self.provider.currentIndexChanged.connect(self._provider_changed)
        self.model.editTextChanged.connect(lambda _text: changed())

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self.number)
        line.addWidget(self.provider)
        line.addWidget(self.model, 1)
        for button, icon in ((self.up, "arrow-up"), (self.down, "arrow-down"), (self.remove, "close")):
            button.setIcon(symbol(icon))
            button.setIconSize(QSize(2 * GRID, 2 * GRID))
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            line.addWidget(button)
        line.setSpacing(GRID // 2)

    def show_number(self, number: int) -> None:
        """Where it stands now."""
        self.number.setText(str(number))
        for widget, name in (
            (self.provider, f"Provider of target {number}"),
            (self.model, f"Model of target {number}"),
            (self.up, f"Move target {number} up"),
            (self.down, f"Move target {number} down"),
            (self.remove, f"Remove target {number}"),
        ):
            widget.setAccessibleName(name)
        line = self.model.lineEdit()
        if line is not None:
            line.setAccessibleName(self.model.accessibleName())
        for button in (self.up, self.down, self.remove):
            button.setToolTip(button.accessibleName())

    def alone(self) -> None:
        """It is the only one there can be: nothing to move, nothing to remove."""
        for widget in (self.number, self.up, self.down, self.remove):
            widget.hide()
        self.provider.setAccessibleName("Provider")
        self.model.setAccessibleName("Model")

    def show_choice(self, choice: Choice) -> None:
        """Show a target; one whose provider is gone stays what it is."""
        place = self.provider.findData(choice.provider)
        if place < 0:
            match = next((name for name in self._offers if name.lower() == choice.provider.lower()), "")
            place = self.provider.findData(match) if match else -1
        if place < 0:
            self.provider.addItem(dot(None), f"{one_line(choice.provider, 40)} (does not exist)", choice.provider)
            place = self.provider.count() - 1
        self.provider.setCurrentIndex(place)
        self._offer_models()
        self.model.setEditText(choice.model)

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return Choice(str(self.provider.currentData() or ""), self.model.currentText().strip())

    def _provider_changed(self, _place: int) -> None:
        self._offer_models()
        self._changed()

    def _offer_models(self) -> None:
        """The provider's models; a name that is none of them was another provider's, and goes."""
        offer = self._offers.get(str(self.provider.currentData() or ""))
        self.model.blockSignals(True)
        self.model.clear()
        self.model.addItem("")
        self.model.addItems(list(offer.models) if offer else [])
        self.model.setItemData(0, "By tier", Qt.ItemDataRole.AccessibleTextRole)
        self.model.setCurrentIndex(0)
        self.model.blockSignals(False)


def _tabbed_before(widget: QWidget) -> QWidget:
    """What Tab comes from to this one; Qt puts nothing behind what Tab passes over."""
    found = widget.previousInFocusChain() or widget
    while found is not widget and not found.focusPolicy() & Qt.FocusPolicy.TabFocus:
        found = found.previousInFocusChain() or widget
    return found


class TargetRows(QWidget):
    """The lines, and the button for one more."""

    changed = Signal()

    def __init__(self, offers: Sequence[Offer], *, single: bool = False) -> None:
        super().__init__()
        self._offers, self._single = tuple(offers), single
        self.rows: list[TargetRow] = []
        self.add = QPushButton("Add a tar&get")
        self.add.setIcon(symbol("plus"))
        self.add.setAutoDefault(False)
        self.add.clicked.connect(lambda _checked=False: self._add())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID // 2)
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.add.setVisible(not single)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The targets, first to last."""
        return tuple(row.choice for row in self.rows)

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Show these and no others."""
        for row in list(self.rows):
            self._take(row)
        for choice in choices[: 1 if self._single else None]:
            self._append().show_choice(choice)
        self._renumber()

    def _add(self) -> None:
        taken = {row.choice.provider for row in self.rows}
        free = next((one.name for one in self._offers if one.name not in taken), "")
        row = self._append()
        if free:
            row.show_choice(Choice(free))
        self._renumber()
        row.provider.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _append(self) -> TargetRow:
        before = _tabbed_before(self.add)
        row = TargetRow(self._offers, len(self.rows) + 1, self.changed.emit)
        row.up.clicked.connect(lambda _checked=False: self._shift(row, -1))
        row.down.clicked.connect(lambda _checked=False: self._shift(row, 1))
        row.remove.clicked.connect(lambda _checked=False: self._remove(row))
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)
        tab_along(before, row.provider, row.model, row.up, row.down, row.remove, self.add)
        if self._single:
            row.alone()
        return row

    def _shift(self, row: TargetRow, by: int) -> None:
        """Exchange what two lines say, so that the focus stays with the button that moved it."""
        here = self.rows.index(row)
        there = here + by
        one, other = row.choice, self.rows[there].choice
        row.show_choice(other)
        self.rows[there].show_choice(one)
        button = self.rows[there].up if by < 0 else self.rows[there].down
        (button if button.isEnabled() else self.rows[there].provider).setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _remove(self, row: TargetRow) -> None:
        place = self.rows.index(row)
        self._take(row)
        self._renumber()
        near = self.rows[min(place, len(self.rows) - 1)].remove if self.rows else self.add
        near.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _take(self, row: TargetRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _renumber(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            row.show_number(number)
            row.up.setEnabled(number > 1)
            row.down.setEnabled(number < len(self.rows))
            if self._single:
                row.alone()
        self.add.setEnabled(bool(self._offers) and len(self.rows) < MOST)
