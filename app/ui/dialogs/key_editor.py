"""Create a client key or change what one may do, with a sentence that says what that comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.client_key import ClientKey
from app.domain.exchange import Facets
from app.domain.provider import Secret
from app.ui import key_words
from app.ui.dialogs.attempts import Problem, outcome
from app.ui.dialogs.base import Dialog
from app.ui.dialogs.key_form import CLIENTS, KeyForm
from app.ui.style import Hairline, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

SAVE = "save the client key"


class KeyEditor(Dialog):
    """`key` is None for a new one; `made(secret, name)` is called with its text once it exists."""

    def __init__(
        self,
        parent: QWidget | None,
        services: Services,
        tasks: Tasks,
        key: ClientKey | None,
        *,
        now_us: int,
        made: Callable[[Secret, str], None],
    ) -> None:
        new = key is None
        super().__init__(
            parent, "Create a client key" if new else "Edit the client key", action="Cr&eate" if new else "&Save"
        )
        self._services, self._tasks, self._before, self._made = services, tasks, key, made
        self.form = KeyForm((one.name for one in services.keys.all()), (), now_us)
        self.meaning = Label(role="muted", wrap=True)
        self.meaning.setAccessibleName("What the key may do")
        self.meaning.setMinimumHeight(2 * self.meaning.fontMetrics().height())
        for widget in (self.form, Hairline(), self.meaning):
            self.body.addWidget(widget)
        self.buttons_after(self.form.concurrent)
        if key is not None:
            self.form.show_key(key)
        self.form.edited.connect(self._edited)
        self.action.clicked.connect(self._save)
        self.busy.cancelled.connect(self._cancel)
        self._edited()
        self.form.name.setFocus()
        tasks.spawn("read which clients occur", services.insight.facets(), self, then=self._occur, failed=_ignore)

    def _occur(self, facets: Facets) -> None:
        self.form.clients.set_values(dict.fromkeys((*facets.clients, *CLIENTS)))

    def _edited(self) -> None:
        self.fail("")
        self.meaning.setText(key_words.sentence(self.form.policy()))

    def _save(self) -> None:
        self.form.clear_errors()
        self.fail("")
        if (wrong := self.form.wrong()) is not None:
            self.form.fail(*wrong)
            return
        keys, name = self._services.keys, self.form.name.text().strip()
        policy, tags = self.form.policy(), self.form.tag_values()
        self._set_running(text="Saving…")
        if self._before is None:
            work = outcome(keys.create, name, policy=policy, tags=tags)
            self._tasks.spawn(SAVE, work, self, then=self._created, failed=self._failed)
        else:
            changed = outcome(keys.change, self._before.id, name=name, policy=policy, tags=tags)
            self._tasks.spawn(SAVE, changed, self, then=self._changed, failed=self._failed)

    def _created(self, result: Secret | Problem) -> None:
        if isinstance(result, Problem):
            self._show_problem(result)
            return
        self.accept()
        self._made(result, self.form.name.text().strip())

    def _changed(self, result: ClientKey | Problem) -> None:
        if isinstance(result, Problem):
            self._show_problem(result)
        else:
            self.accept()

    def _show_problem(self, problem: Problem) -> None:
        self._set_running(text="")
        if not self.form.fail(problem.field, problem.text):
            self.fail(problem.text)

    def _failed(self, text: str) -> None:
        self._set_running(text="")
        self.fail(f"The key was not saved: {text}. Nothing has changed.")

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

    def reject(self) -> None:
        """Escape ends what is waited for first."""
        if self.busy.isVisible():
            self._cancel()
        else:
            super().reject()


def _ignore(_text: str) -> None:
    """Without a history there is nothing more to propose."""


def open_key(
    parent: QWidget,
    services: Services,
    tasks: Tasks,
    key: ClientKey | None = None,
    *,
    now_us: int,
    made: Callable[[Secret, str], None],
) -> KeyEditor:
    """Open the dialog for a new key, or for one that exists."""
    dialog = KeyEditor(parent, services, tasks, key, now_us=now_us, made=made)
    dialog.open()
    return dialog
