"""Add a rule or change one; what it will do stands below it as a sentence, while it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.routing import Choice, Rule
from app.domain.rule_words import rule_words
from app.domain.status import AppStatus
from app.ui.dialogs.attempts import Problem, attempt
from app.ui.dialogs.base import Dialog
from app.ui.dialogs.rule_form import RuleForm
from app.ui.formats import one_line
from app.ui.style import CAPTION, GRID, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.target_rows import Offer

if TYPE_CHECKING:
    from app.control.services import Services

SAVE = "save the rule"
WIDTH = 112 * GRID
UNREAD = "Correct the number of tokens first."
GONE = "This rule is no longer there: patchbay.toml was changed meanwhile. Close this window and look again."


class RuleEditor(Dialog):
    """`index` is None for a new rule."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, index: int | None) -> None:
        super().__init__(parent, "Add a rule" if index is None else "Edit the rule", action="&Save")
        self._services, self._tasks = services, tasks
        status = services.status.current
        self._before = None if index is None else status.routing.rules[index]
        self._index = index
        self.form = RuleForm(offers(status), [key.name for key in services.keys.all()])
        self.sentence = Label(wrap=True)
        self.sentence.setAccessibleName("The rule in words")
        self.form.setMinimumWidth(WIDTH)
        for widget in (self.form, Hairline(), Label("In words", scale=CAPTION, role="muted"), self.sentence):
            self.body.addWidget(widget)
        self.buttons_after(self.form.enabled)
        self.form.edited.connect(self._show_sentence)
        self.action.clicked.connect(self._save)
        self.busy.cancelled.connect(self._cancel)
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
        replaces = self._row_now()
        if replaces == -1:
            self.fail(GONE)
            return
        self._set_running(text="Saving…")
        work = attempt(self._services.routes.put_rule, self.form.rule, replaces=replaces)
        self._tasks.spawn(SAVE, work, self, then=self._saved, failed=self._failed)

    def _row_now(self) -> int | None:
        """Where the rule stands now; None for a new one, -1 where it is gone."""
        if self._before is None or self._index is None:
            return None
        rules = self._services.status.current.routing.rules
        if rules[self._index : self._index + 1] == (self._before,):
            return self._index
        return rules.index(self._before) if rules.count(self._before) == 1 else -1

    def _saved(self, problem: Problem | None) -> None:
        self._set_running(text="")
        if problem is None:
            self.accept()
        elif not self.form.fail(problem.field, problem.text):
            self.fail(problem.text)

    def _failed(self, text: str) -> None:
        self._set_running(text="")
        self.fail(f"That did not work: {text}.")

    def _cancel(self) -> None:
        self._tasks.cancel(self, SAVE)
        self._set_running(text="")

    def _set_running(self, *, text: str) -> None:
        if text:
            self.busy.start(text)
        else:
            self.busy.stop()
        for widget in (self.action, self.form):
            widget.setEnabled(not text)


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
