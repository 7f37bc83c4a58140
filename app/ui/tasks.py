"""From Qt's slots to coroutines: every task has a name, an owner and a place for its result and its error."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal

from app.ui.formats import one_line

log = logging.getLogger(__name__)
Result = TypeVar("Result")
_ERROR_LIMIT = 2_000


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs, or None: Qt's timers fire once more while the last windows are taken down."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Tasks(QObject):
    """Starts coroutines for widgets; what belongs to a widget that is gone is cancelled and heard of no more."""

    failed = Signal(str)
    """An error that its starter did not want, in words; the window shows it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: dict[asyncio.Task[Any], tuple[QObject, str]] = {}
        self._owners: set[int] = set()
        self._closed = False

    def spawn(
        self,
        name: str,
        work: Coroutine[Any, Any, Result],
        owner: QObject,
        *,
        then: Callable[[Result], None] | None = None,
        failed: Callable[[str], None] | None = None,
        latest: bool = False,
    ) -> asyncio.Task[Result] | None:
        """Run `work`; call `then(result)` or `failed(text)` on the loop if `owner` still lives.

        `name` says in a few words what is done ("load the history"); it begins the error text where nobody else
        takes it. `latest` cancels the owner's earlier task of the same name: for a search box, the last word wins.
        None once the program is on its way out.
        """
        loop = None if self._closed else _running_loop()
        if loop is None:
            work.close()
            return None
        if latest:
            self.cancel(owner, name)
        task = loop.create_task(work, name=name)
        self._running[task] = (owner, name)
        self._watch(owner)
        task.add_done_callback(functools.partial(self._ended, then, failed))
        return task

    def cancel(self, owner: QObject, name: str = "") -> None:
        """Cancel what runs for this owner, or only what bears that name."""
        for task, (whose, called) in list(self._running.items()):
            if whose is owner and name in ("", called):
                del self._running[task]
                task.cancel()

    def running(self, owner: QObject, name: str = "") -> bool:
        """Whether something runs for this owner, or something of that name."""
        return any(whose is owner and name in ("", called) for whose, called in self._running.values())

    async def close(self) -> None:
        """Cancel everything, take nothing new, and wait until all of it has ended."""
        self._closed = True
        tasks = list(self._running)
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _watch(self, owner: QObject) -> None:
        """By identity: a reference kept here would keep a finished dialog alive."""
        if id(owner) not in self._owners:
            self._owners.add(id(owner))
            owner.destroyed.connect(functools.partial(self._forget, id(owner)))

    def _forget(self, owner_id: int, *_: object) -> None:
        self._owners.discard(owner_id)
        for task, (whose, _name) in list(self._running.items()):
            if id(whose) == owner_id:
                del self._running[task]
                task.cancel()

    def _ended(
        self,
        then: Callable[[Any], None] | None,
        failed: Callable[[str], None] | None,
        task: asyncio.Task[Any],
    ) -> None:
        kept = self._running.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if kept is None or not shiboken6.isValid(kept[0]):
            return
        if error is None:
            if then is not None:
                then(task.result())
            return
        text = explain(error)
        if failed is not None:
            failed(text)
        else:
            self.failed.emit(f"Could not {kept[1]}: {text}")


def explain(error: BaseException) -> str:
    """What a person can read of an error: its own words where it is one of ours, else its kind.

    Ours (`domain.errors`, the vault's and the store's) bear a `message` that is safe to show;
    whatever else was raised goes to the log in full.
    """
    if isinstance(error, TimeoutError):
        return "it took too long; try again"
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return one_line(f"{error.strerror}{where}", _ERROR_LIMIT)
    if isinstance(getattr(error, "message", None), str) and str(error):
        return one_line(str(error), _ERROR_LIMIT)
    log.error("a task failed", exc_info=error)
    return f"something went wrong inside Patchbay ({type(error).__name__}); the log says more"
