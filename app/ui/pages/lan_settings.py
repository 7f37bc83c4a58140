"""Whether other machines may use Patchbay: off, unless somebody decides it and sees what that means."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton, QWidget

from app.domain.exposure import Reach
from app.domain.settings import AuthMode, Lan
from app.domain.status import AppStatus
from app.ui.dialogs.attempts import Problem, attempt
from app.ui.dialogs.files import choose_open
from app.ui.dialogs.message import Question, ask
from app.ui.pages.history_settings import line
from app.ui.style import GRID, Label, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.form import Form

if TYPE_CHECKING:
    from app.control.services import Services

CHANGE = "change who may connect"
WARNING = (
    "Without a certificate, prompts, answers and client keys cross the network in clear text: "
    "switch this on only in a network where you trust everyone. A client key is always asked for."
)
OFF = f"Off: only programs on this machine can use Patchbay. {WARNING}"
OFF_ENCRYPTED = (
    "Off: only programs on this machine can use Patchbay. With the certificate below, others come in encrypted."
)
QUESTION = "Let other machines in without encryption?"
ENCRYPTED = "Encrypted. A client key is always asked for. Fingerprint of the certificate (SHA-256):"
NEEDS_A_KEY = "Not while anyone on this machine may use Patchbay without a key (see Clients above)."
ADDRESSES = "Separate several by commas. Empty: every address of this machine, as they come and go."
NAMES = "By which clients call this machine, beside its addresses. Requests to any other name are refused."
CERTIFICATES = "Certificates (*.pem *.crt *.cer);;All files (*)"
KEYS = "Keys (*.pem *.key);;All files (*)"


class LanSettings(Form):
    """The section; what is typed holds when its field is left."""

    def __init__(self, services: Services, tasks: Tasks, *, captions: int, said: Callable[[str], None]) -> None:
        super().__init__(captions=captions)
        self._services, self._tasks, self._said = services, tasks, said
        self._question: Question | None = None
        self.enabled = QCheckBox("Let other mach&ines use Patchbay")
        self.enabled.clicked.connect(self._switch)
        self.copy = QPushButton("Copy address")
        self.copy.clicked.connect(self._copy)
        self.where = Label(wrap=True)
        self.where.setFont(monospace())
        self.addresses = self._typed("addresses")
        self.addresses.setPlaceholderText("every address")
        self.names = self._typed("names")
        self.names.setPlaceholderText("my-machine.local")
        self.certificate = self._typed("cert_file")
        self.key = self._typed("key_file")
        self.add("enabled", "", self.enabled)
        self.add("reach", "Reached at", line(self.where, self.copy, stretch=self.where), focus=self.copy)
        self.add("addresses", "Net&work addresses", self.addresses, hint=ADDRESSES)
        self.add("names", "&Names", self.names, hint=NAMES)
        chosen = (
            ("cert_file", "Cer&tificate", self.certificate, CERTIFICATES),
            ("key_file", "Its key", self.key, KEYS),
        )
        for name, caption, field, kinds in chosen:
            self.add(name, caption, self._file(name, caption, field, kinds), focus=field)

    def fill(self, status: AppStatus, lan: Lan, auth: AuthMode) -> None:
        """Show what holds; a field that is being edited is left alone."""
        reach = status.reach
        self.enabled.setChecked(lan.enabled)
        self.rows["enabled"].set_hint(_meaning(lan, reach))
        trouble = NEEDS_A_KEY if auth is AuthMode.OPEN else reach.problem
        self.rows["enabled"].set_error(trouble if lan.enabled else "")
        self.where.setText("\n".join(reach.urls))
        for name in ("addresses", "names", "cert_file", "key_file"):
            self.rows[name].set_visible(visible=lan.enabled)
        self.rows["reach"].set_visible(visible=bool(reach.urls))
        shown = (
            (self.addresses, ", ".join(lan.addresses)),
            (self.names, ", ".join(lan.names)),
            (self.certificate, lan.cert_file),
            (self.key, lan.key_file),
        )
        for field, text in shown:
            if not field.hasFocus() and field.text() != text:
                field.setText(text)

    def _switch(self, on: bool) -> None:  # noqa: FBT001 (the signal's argument)
        """Without a certificate nobody is let in before the question is answered; the tick waits for that."""
        if not on or self._services.settings.current.lan.cert_file:
            self._change(enabled=on)
            return
        self.enabled.setChecked(False)
        self._ask_first(enabled=True)

    def _ask_first(self, **values: object) -> None:
        if self._question is not None:  # a field is left twice: by Return, and when the question opens
            return
        then = functools.partial(self._change, **values)
        self._question = ask(self, QUESTION, WARNING, action="&Let them in", then=then, dangerous=True)
        self._question.finished.connect(self._answered)

    def _answered(self, _result: int) -> None:
        self._question = None
        self.certificate.setText(self._services.settings.current.lan.cert_file)

    def _typed(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setMaximumWidth(56 * GRID)
        field.editingFinished.connect(lambda: self._typed_in(name, field.text()))
        return field

    def _typed_in(self, name: str, text: str) -> None:
        lan = self._services.settings.current.lan
        if name == "cert_file" and not text.strip() and lan.enabled and lan.cert_file:
            self._ask_first(cert_file="")
            return
        words = [one.strip() for one in text.split(",") if one.strip()]
        self._change(**{name: tuple(words) if name in ("addresses", "names") else text.strip()})

    def _file(self, name: str, caption: str, field: QLineEdit, kinds: str) -> QWidget:
        browse = QPushButton("Choose\u2026")
        words = caption.replace("&", "")
        browse.setAccessibleName(f"Choose {words.lower()}")

        def chosen(path: Path) -> None:
            field.setText(str(path))
            self._change(**{name: str(path)})

        browse.clicked.connect(lambda: choose_open(self, words, Path.home(), kinds, chosen))
        return line(field, browse, stretch=field)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.where.text().partition("\n")[0])
        self._said("Copied the address for other machines")

    def _change(self, **values: object) -> None:
        now = self._services.settings.current.lan
        changed = {key: value for key, value in values.items() if getattr(now, key) != value}
        if not changed:
            return
        self.clear_errors()
        self._tasks.spawn(CHANGE, attempt(self._services.lan.change, **changed), self, then=self._changed)

    def _changed(self, problem: Problem | None) -> None:
        settings = self._services.settings.current
        self.fill(self._services.status.current, settings.lan, settings.auth)
        if problem is not None and not self.fail(problem.field, problem.text):
            self._tasks.failed.emit(problem.text)


def _meaning(lan: Lan, reach: Reach) -> str:
    if not lan.enabled:
        return OFF_ENCRYPTED if lan.cert_file else OFF
    return f"{ENCRYPTED}\n{reach.fingerprint}" if reach.fingerprint else WARNING
