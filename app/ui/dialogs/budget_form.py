"""The fields of a budget: whose use, how much in which time, and what happens at the limit."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QWidget,
)

from app.domain import amounts
from app.domain.amounts import AmountError
from app.domain.budget import Budget, Period, Scope, Unit
from app.domain.client_key import ClientKey
from app.ui import budget_words
from app.ui.formats import one_line
from app.ui.style import GRID, Label
from app.ui.widgets.calm import CalmCombo, CalmSpin
from app.ui.widgets.form import Form

SCOPES = (
    (Scope.ALL, "All requests"),
    (Scope.KEY, "One client key"),
    (Scope.PROVIDER, "One provider"),
    (Scope.MODEL, "Models"),
)
UNITS = ((Unit.MONEY, "dollars"), (Unit.TOKENS, "tokens"))
PERIODS = tuple((period, budget_words.EACH[period]) for period in Period)
HARD = "A request that could pass the amount is refused with a clear error."
SOFT = "Requests go on; the tray and this window say that it is used up."
EXAMPLES = {Unit.MONEY: "Such as 20 or 12.50.", Unit.TOKENS: "Such as 500000 or 1.5 M."}
MODEL_HINT = "The name sent to the provider; * stands for any part of it, as in claude-opus-*."
SUBJECT_WIDTH = 34 * GRID
AMOUNT_WIDTH = 16 * GRID
FIRST_WARNING = 80
_MOST_NAMES = 60


class BudgetForm(Form):
    """Makes a budget of what was entered."""

    edited = Signal()

    def __init__(self, keys: Iterable[ClientKey], providers: Iterable[str]) -> None:
        super().__init__()
        self._id = ""
        self._key_names: dict[str, str] = {}
        self.scope = _choice("Applies to", ((scope.value, label) for scope, label in SCOPES))
        self.key = _choice("Client key", ((key.id, one_line(key.name, _MOST_NAMES)) for key in keys))
        self.provider = _choice("Provider", ((name, one_line(name, _MOST_NAMES)) for name in providers))
        self.model = CalmCombo()
        self.model.setEditable(True)
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText("claude-opus-*")
        self.model.setLineEdit(self.pattern)
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.model.setAccessibleName("Models")
        self.amount = QLineEdit()
        self.unit = _choice("Unit", ((unit.value, label) for unit, label in UNITS))
        self.period = _choice("Period", ((period.value, label) for period, label in PERIODS))
        self._select(self.period, Period.MONTH.value)
        self.hard, self.soft = QRadioButton("&Stop"), QRadioButton("Only &warn")
        self.warn, self.percent = QCheckBox("&Tell me at"), CalmSpin()
        self.add("subject", "Applies t&o", self._subject_row(), focus=self.scope)
        self.add("amount", "A&mount", self._amount_row(), focus=self.amount)
        self.add("hard", "At the limit", self._limit_rows(), focus=self.hard)
        self.add("warn_percent", "Warning", self._warn_row(), focus=self.warn)
        self.hard.setAccessibleName(f"Stop: {HARD}")
        self.warn.setAccessibleName("Tell me before the limit")
        self._connect()
        self._show_subject()
        self._say_amount()

    # the rows

    def _subject_row(self) -> QWidget:
        self._subject = QStackedWidget()
        for widget in (QWidget(), self.key, self.provider, self.model):
            self._subject.addWidget(widget)
        for box in (self.key, self.provider, self.model):
            box.setMinimumWidth(SUBJECT_WIDTH)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return _line(self.scope, self._subject, stretch=self._subject)

    def _amount_row(self) -> QWidget:
        self.amount.setFixedWidth(AMOUNT_WIDTH)
        self.amount.setPlaceholderText("20.00")
        return _line(self.amount, self.unit, self.period)

    def _limit_rows(self) -> QWidget:
        self._manner = QButtonGroup(self)
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(1, 1)
        for row, (button, text) in enumerate(((self.hard, HARD), (self.soft, SOFT))):
            self._manner.addButton(button)
            button.setAccessibleDescription(text)
            grid.addWidget(button, row, 0)
            grid.addWidget(Label(text, role="muted", scale=0.9), row, 1)
        self.hard.setChecked(True)
        return box

    def _warn_row(self) -> QWidget:
        self.percent.setRange(1, 100)
        self.percent.setSuffix(" %")
        self.percent.setValue(FIRST_WARNING)
        self.percent.setAccessibleName("Percent of the amount")
        self.warn.setChecked(True)
        return _line(self.warn, self.percent, Label("of the amount", role="muted"))

    def _connect(self) -> None:
        for box in (self.scope, self.key, self.provider, self.unit, self.period):
            box.currentIndexChanged.connect(lambda _place: self._changed())
        for edit in (self.amount, self.pattern):
            edit.textChanged.connect(lambda _text: self._changed())
        for button in (self.hard, self.soft, self.warn):
            button.toggled.connect(lambda _on: self._changed())
        self.percent.valueChanged.connect(lambda _value: self._changed())
        self.scope.currentIndexChanged.connect(lambda _place: self._show_subject())

    def _changed(self) -> None:
        self.percent.setEnabled(self.warn.isChecked())
        self.clear_errors()
        self._say_amount()
        self.edited.emit()

    def _show_subject(self) -> None:
        scope = self._scope()
        self._subject.setCurrentIndex([one for one, _ in SCOPES].index(scope))
        self.rows["subject"].set_hint(MODEL_HINT if scope is Scope.MODEL else "")

    def _say_amount(self) -> None:
        """How the amount is read; before, how it may be written."""
        unit = self._unit()
        try:
            read = budget_words.exact_amount(amounts.parse(self.amount.text(), unit), unit)
        except AmountError:
            read = ""
        self.rows["amount"].set_hint(f"Read as {read}." if read else EXAMPLES[unit])

    # what is chosen

    def _scope(self) -> Scope:
        return Scope(str(self.scope.currentData()))

    def _unit(self) -> Unit:
        return Unit(str(self.unit.currentData()))

    def set_models(self, names: Iterable[str]) -> None:
        """Models to choose from; what was typed stays."""
        typed = self.model.currentText()
        self.model.clear()
        self.model.addItems([name for name in names if name == one_line(name)])
        self.model.setEditText(typed)

    def show_budget(self, budget: Budget) -> None:
        """Fill the fields; with an id it is that budget that is edited."""
        self._id = budget.id
        self._select(self.scope, budget.scope.value)
        if budget.scope is Scope.KEY:
            self._select(self.key, budget.subject, budget_words.GONE_KEY)
        elif budget.scope is Scope.PROVIDER:
            self._select(self.provider, budget.subject, one_line(budget.subject, _MOST_NAMES))
        elif budget.scope is Scope.MODEL:
            self.model.setEditText(budget.subject)
        self._select(self.unit, budget.unit.value)
        self._select(self.period, budget.period.value)
        if budget.amount:
            self.amount.setText(amounts.typed(budget.amount, budget.unit))
        (self.hard if budget.hard else self.soft).setChecked(True)
        self.warn.setChecked(bool(budget.warn_percent))
        self.percent.setValue(budget.warn_percent or FIRST_WARNING)

    def _select(self, box: QComboBox, value: str, label: str = "") -> None:
        """Choose a value; one that is not offered any more is offered under `label`."""
        place = box.findData(value)
        if place < 0 and label:
            box.addItem(label, value)
            place = box.count() - 1
        box.setCurrentIndex(max(0, place))

    def subject(self) -> str:
        """Whose use is counted: an id, a name or a pattern; empty for all, and where nothing was chosen."""
        match self._scope():
            case Scope.KEY:
                return str(self.key.currentData() or "")
            case Scope.PROVIDER:
                return str(self.provider.currentData() or "")
            case Scope.MODEL:
                return self.model.currentText().strip()
        return ""

    def budget(self) -> Budget:
        """What was entered; raises AmountError for an amount that is none."""
        unit = self._unit()
        return Budget(
            id=self._id,
            scope=self._scope(),
            subject=self.subject(),
            unit=unit,
            period=Period(str(self.period.currentData())),
            amount=amounts.parse(self.amount.text(), unit),
            hard=self.hard.isChecked(),
            warn_percent=self.percent.value() if self.warn.isChecked() else 0,
        )

    def missing(self) -> str:
        """What has to be chosen first; empty where nothing has."""
        if self._scope() is Scope.ALL or self.subject():
            return ""
        return {
            Scope.KEY: "There is no client key yet. Create one on the page Keys.",
            Scope.PROVIDER: "There is no provider yet. Add one on the page Providers.",
        }.get(self._scope(), "Enter the name of a model, or a part of it with *.")


def _choice(name: str, values: Iterable[tuple[str, str]]) -> CalmCombo:
    box = CalmCombo()
    box.setAccessibleName(name)
    for value, label in values:
        box.addItem(label, value)
    return box


def _line(*widgets: QWidget, stretch: QWidget | None = None) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is stretch else 0)
    if stretch is None:
        row.addStretch(1)
    return box
