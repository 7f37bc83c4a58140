"""Try it: a request that somebody thinks of, and where it would go, and why. Nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTime
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QTimeEdit, QVBoxLayout, QWidget

from app.domain.facts import KnownFacts
from app.domain.status import AppStatus
from app.ui.formats import one_line
from app.ui.models.ways import Way, tried
from app.ui.style import CAPTION, GRID, MARGIN, Hairline, Label
from app.ui.tray_model import CLIENTS
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.form import Form
from app.ui.widgets.token_edit import TokenEdit
from app.ui.widgets.way_view import WayView

if TYPE_CHECKING:
    from app.control.services import Services

USUAL = ("claude-opus-4-8", "claude-sonnet-4-8", "claude-haiku-4-5")
MOST_MODELS = 60
WORDS = 400
MOST_PASSED = 4
FACTS = (
    ("thinking", "Thinks"),
    ("tools", "Tools"),
    ("image", "Image"),
    ("web_search", "Web search"),
    ("subagent", "From a subagent"),
)
HINT = "Nothing is sent: this only asks where such a request would go now."


class RoutesTry(QWidget):
    """A few fields, and the way that follows from them."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self.model = _editable("Model")
        self.client, self.key, self.pin = CalmCombo(), CalmCombo(), CalmCombo()
        self.tokens = TokenEdit("Prompt tokens", nothing="0")
        self.at = QTimeEdit()
        self.at.setDisplayFormat("HH:mm")
        self.facts = {name: QCheckBox(label) for name, label in FACTS}
        self.verdict = Label(wrap=True, strong=True)
        self.verdict.setAccessibleName("Why")
        self.verdict.setContentsMargins(MARGIN, GRID + 4, MARGIN, GRID // 2)
        self.passed = Label(scale=CAPTION, role="muted", wrap=True)
        self.passed.setAccessibleName("Rules that do not fit")
        self.passed.setContentsMargins(MARGIN, 0, MARGIN, GRID // 2)
        self.way = WayView("Where it would go")
        self._lay_out()
        self._fill_clients()
        self.model.setEditText(USUAL[1])
        self.model.editTextChanged.connect(self._try)
        self.tokens.textChanged.connect(self._try)
        self.at.timeChanged.connect(self._try)
        for box in (self.client, self.key, self.pin):
            box.currentIndexChanged.connect(self._try)
        for tick in self.facts.values():
            tick.toggled.connect(self._try)

    def _lay_out(self) -> None:
        form = Form(captions=11 * GRID)
        form.add("model", "Model", self.model)
        self.tokens_row = form.add("tokens", "Prompt tokens", self.tokens)
        form.add("facts", "With", self._ticks(), focus=self.facts["thinking"])
        self.facts["thinking"].setAccessibleName("Thinks")
        form.add("client", "Client", self.client)
        form.add("key", "Client key", self.key)
        form.add("pin", "Address", self.pin)
        form.add("at", "At", self.at)
        self.at.setMaximumWidth(12 * GRID)
        form.setContentsMargins(MARGIN, GRID, MARGIN, GRID + 4)
        hint = Label(HINT, scale=CAPTION, role="muted", wrap=True)
        hint.setContentsMargins(MARGIN, GRID, MARGIN, GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hint)
        column.addWidget(form)
        column.addWidget(Hairline())
        column.addWidget(self.verdict)
        column.addWidget(self.passed)
        column.addWidget(self.way, 1)

    def _ticks(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(MARGIN)
        grid.setVerticalSpacing(GRID // 2)
        for place, tick in enumerate(self.facts.values()):
            grid.addWidget(tick, place // 3, place % 3, 1, 1 if place < 4 else 2)
        grid.setColumnStretch(3, 1)
        return box

    def _fill_clients(self) -> None:
        self.client.addItem("Any", "")
        for name, label in CLIENTS:
            if name not in ("openai", "anthropic"):
                self.client.addItem(label, name)

    def showEvent(self, event: QShowEvent) -> None:
        """It is now, unless somebody says otherwise."""
        super().showEvent(event)
        now = QTime.currentTime()
        self.at.setTime(QTime(now.hour(), now.minute()))
        self._offer(self.key, "Any", [key.name for key in self._services.keys.all()])
        self._try()

    def show_status(self, status: AppStatus) -> None:
        """Offer what there is now, and ask again."""
        names = dict.fromkeys((*USUAL, *(model for one in status.providers for model in one.models)))
        wanted = list(names)[:MOST_MODELS]
        if [self.model.itemText(place) for place in range(self.model.count())] != wanted:
            text = self.model.currentText()
            self.model.blockSignals(True)
            self.model.clear()
            self.model.addItems(wanted)
            self.model.setEditText(text)
            self.model.blockSignals(False)
        self._offer(self.pin, "The usual one", [pin.name for pin in status.routing.pins], before="/p/")
        if self.isVisible():
            self._try()

    @staticmethod
    def _offer(box: QComboBox, first: str, names: list[str], *, before: str = "") -> None:
        wanted = ["", *names]
        if [box.itemData(place) for place in range(box.count())] == wanted:
            return
        chosen = box.currentData()
        box.blockSignals(True)
        box.clear()
        box.addItem(first, "")
        for name in names:
            box.addItem(f"{before}{one_line(name, 60)}", name)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.blockSignals(False)

    @property
    def asked(self) -> KnownFacts:
        """The request that the fields describe."""
        asked = KnownFacts(
            model=self.model.currentText().strip(),
            client=str(self.client.currentData() or ""),
            key=str(self.key.currentData() or ""),
            pin=str(self.pin.currentData() or ""),
            dialect="anthropic_messages",
            minute=self.at.time().hour() * 60 + self.at.time().minute(),
            prompt_tokens=self.tokens.value(),
        )
        ticked: dict[str, Any] = {name: tick.isChecked() for name, tick in self.facts.items()}
        return replace(asked, **ticked)

    def _try(self, *_: object) -> None:
        self.tokens_row.set_error(self.tokens.problem)
        if self.tokens.problem:
            self._show("Correct the number of tokens first.", None)
            return
        trial = tried(self._services.status.current, self._services.routes, self.asked, time.time_ns() // 1_000)
        self._show(trial.why, trial.way, trial.passed)

    def _show(self, why: str, way: Way | None, not_fitting: Sequence[str] = ()) -> None:
        words = one_line(why, WORDS)
        self.verdict.setText(f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}")
        self.verdict.set_role("text" if way else "error")
        passed = "; ".join(not_fitting[:MOST_PASSED])
        more = len(not_fitting) - MOST_PASSED
        self.passed.setText(f"Does not fit {passed}{f', and {more} more rules' if more > 0 else ''}" if passed else "")
        self.passed.setVisible(bool(passed))
        self.way.ways.set_ways((way,) if way else ())


def _editable(name: str) -> CalmCombo:
    made = CalmCombo()
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setAccessibleName(name)
    line = made.lineEdit()
    if line is not None:
        line.setAccessibleName(name)
    return made
