"""Add a budget or change one, with a sentence that says what it will do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.amounts import AmountError
from app.domain.budget import Budget
from app.domain.exchange import Facets
from app.ui import budget_words
from app.ui.dialogs.attempts import attempt
from app.ui.dialogs.budget_form import BudgetForm
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.style import GRID, Hairline, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

WIDTH = 76 * GRID
SAVE = "save the budget"


class BudgetEditor(WaitingDialog):
    """`start` fills the fields; without an id it is a new budget."""

    def __init__(self, parent: QWidget | None, services: Services, tasks: Tasks, start: Budget | None) -> None:
        new = start is None or not start.id
        title = "Add a budget" if new else "Edit the budget"
        super().__init__(parent, title, tasks, action="A&dd" if new else "Sa&ve")
        self._services = services
        keys = services.keys.all()
        self._key_names = {key.id: key.name for key in keys}
        self.form = BudgetForm(keys, (one.name for one in services.status.current.providers))
        self.held, self.fields = (self.form,), self.form
        self.meaning = Label(role="muted", wrap=True)
        self.meaning.setAccessibleName("What it does")
        self.meaning.setMinimumHeight(2 * self.meaning.fontMetrics().height())
        self.form.setMinimumWidth(WIDTH)
        self.body.addWidget(self.form)
        self.body.addWidget(Hairline())
        self.body.addWidget(self.meaning)
        self.body.addStretch(1)
        self.buttons_after(self.form.percent)
        self.form.set_models(_offered(services))
        if start is not None:
            self.form.show_budget(start)
        self.form.edited.connect(self._edited)
        self.action.clicked.connect(self._save)
        self._edited()
        self.form.amount.setFocus()
        tasks.spawn("read which models occur", services.insight.facets(), self, then=self._occur, failed=_ignore)

    def _occur(self, facets: Facets) -> None:
        self.form.set_models(dict.fromkeys((*facets.models, *_offered(self._services))))

    def _edited(self) -> None:
        self.fail("")
        try:
            budget = self.form.budget()
        except AmountError:
            self.meaning.setText("Enter an amount, and what it does is said here.")
            return
        missing = self.form.missing()
        subject = budget_words.scope(budget, self._key_names)
        self.meaning.setText(missing or budget_words.meaning(budget, subject))

    def _save(self) -> None:
        self.form.clear_errors()
        self.fail("")
        if missing := self.form.missing():
            self.form.fail("subject", missing)
            return
        try:
            budget = self.form.budget()
        except AmountError as error:
            self.form.fail("amount", str(error))
            return
        text = "Saving, and adding up what this period used already…"
        self.wait_for(SAVE, attempt(self._services.budgets.put, budget), self.saved, text=text)

    def failed(self, text: str) -> None:
        """An error that nobody thought of."""
        self.fail(f"The budget was not saved: {text}. Nothing has changed.")


def _offered(services: Services) -> tuple[str, ...]:
    """The models that the providers list."""
    listed = (model for one in services.status.current.providers for model in one.models)
    return tuple(dict.fromkeys(listed))


def _ignore(_text: str) -> None:
    """Without a history there is nothing more to propose."""


def open_budget(parent: QWidget, services: Services, tasks: Tasks, start: Budget | None = None) -> BudgetEditor:
    """Open the dialog for a new budget, one that exists, or a new one with some fields filled (an empty id)."""
    dialog = BudgetEditor(parent, services, tasks, replace(start) if start is not None else None)
    dialog.open()
    return dialog
