"""Looking at everything that has to be right, and saying what is not."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Sequence

from app.control.background import in_thread
from app.control.configuration import BROKEN, Configuration
from app.control.core import Core
from app.control.doctor_files import Check, Files
from app.control.doctor_notices import of_configuration, of_the_rest
from app.control.prices import Prices
from app.control.slots import Slot, slots
from app.domain.provider import CredentialState
from app.domain.status import Notice
from app.store.integrity import problem
from app.store.ledger.file import LedgerFile
from app.store.repair import Repair
from app.store.state import StateUnavailableError
from app.system.paths import Paths
from app.system.ports import is_free, port_holder

_GOOD = (CredentialState.READY, CredentialState.NOT_NEEDED)


class Doctor:
    """The examination behind `patchbay doctor`."""

    def __init__(
        self,
        core: Core,
        configuration: Configuration,
        paths: Paths,
        *,
        running_port: int,
        running: bool = False,
        display_problem: Callable[[], str],
    ) -> None:
        self._core = core
        self._configuration = configuration
        self._paths = paths
        self._running_port = running_port
        self._running = running
        self._files = Files(paths.data_dir, running=running)
        prices = Prices(lambda: configuration.config.prices, core.background, core.clock)
        self._repair = Repair(paths.history, prices.at, running=running)
        self._display_problem = display_problem

    async def examine(self, notices: Sequence[Notice] | None = None) -> tuple[Check, ...]:
        """All checks, in the order a person would go through them; takes seconds for a large history.

        `notices` are those of a running program; without them ours count.
        """
        said = self._core.notices.current if notices is None else notices
        return (
            self._folder(),
            await in_thread(self._leftovers),
            *self._config(said),
            await in_thread(self._port),
            await self._keyring(),
            *self._providers(),
            await in_thread(self._database, "history"),
            *await in_thread(self._contents),
            await in_thread(self._database, "state"),
            await in_thread(self._budgets),
            self._display(),
            *of_the_rest(said),
        )

    async def repair(self) -> tuple[Check, ...]:
        """Mend what can be mended; what was done about each, and whether it was enough."""
        return (*await in_thread(self._files.mend), *await in_thread(self._mend_history))

    def _mend_history(self) -> tuple[Check, ...]:
        if problem(self._paths.history):
            words = self._repair.begin_anew(self._core.clock.now_us())
            if problem(self._paths.history):
                return (Check("history", ok=False, found=words),)
            return (Check("history", ok=True, found=words), *self._mend_contents())
        return self._mend_contents()

    def _mend_contents(self) -> tuple[Check, ...]:
        try:
            return tuple(Check(one.what, ok=True, found=one.mend()) for one in self._repair.faults())
        except sqlite3.Error as error:
            return (Check("history", ok=False, found=str(error)),)

    def _contents(self) -> tuple[Check, ...]:
        if problem(self._paths.history):
            return ()
        try:
            return tuple(Check(one.what, ok=False, found=one.found) for one in self._repair.faults())
        except sqlite3.Error as error:
            return (Check("contents of the history", ok=False, found=str(error)),)

    def _leftovers(self) -> Check:
        found = self._files.wrong()
        return Check("files", ok=not found, found="; ".join(found) or "for you alone, nothing left over")

    def _folder(self) -> Check:
        folder = self._paths.data_dir
        if sys.platform != "win32":
            mode = stat.S_IMODE(folder.stat().st_mode)
            if mode & 0o077:
                return Check("data folder", ok=False, found=f"{folder} can be read by other users (mode {mode:o})")
        writable = os.access(folder, os.W_OK)
        return Check("data folder", ok=writable, found=str(folder) if writable else f"{folder} cannot be written")

    def _config(self, notices: Sequence[Notice]) -> tuple[Check, ...]:
        broken = next((one for one in self._core.notices.current if one.id == BROKEN), None)
        if broken is not None:
            return (Check("configuration", ok=False, found=broken.text),)
        count = len(self._configuration.entries)
        words = f"{self._paths.config.name}, {count} provider{'' if count == 1 else 's'}"
        return of_configuration(notices, words)

    def _port(self) -> Check:
        if self._running_port:
            return Check("port", ok=True, found=f"{self._running_port}, Patchbay listens")
        port = self._configuration.config.settings.port
        if is_free(port):
            return Check("port", ok=True, found=f"{port}, free")
        holder = port_holder(port)
        by = f"{holder.name} (process {holder.pid})" if holder else "another program"
        return Check("port", ok=False, found=f"{port} is used by {by}")

    async def _keyring(self) -> Check:
        status = await self._core.vault.describe()
        kept = (
            f" The client key is in the file {self._paths.client_key.name}." if self._paths.client_key.exists() else ""
        )
        return Check("keyring", ok=status.usable, found=(status.problem or status.backend) + kept)

    def _providers(self) -> tuple[Check, ...]:
        present = self._core.snapshots.current
        if not present.providers:
            return (Check("providers", ok=False, found="none yet; add one with `patchbay provider add`"),)
        return tuple(self._key(slot) for slot in slots(present.providers))

    def _key(self, slot: Slot) -> Check:
        """One credential; an own key that is missing is no fault where an account has one."""
        present = self._core.snapshots.current
        known = present.credential(slot.provider.name, slot.account.name)
        found, other = known.source or known.state.value.replace("_", " "), present.usable(slot.provider).name
        if known.state is CredentialState.MISSING and not slot.account.name and other:
            return Check(f"key of {slot.label}", ok=True, found=f"missing, but account {other} has one")
        return Check(f"key of {slot.label}", ok=known.state in _GOOD, found=found)

    def _database(self, name: str) -> Check:
        path = self._paths.history if name == "history" else self._paths.state
        trouble = problem(path)
        size = f"{path.name}, {path.stat().st_size / 1e6:.1f} MB" if path.exists() else "none yet"
        return Check(name, ok=not trouble, found=trouble or size)

    def _budgets(self) -> Check:
        if not self._paths.state.exists():
            return Check("budgets", ok=True, found="none yet")
        try:
            count = len(LedgerFile(self._paths.state).read())
        except StateUnavailableError as error:
            return Check("budgets", ok=False, found=f"{error}; no request is sent until they can be read")
        return Check("budgets", ok=True, found=f"{count}, kept in {self._paths.state.name}" if count else "none")

    def _display(self) -> Check:
        problem = self._display_problem()
        found = f"{problem}: Patchbay runs without tray and window" if problem else "there is one"
        return Check("display", ok=True, found=found)
