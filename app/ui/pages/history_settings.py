"""What is kept of requests: whether, how long, how safely, and how to get rid of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.settings import Settings
from app.domain.status import Encryption
from app.ui.dialogs.erase import open_erase
from app.ui.style import GRID, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.calm import CalmSpin
from app.ui.widgets.form import Form

if TYPE_CHECKING:
    from app.control.services import Services

COUNTED = "Requests are served and only counted: no row, no prompt and no answer of them is kept."
RECORDED = "Off, requests are served and only counted: nothing else of them is kept."
FIGURES = "Without them only the figures are kept."
ENCRYPTED = (
    "With a key in the system keyring: without it nobody reads them, neither here nor in a copy of the file. "
    "The words in them can then no longer be searched. What is stored already follows bit by bit."
)
LOCKED = (
    "The key is not at hand, because the system keyring is locked or missing: prompts and answers of new requests "
    "are not kept, and older ones are not shown, until it is unlocked."
)
RULES = (
    "One regular expression a line. What it matches is masked in everything that is stored from now on, beside the "
    "usual forms of keys, which always are. Providers get what you sent."
)
RULE_LINES = 4


class HistorySettings(Form):
    """The section; `wanted` says which setting shall be what."""

    wanted = Signal(dict)
    said = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, *, captions: int) -> None:
        super().__init__(captions=captions)
        self._services, self._tasks = services, tasks
        self._shown_rules: tuple[str, ...] = ()
        self.rows_kept = self._switch("Record requests", "record_rows")
        self.bodies = self._switch("Keep prompts and &answers", "record_bodies")
        self.encrypted = self._switch("Encrypt prompts and answers", "encrypt_bodies")
        self.days = number(1, 3650, " days")
        self.days.editingFinished.connect(lambda: self.wanted.emit({"history_days": self.days.value()}))
        self.budget = number(16, 1_048_576, " MiB")
        self.budget.editingFinished.connect(lambda: self.wanted.emit({"history_mib": self.budget.value()}))
        self.add("record_rows", "", self.rows_kept, hint=RECORDED)
        self.add("record_bodies", "", self.bodies, hint=FIGURES)
        self.add("encrypt_bodies", "", self.encrypted, hint=ENCRYPTED)
        self.add("history_days", "Keep for", line(self.days), focus=self.days)
        self.add(
            "history_mib",
            "At &most",
            line(self.budget),
            focus=self.budget,
            hint="When prompts and answers take more, the oldest of them go first; their figures stay.",
        )
        self._add_rules()
        self.erase = QPushButton("Erase everything\u2026")
        self.erase.clicked.connect(self._erase)
        hint = "Deletes every recorded exchange. To delete some of them, narrow the History page and use Delete there."
        self.add("erase", "Erase", line(self.erase), focus=self.erase, hint=hint)

    def _switch(self, text: str, key: str) -> QCheckBox:
        made = QCheckBox(text)
        made.clicked.connect(lambda on: self.wanted.emit({key: on}))
        return made

    def _add_rules(self) -> None:
        self.rules = QPlainTextEdit()
        self.rules.setFont(monospace())
        self.rules.setTabChangesFocus(True)
        self.rules.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.rules.setPlaceholderText("ACME-[0-9]{6}")
        self.rules.setFixedHeight(self.rules.fontMetrics().lineSpacing() * RULE_LINES + 2 * GRID)
        self.rules_apply = QPushButton("Use these r&ules")
        self.rules_apply.setEnabled(False)
        self.rules.textChanged.connect(self._rules_edited)
        self.rules_apply.clicked.connect(lambda: self.wanted.emit({"redaction": self._written_rules()}))
        box = QWidget()
        box.setFocusProxy(self.rules)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.rules)
        column.addWidget(line(self.rules_apply))
        self.add("redaction", "Also mask", box, focus=self.rules, hint=RULES)

    def _written_rules(self) -> tuple[str, ...]:
        return tuple(one for one in self.rules.toPlainText().split("\n") if one.strip())

    def _rules_edited(self) -> None:
        self.rules_apply.setEnabled(self._written_rules() != self._services.settings.current.redaction)

    def fill(self, now: Settings) -> None:
        """Show what holds; a field that is being edited is left alone."""
        for spin, value in ((self.days, now.history_days), (self.budget, now.history_mib)):
            if not spin.hasFocus():
                spin.setValue(value)
        self.rows_kept.setChecked(now.record_rows)
        self.bodies.setChecked(now.record_bodies)
        self.encrypted.setChecked(now.encrypt_bodies)
        for switch in (self.bodies, self.encrypted):
            switch.setEnabled(now.record_rows)
        self.rows["record_rows"].set_hint(RECORDED if now.record_rows else COUNTED)
        locked = self._services.status.current.encryption is Encryption.LOCKED
        self.rows["encrypt_bodies"].set_error(LOCKED if locked and now.encrypt_bodies else "")
        if now.redaction != self._shown_rules:  # else what stands there may be a draft
            self._shown_rules = now.redaction
            if self._written_rules() != now.redaction:
                self.rules.setPlainText("\n".join(now.redaction))
        self._rules_edited()

    def _erase(self) -> None:
        now_us = time.time_ns() // 1_000
        open_erase(self, self._services, self._tasks, None, now_us=now_us, done=self.said.emit)


def number(least: int, most: int, unit: str) -> CalmSpin:
    """A field for a number with its unit."""
    made = CalmSpin()
    made.setRange(least, most)
    made.setSuffix(unit)
    made.setGroupSeparatorShown(True)
    made.setFixedWidth(18 * GRID)
    return made


def line(*widgets: QWidget, stretch: QWidget | None = None) -> QWidget:
    """Widgets beside each other; the room that is left goes to `stretch`, or stays empty behind them."""
    box = QWidget()
    box.setFocusProxy(widgets[0])
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GRID)
    for widget in widgets:
        layout.addWidget(widget, 1 if widget is stretch else 0)
    if stretch is None:
        layout.addStretch(1)
    return box
