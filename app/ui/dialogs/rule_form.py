"""The fields of a rule: conditions that may all be left open, and the targets of what fits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTime, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QTimeEdit, QVBoxLayout, QWidget

from app.domain.routing import Rule, Strategy
from app.ui.models.strategies import STRATEGY_HINTS, STRATEGY_LABELS
from app.ui.style import GRID, MARGIN, Hairline, Label
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.form import Form
from app.ui.widgets.target_rows import Offer, TargetRows
from app.ui.widgets.token_edit import TokenEdit

ANY, YES, NO = "Any", "Yes", "No"
ASKED = (
    ("thinking", "Thinking asked"),
    ("tools", "Tools offered"),
    ("web_search", "Web search offered"),
    ("image", "An image in it"),
    ("subagent", "From a subagent"),
)
_VALUES = (None, True, False)
SEVERAL = "Several with commas between them; * stands for any part."
NO_TARGET = "Without a target these requests go the usual way, and no later rule is looked at."
ONLY = "&Nothing else serves them"
ONLY_HINT = "Otherwise they go the usual way while none of the targets can answer."


class Names(QLineEdit):
    """Names with commas between them. What was not touched stays as it was, even a name with a comma in it."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self._given: tuple[str, ...] = ()

    def show_names(self, names: tuple[str, ...]) -> None:
        """Show these."""
        self._given = names
        self.setText(", ".join(names))

    @property
    def names(self) -> tuple[str, ...]:
        """What stands there, each once."""
        if self.text() == ", ".join(self._given):
            return self._given
        return tuple(dict.fromkeys(one.strip() for one in self.text().split(",") if one.strip()))


