"""A dialog that does something and waits for it: nothing can be changed meanwhile, and Escape gives that up first."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from app.ui.dialogs.attempts import Problem
from app.ui.dialogs.base import Dialog
from app.ui.tasks import Tasks

Result = TypeVar("Result")


class Fields(Protocol):
    """Fields that have names."""

    def fail(self, field: str, text: str, /) -> bool:
        """Say it at that field; False where there is none of that name."""


class WaitingDialog(Dialog):
    """Subclasses connect `action` to something that ends in `wait_for`."""

    held: tuple[QWidget, ...] = ()
    """What cannot be used while it waits, besides the action."""
    fields: Fields | None = None
    """Where problems are told; without any, below."""

    def __init__(
        self, parent: QWidget | None, title: str, tasks: Tasks, *, action: str, dismiss: str = "Cancel"
    ) -> None:
        super().__init__(parent, title, action=action, dismiss=dismiss)
        self._tasks = tasks
        self._doing = ""
        self.busy.cancelled.connect(self.give_up)

    def wait_for(
        self,
        doing: str,
        work: Coroutine[Any, Any, Result],
        then: Callable[[Result], None],
        *,
        text: str = "Saving…",
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Do the work, which `doing` names as for `Tasks.spawn`, and say `text` meanwhile."""
        self._doing = doing
        self._show_waiting(text)
        told = failed or self.failed
        self._tasks.spawn(doing, work, self, then=partial(self._ended, then), failed=partial(self._ended, told))

    def saved(self, problem: Problem | None) -> None:
        """For `then`: close, or say why not."""
        if problem is None:
            self.accept()
        else:
            self.tell(problem)

    def tell(self, problem: Problem) -> None:
        """Say it at its field, or below where there is none."""
        if self.fields is None or not self.fields.fail(problem.field, problem.text):
            self.fail(problem.text)

    def failed(self, text: str) -> None:
        """An error that nobody thought of."""
        self.fail(f"That did not work: {text}.")

    def give_up(self) -> None:
        """Stop waiting; what comes of the work changes nothing here."""
        if self._doing:
            self._tasks.cancel(self, self._doing)
        self._show_waiting("")

    def reject(self) -> None:
        """Escape ends what is waited for first."""
        if self.busy.isVisible():
            self.give_up()
        else:
            super().reject()

    def _ended(self, tell: Callable[[Any], None], what: object) -> None:
        self._show_waiting("")
        tell(what)

    def _show_waiting(self, text: str) -> None:
        if text:
            self.busy.start(text)
        else:
            self.busy.stop()
        for widget in (self.action, *self.held):
            widget.setEnabled(not text)
