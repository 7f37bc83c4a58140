"""Add a rule or change one; what it will do stands below it as a sentence, while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QWidget

from app.domain.routing import Choice, Rule
from app.domain.rule_words import rule_words
from app.domain.status import AppStatus
from app.ui.dialogs.attempts import attempt
from app.ui.dialogs.rule_form import RuleForm
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.formats import one_line
from app.ui.style import CAPTION, GRID, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.target_rows import Offer

if TYPE_CHECKING:
    from app.control.services import Services

Of = TypeVar("Of")

SAVE = "save the rule"
WIDTH = 112 * GRID
UNREAD = "Correct the number of tokens first."
GONE = "This rule is no longer there: patchbay.toml was changed meanwhile. Close this window and look again."


class RuleEditor(WaitingDialog):
    """`index` is None for a new rule."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, index: int | None) -> None:
        super().__init__(parent, "Add a rule" if index is None else "Edit the rule", tasks, action="&Save")
        self._services = services
        status = services.status.current
        self._before = None if index is None else status.routing.rules[index]
        self._index = index
        self.form = RuleForm(offers(status), [key.name for key in services.keys.all()])
        self.held, self.fields = (self.form,), self.form
        self.sentence = Label(wrap=True)
        self.sentence.setAccessibleName("The rule in words")
        self.form.setMinimumWidth(WIDTH)
        for widget in (self.form, Hairline(), Label("In words", scale=CAPTION, role="muted"), self.sentence):
            self.body.addWidget(widget)
        self.buttons_after(self.form.enabled)
        self.form.edited.connect(self._show_sentence)
        self.action.clicked.connect(self._save)
        self.form.show_rule(self._before or new_rule(status))
        self._show_sentence()
        self.form.models.setFocus()

    def _show_sentence(self) -> None:
        words = UNREAD if self.form.unread else one_line(rule_words(self.form.rule), 600)
        self.sentence.setText(f"{words[:1].upper()}{words[1:]}")
        self.fail("")

    def _save(self) -> None:
        self.fail("")
        if self.form.complain():
            return
        replaces = row_now(self._services.status.current.routing.rules, self._before, self._index)
        if replaces == -1:
            self.fail(GONE)
            return
        self.wait_for(SAVE, attempt(self._services.routes.put_rule, self.form.rule, replaces=replaces), self.saved)


def row_now(rules: Sequence[Of], before: Of | None, index: int | None) -> int | None:
    """Where a rule stands now that stood at `index`; None for a new one, -1 where it is gone."""
    if before is None or index is None:
        return None
    if rules[index : index + 1] == (before,):
        return index
    return rules.index(before) if rules.count(before) == 1 else -1


def offers(status: AppStatus) -> tuple[Offer, ...]:
    """The providers that a target may be chosen from."""
    return tuple(Offer(one.name, one.color, one.models) for one in status.providers)


def new_rule(status: AppStatus) -> Rule:
    """Where one begins: no condition, and one target, because a rule without any is rarely meant."""
    other = next((one.name for one in status.providers if one.name != status.active), status.active)
    return Rule(to=(Choice(other),)) if other else Rule()


def open_rule(parent: QWidget, services: Services, tasks: Tasks, index: int | None) -> RuleEditor:
    """Open the dialog: `index` is the rule's place in the list, None for a new one."""
    dialog = RuleEditor(parent, services, tasks, index)
    dialog.open()
    return dialog