class RuleForm(QWidget):
    """Conditions on the left, targets on the right."""

    edited = Signal()

    def __init__(self, offers: Sequence[Offer], keys: Sequence[str]) -> None:
        super().__init__()
        self.conditions, self.ways = Form(captions=11 * GRID), Form(captions=8 * GRID)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Long prompts")
        self.models = Names("claude-opus-*, gpt-5*")
        self.clients = Names("claude-code, codex")
        self.keys = Names(", ".join(keys[:3]) or "laptop, ci")
        self.least = TokenEdit("From how many tokens", nothing="any")
        self.most = TokenEdit("Up to how many tokens", nothing="any")
        self.asked = {name: _asked(label) for name, label in ASKED}
        self.limited = QCheckBox("&Between")
        self.start, self.end = _time("From this time of day"), _time("Until this time of day")
        self.to = TargetRows(offers)
        self.strategy = CalmCombo()
        for strategy, label in STRATEGY_LABELS.items():
            self.strategy.addItem(label, strategy.value)
        self.only = QCheckBox(ONLY)
        self.enabled = QCheckBox("S&witched on")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(GRID + 4)
        left.addWidget(Label("Requests that fit all of these", strong=True))
        left.addWidget(self._conditions())
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(GRID + 4)
        right.addWidget(Label("Go to", strong=True))
        right.addWidget(self._ways())
        right.addStretch(1)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(MARGIN)
        columns.addLayout(left, 1)
        columns.addWidget(Hairline(vertical=True))
        columns.addLayout(right, 1)

    def _conditions(self) -> Form:
        form = self.conditions
        form.add("models", "&Model", self.models, hint=SEVERAL)
        form.add("clients", "C&lient", self.clients)
        form.add("keys", "Client &key", self.keys)
        form.add(
            "min_tokens", "Prompt &tokens", _beside(self.least, Label("to", role="muted"), self.most), focus=self.least
        )
        self.least.setAccessibleName("From how many tokens")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(0, 1)
        for place, (name, label) in enumerate(ASKED):
            words = QLabel(label)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setBuddy(self.asked[name])
            grid.addWidget(words, place, 0)
            grid.addWidget(self.asked[name], place, 1)
        box = QWidget()
        box.setLayout(grid)
        form.add("asked", "Request", box, focus=self.asked["thinking"])
        self.asked["thinking"].setAccessibleName(ASKED[0][1])
        times = _beside(self.limited, self.start, Label("and", role="muted"), self.end)
        form.add("between", "Time of day", times, focus=self.limited)
        self.limited.setAccessibleName("Only at a time of day")
        return form

    def _ways(self) -> Form:
        form = self.ways
        form.add("to", "Targets", self.to, focus=self.to.add)
        self.to.add.setAccessibleName("Add a target")
        self.strategy_row = form.add("strategy", "Str&ategy", _beside(self.strategy), focus=self.strategy)
        form.add("only", "", self.only, hint=ONLY_HINT)
        self.only.setAccessibleName(ONLY.replace("&", ""))
        form.add("name", "Nam&e", self.name)
        form.add("enabled", "", self.enabled)
        self.enabled.setAccessibleName("Switched on")
        return form

    def _connect(self) -> None:
        for line in (self.name, self.models, self.clients, self.keys):
            line.textChanged.connect(self._edited)
        for number in (self.least, self.most):
            number.textChanged.connect(self._edited)
            number.editingFinished.connect(self._say_tokens)
        for box in (*self.asked.values(), self.strategy):
            box.currentIndexChanged.connect(self._edited)
        for tick in (self.limited, self.only, self.enabled):
            tick.toggled.connect(self._edited)
        for at in (self.start, self.end):
            at.timeChanged.connect(self._edited)
        self.to.changed.connect(self._edited)

    def _edited(self, *_: object) -> None:
        several = len(self.to.rows) > 1
        self.strategy.setEnabled(several)
        self.strategy_row.set_hint(STRATEGY_HINTS[Strategy(self.strategy.currentData())] if several else "")
        self.only.setEnabled(bool(self.to.rows))
        self.ways.rows["to"].set_hint("" if self.to.rows else NO_TARGET)
        for at in (self.start, self.end):
            at.setEnabled(self.limited.isChecked())
        self.edited.emit()

    def _say_tokens(self) -> None:
        self.conditions.rows["min_tokens"].set_error(self.least.problem or self.most.problem)

    # the rule

    def show_rule(self, rule: Rule) -> None:
        """Fill every field."""
        with QSignalBlocker(self):
            self.name.setText(rule.name)
            self.models.show_names(rule.models)
            self.clients.show_names(rule.clients)
            self.keys.show_names(rule.keys)
            self.least.setValue(rule.min_tokens)
            self.most.setValue(rule.max_tokens)
            for name, box in self.asked.items():
                box.setCurrentIndex(_VALUES.index(getattr(rule, name)))
            self.limited.setChecked(rule.between is not None)
            start, end = rule.between or (22 * 60, 6 * 60)
            self.start.setTime(QTime(start // 60 % 24, start % 60))
            self.end.setTime(QTime(end // 60 % 24, end % 60))
            self.to.show_choices(rule.to)
            self.strategy.setCurrentIndex(self.strategy.findData(rule.strategy.value))
            self.only.setChecked(rule.only)
            self.enabled.setChecked(rule.enabled)
        self._edited()

    @property
    def rule(self) -> Rule:
        """What the fields say."""
        asked = {name: _VALUES[box.currentIndex()] for name, box in self.asked.items()}
        return Rule(
            name=self.name.text().strip(),
            enabled=self.enabled.isChecked(),
            models=self.models.names,
            keys=self.keys.names,
            clients=self.clients.names,
            min_tokens=self.least.value(),
            max_tokens=self.most.value(),
            **asked,
            between=(_minute(self.start), _minute(self.end)) if self.limited.isChecked() else None,
            to=self.to.choices,
            strategy=Strategy(self.strategy.currentData()),
            only=self.only.isChecked(),
        )

    @property
    def unread(self) -> TokenEdit | None:
        """The first number that cannot be read; `rule` is not what was meant as long as there is one."""
        return next((one for one in (self.least, self.most) if one.problem), None)

    def complain(self) -> bool:
        """Say at the field what cannot be; False where all is well."""
        self.clear_errors()
        rule = self.rule
        unread = self.unread
        if unread is not None:
            said = self.fail("min_tokens", unread.problem)
            unread.setFocus(Qt.FocusReason.OtherFocusReason)
            return said
        if rule.max_tokens and rule.max_tokens < rule.min_tokens:
            return self.fail("min_tokens", "The second number must not be less than the first.")
        if rule.between is not None and rule.between[0] == rule.between[1]:
            return self.fail("between", "Choose two different times, or take the tick out for the whole day.")
        if any(not choice.provider for choice in rule.to):
            return self.fail("to", "Choose a provider for every target, or remove the target.")
        return False

    def clear_errors(self) -> None:
        """Nothing is wrong yet."""
        for form in (self.conditions, self.ways):
            form.clear_errors()

    def fail(self, field: str, text: str) -> bool:
        """Say it at that field; False where there is none of that name."""
        name = {"max_tokens": "min_tokens"}.get(field, "asked" if field in self.asked else field)
        return self.conditions.fail(name, text) or self.ways.fail(name, text)


def _asked(label: str) -> CalmCombo:
    made = CalmCombo()
    made.addItems([ANY, YES, NO])
    made.setAccessibleName(label)
    return made


def _time(name: str) -> QTimeEdit:
    made = QTimeEdit()
    made.setDisplayFormat("HH:mm")
    made.setAccessibleName(name)
    return made


def _minute(at: QTimeEdit) -> int:
    return at.time().hour() * 60 + at.time().minute()


def _beside(*widgets: QWidget) -> QWidget:
    box = QWidget()
    box.setFocusProxy(widgets[0])
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return box
