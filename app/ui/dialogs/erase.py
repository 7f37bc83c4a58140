"""Delete from the history: says how much and of which time before, and what was done after."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.domain.exchange import Filter
from app.ui import formats
from app.ui.dialogs.base import Dialog
from app.ui.style import GRID, Label
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services
    from app.control.upkeep import Deleted

WIDTH = 56 * GRID
WORK = "delete from the history"
FOR_EVER = "Their prompts, answers and figures are overwritten in the file. There is no way back."
COPIES = "Older copies of the history in the data folder still hold what they held: {}. Erase everything removes them."


class EraseDialog(Dialog):
    """Deletes what a filter shows, up to the moment of asking; without a filter everything that was ever recorded."""

    def __init__(
        self,
        parent: QWidget,
        services: Services,
        tasks: Tasks,
        wanted: Filter | None,
        *,
        now_us: int,
        done: Callable[[str], None],
    ) -> None:
        title = "Erase everything" if wanted is None else "Delete from the history"
        super().__init__(parent, title, action="&Erase" if wanted is None else "&Delete")
        self._services, self._tasks, self._done = services, tasks, done
        self._everything = wanted is None
        # What comes while the question stands was not asked about.
        self.wanted = dataclasses.replace(wanted or Filter(), until_us=(wanted and wanted.until_us) or now_us)
        self.headline = Label("Counting\u2026", strong=True, wrap=True)
        self.period = Label(_period(self.wanted), wrap=True)
        self.narrowed = Label(_narrowed(self.wanted), role="muted", wrap=True)
        self.narrowed.setVisible(bool(self.narrowed.text()))
        self.meaning = Label(FOR_EVER, wrap=True)
        for label in (self.headline, self.period, self.narrowed, self.meaning):
            label.setMinimumWidth(WIDTH)
            self.body.addWidget(label)
        self.action.setAutoDefault(False)  # Enter must not lose anything
        self.action.setDefault(False)
        self.action.setEnabled(False)
        self.dismiss.setDefault(True)
        self.dismiss.setFocus(Qt.FocusReason.OtherFocusReason)
        self.action.clicked.connect(self._act)
        self._say_copies()
        work = services.upkeep.count(self.wanted)
        tasks.spawn("count what would be deleted", work, self, then=self._counted, failed=self.fail)

    def _say_copies(self) -> None:
        names = ", ".join(path.name for path in self._services.upkeep.copies())
        if self._everything:
            older = f" Older copies of the history go too: {names}." if names else ""
            self.meaning.setText(f"{FOR_EVER}{older} Providers, keys and settings stay.")
        elif names:
            self.meaning.setText(f"{FOR_EVER} {COPIES.format(names)}")

    def _counted(self, number: int) -> None:
        exchanges = _exchanges(number)
        verb = "Erase" if self._everything else "Delete"
        self.headline.setText(f"{verb} {exchanges}?")
        self.setAccessibleDescription(f"{self.headline.text()} {self.period.text()} {self.meaning.text()}")
        self.action.setText(f"&{verb} {exchanges}")
        self.action.setEnabled(number > 0 or self._everything)
        if not number and not self._everything:
            self.headline.setText("Nothing to delete")
            self.meaning.hide()

    def _act(self) -> None:
        self.fail("")
        self.action.setEnabled(False)
        self.dismiss.setEnabled(False)
        self.busy.start("Deleting, and overwriting what stood there\u2026")
        if self._everything:
            self._tasks.spawn(WORK, self._purge(), self, then=self._deleted, failed=self._failed)
        else:
            work = self._services.upkeep.delete(self.wanted)
            self._tasks.spawn(WORK, work, self, then=self._deleted, failed=self._failed)

    async def _purge(self) -> Deleted:
        deleted, _copies = await self._services.upkeep.purge()
        return deleted

    def _deleted(self, deleted: Deleted) -> None:
        left = f" {_exchanges(deleted.running)} still running stayed." if deleted.running else ""
        self._done(f"Deleted {_exchanges(deleted.rows)}.{left}")
        self.accept()

    def _failed(self, text: str) -> None:
        self.action.setEnabled(True)
        self.dismiss.setEnabled(True)
        self.fail(f"{text}. What was deleted before that is gone; try again for the rest.")

    def reject(self) -> None:
        """Escape does not close it in the middle: what is begun must be brought to its end."""
        if not self._tasks.running(self, WORK):
            super().reject()


def open_erase(
    parent: QWidget,
    services: Services,
    tasks: Tasks,
    wanted: Filter | None,
    *,
    now_us: int,
    done: Callable[[str], None],
) -> EraseDialog:
    """Ask about what a filter shows (None: everything); `done` hears in words what was deleted."""
    dialog = EraseDialog(parent, services, tasks, wanted, now_us=now_us, done=done)
    dialog.open()
    return dialog


def _exchanges(number: int) -> str:
    return f"{formats.count(number)} exchange{'' if number == 1 else 's'}"


def _period(wanted: Filter) -> str:
    until = _moment(wanted.until_us)
    if wanted.since_us:
        return f"From {_moment(wanted.since_us)} until {until}."
    return f"Everything from the first one until {until}."


def _moment(at_us: int) -> str:
    return formats.exact_time(at_us).partition(".")[0]


def _narrowed(wanted: Filter) -> str:
    """What else the filter asks for, in words."""
    parts = [
        (words, ", ".join(values))
        for words, values in (
            ("of", wanted.providers),
            ("to", wanted.models),
            ("from", wanted.clients),
            ("with the key", wanted.client_keys),
            ("that are", tuple(state.value for state in wanted.states)),
        )
        if values
    ]
    if wanted.search:
        parts.append(("with the words", wanted.search))
    if wanted.session_id:
        parts.append(("of the session", wanted.session_id))
    return (
        "Only those " + ", ".join(f"{words} {formats.one_line(values, 80)}" for words, values in parts) + "."
        if parts
        else ""
    )
