"""The fields of an error rule: which errors, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.routing import ErrorRule, Meaning
from app.ui.formats import one_line
from app.ui.style import GRID
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.dot import dot
from app.ui.widgets.form import Form
from app.ui.widgets.target_rows import Offer

MEANINGS = {
    Meaning.OVERLOADED: "The provider is overloaded",
    Meaning.RATE_LIMITED: "The key has reached its limit",
    Meaning.REFUSED: "The request is at fault",
}
HINTS = {
    Meaning.OVERLOADED: "Another provider is tried. Several in a row, and this one is not asked for a while.",
    Meaning.RATE_LIMITED: "The key rests, for as long as the provider says, and another key or provider is tried.",
    Meaning.REFUSED: "The client is told what the provider said, and nobody else is tried.",
}
STATUS_HINT = "As the provider sent it: 400, 403, 500 …"
TEXT_HINT = "A part of what the provider says, in small or capital letters."
NOT_A_STATUS = "A status is a number from 100 to 599. Leave the field empty for any."
NOTHING = "Say which errors it means: a status, a part of the text, or a provider."
ANY = "Any"
_STATUS = re.compile(r"[1-5][0-9]{2}", re.ASCII)


class ErrorRuleForm(QWidget):
    """What an error must be to fit, and what it is then taken for."""

    edited = Signal()

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self.status, self.text = QLineEdit(), QLineEdit()
        self.status.setPlaceholderText("any")
        self.status.setMaximumWidth(12 * GRID)
        self.text.setPlaceholderText("any, or such as: try again later")
        self.provider, self.means = CalmCombo(), CalmCombo()
        self.provider.addItem(ANY, "")
        for offer in offers:
            self.provider.addItem(dot(offer.color), one_line(offer.name, 60), offer.name)
        for meaning, label in MEANINGS.items():
            self.means.addItem(label, meaning.value)
        self._given = ("", "")
        """The rule's text, and how the field shows it: what was not touched stays as it was."""
        self.rows = Form(captions=10 * GRID)
        self._lay_out()
        for line in (self.status, self.text):
            line.textChanged.connect(self._edited)
        for box in (self.provider, self.means):
            box.currentIndexChanged.connect(self._edited)
        self._edited()

    def _lay_out(self) -> None:
        self.rows.add("status", "&Status", self.status, hint=STATUS_HINT)
        self.rows.add("text", "&Text", self.text, hint=TEXT_HINT)
        self.rows.add("provider", "&Provider", _beside(self.provider), focus=self.provider)
        self.means_row = self.rows.add("means", "M&eans", _beside(self.means), focus=self.means)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)

    def _edited(self, *_: object) -> None:
        self.means_row.set_hint(HINTS[self._meaning])
        self.edited.emit()

    def show_rule(self, rule: ErrorRule) -> None:
        """Fill every field."""
        with QSignalBlocker(self):
            self.status.setText(str(rule.status) if rule.status else "")
            self.text.setText(rule.text)
            self._given = rule.text, self.text.text()
            self._choose_provider(rule.provider)
            self.means.setCurrentIndex(self.means.findData(rule.means.value))
        self._edited()

    def _choose_provider(self, name: str) -> None:
        names = [str(self.provider.itemData(place)).lower() for place in range(self.provider.count())]
        if name.lower() not in names:
            self.provider.addItem(f"{one_line(name, 60)} (does not exist)", name)
            names.append(name.lower())
        self.provider.setCurrentIndex(names.index(name.lower()))

    @property
    def _meaning(self) -> Meaning:
        return Meaning(self.means.currentData())

    @property
    def problem(self) -> str:
        """Why the status cannot be read; empty where it can."""
        text = self.status.text().strip()
        return "" if not text or _STATUS.fullmatch(text) else NOT_A_STATUS

    @property
    def rule(self) -> ErrorRule:
        """What the fields say; without a status where that cannot be read."""
        status = self.status.text().strip()
        given, shown = self._given
        text = given if self.text.text() == shown else self.text.text().strip()
        number = 0 if self.problem or not status else int(status)
        return ErrorRule(self._meaning, number, text, str(self.provider.currentData() or ""))

    def complain(self) -> bool:
        """Say at the field what cannot be; False where all is well."""
        self.rows.clear_errors()
        if self.problem:
            return self.rows.fail("status", self.problem)
        rule = self.rule
        return not (rule.status or rule.text or rule.provider) and self.rows.fail("status", NOTHING)

    def fail(self, field: str, text: str) -> bool:
        """Say it at that field; False where there is none of that name."""
        return self.rows.fail(field, text)


def _beside(widget: QWidget) -> QWidget:
    """A field no wider than it must be."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget)
    row.addStretch(1)
    box.setFocusProxy(widget)
    return box
