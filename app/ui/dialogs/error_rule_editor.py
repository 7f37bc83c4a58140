"""Add an error rule or change one; what it will do stands below it as a sentence, while it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.error_meaning import covered_by
from app.domain.routing import ErrorRule, Meaning
from app.domain.rule_words import error_rule_words
from app.ui.dialogs.attempts import attempt
from app.ui.dialogs.error_rule_form import NOTHING, ErrorRuleForm
from app.ui.dialogs.rule_editor import GONE, offers, row_now
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.formats import one_line
from app.ui.style import CAPTION, GRID, Hairline, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

SAVE = "save the error rule"
WIDTH = 68 * GRID
UNREAD = "Correct the status first."


class ErrorRuleEditor(WaitingDialog):
    """`index` is None for a new rule."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, index: int | None) -> None:
        title = "Add an error rule" if index is None else "Edit the error rule"
        super().__init__(parent, title, tasks, action="Sa&ve")
        self._services, self._index = services, index
        self._before = None if index is None else services.status.current.routing.error_rules[index]
        self.form = ErrorRuleForm(offers(services.status.current))
        self.held, self.fields = (self.form,), self.form
        self.sentence, self.never = Label(wrap=True), Label(role="warning", wrap=True)
        self.sentence.setAccessibleName("The rule in words")
        self.never.setAccessibleName("Why it never counts")
        self.sentence.setMinimumHeight(2 * self.sentence.fontMetrics().height())
        self.form.setMinimumWidth(WIDTH)
        caption = Label("In words", scale=CAPTION, role="muted")
        for widget in (self.form, Hairline(), caption, self.sentence, self.never):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.buttons_after(self.form.means)
        self.form.edited.connect(self._show_sentence)
        self.action.clicked.connect(self._save)
        self.form.show_rule(self._before or ErrorRule(Meaning.OVERLOADED))
        self.form.status.setFocus()

    def _show_sentence(self) -> None:
        self.fail("")
        rule = self.form.rule
        words = one_line(error_rule_words(rule), 600) if rule.status or rule.text or rule.provider else NOTHING
        words = UNREAD if self.form.problem else words
        self.sentence.setText(f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}")
        covered = None if words in (UNREAD, NOTHING) else self._covered(rule)
        self.never.setVisible(covered is not None)
        if covered is not None:
            text = f"Rule {covered + 1} fits the same errors before it, so this one would never count."
            self.never.setText(f"{text} Change one of them, or move this one up.")

    def _covered(self, rule: ErrorRule) -> int | None:
        """The rule that leaves nothing to this one."""
        rules, row = self._services.status.current.routing.error_rules, self._row_now
        row = len(rules) if row is None or row < 0 else row
        return covered_by((*rules[:row], rule), row)

    @property
    def _row_now(self) -> int | None:
        return row_now(self._services.status.current.routing.error_rules, self._before, self._index)

    def _save(self) -> None:
        self.fail("")
        if self.form.complain():
            return
        replaces = self._row_now
        if replaces == -1:
            self.fail(GONE)
            return
        work = attempt(self._services.routes.put_error_rule, self.form.rule, replaces=replaces)
        self.wait_for(SAVE, work, self.saved)


def open_error_rule(parent: QWidget, services: Services, tasks: Tasks, index: int | None) -> ErrorRuleEditor:
    """Open the dialog: `index` is the rule's place in the list, None for a new one."""
    dialog = ErrorRuleEditor(parent, services, tasks, index)
    dialog.open()
    return dialog
