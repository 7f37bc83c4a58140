"""Create a client key or change what one may do, with a sentence that says what that comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.client_key import ClientKey
from app.domain.exchange import Facets
from app.domain.provider import Secret
from app.ui import key_words
from app.ui.dialogs.attempts import Problem, attempt, outcome
from app.ui.dialogs.key_form import CLIENTS, KeyForm
from app.ui.dialogs.waiting import WaitingDialog
from app.ui.style import Hairline, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services

SAVE = "save the client key"


class KeyEditor(WaitingDialog):
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
        title = "Create a client key" if new else "Edit the client key"
        super().__init__(parent, title, tasks, action="Cr&eate" if new else "&Save")
        self._services, self._before, self._made = services, key, made
        self.form = KeyForm((one.name for one in services.keys.all()), (), now_us)
        self.held, self.fields = (self.form,), self.form
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
        if self._before is None:
            self.wait_for(SAVE, outcome(keys.create, name, policy=policy, tags=tags), self._created)
        else:
            work = attempt(keys.change, self._before.id, name=name, policy=policy, tags=tags)
            self.wait_for(SAVE, work, self.saved)

    def _created(self, result: Secret | Problem) -> None:
        if isinstance(result, Problem):
            self.tell(result)
            return
        self.accept()
        self._made(result, self.form.name.text().strip())

    def failed(self, text: str) -> None:
        """An error that nobody thought of."""
        self.fail(f"The key was not saved: {text}. Nothing has changed.")


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
