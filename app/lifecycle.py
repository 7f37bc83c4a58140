"""The running program: what starts after what, and what ends before what."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable

from app.boot import Program
from app.control.background import in_thread
from app.control.record import RecordKeeper
from app.domain.errors import ConfigError, VaultError
from app.store.history import History
from app.system.clock import watch_for_resume

_log = logging.getLogger(__name__)

HISTORY_CLOSE_S = 5.0


class Lifecycle:
    """Starts and stops the parts.

    Start: configuration; keys and history side by side; budgets; the demo if asked for; the proxy; then, while requests
    are already served, the keyring, today's sums and the watch over our files. Stop is the reverse: the proxy ends
    first, so that every exchange has its end when the history closes, and the account of budgets with it.
    """

    def __init__(self, program: Program, history: History, *, demo: bool = False) -> None:
        self._program = program
        self._history = history
        self._demo = demo
        self._keeper = RecordKeeper(program.core, history)
        self._wanted = asyncio.Event()
        self._hurried = asyncio.Event()

    async def start(self) -> None:
        """Everything up to the first request served."""
        program = self._program
        first = await program.configuration.load()  # prices are in it, which the history may ask for
        _, notices = await asyncio.gather(program.services.keys.open(), in_thread(self._history.open))
        await program.services.budgets.open()  # after the keys, which make the file, and what an earlier run left
        self._keeper.opened(notices)
        program.services.status.degraded = lambda: self._history.degraded
        self._history.on_change(program.services.insight.grown)
        self._history.on_change(program.today.grown)
        if self._demo:
            await program.demo.start(activate=True)
        if first:
            await program.services.proxy.choose_first_port()
        await program.services.proxy.start()
        program.services.status.refresh()

    def follow(self) -> None:
        """What may take its time, now that requests are served."""
        program = self._program
        program.watch.every(1, self._keeper.look)
        program.credentials.may_ask = program.credentials.tokens.may_renew = True
        program.adoption.may_move = True
        program.body_key.may_ask = True
        program.core.background.spawn("read the keyring", self._read_keyring())
        program.core.background.spawn("watch our files", program.watch.run())
        program.core.background.spawn(
            "notice that the computer slept", watch_for_resume(program.core.clock, self._woke)
        )
        program.today.grown()
        program.services.budgets.warm()

    async def until_quit(self) -> None:
        """Wait for `quit`."""
        await self._wanted.wait()

    def quit(self) -> None:
        """End the program; said twice, end it at once."""
        if self._wanted.is_set():
            self._hurried.set()
        self._wanted.set()

    async def stop(self) -> None:
        """End everything; a second `quit` cuts the grace of running requests short."""
        program = self._program
        hurry = program.core.background.spawn("wait for a second quit", self._cut_short())
        await program.services.proxy.stop()
        hurry.cancel()
        await program.services.keys.save()
        program.services.status.close()
        program.credentials.tokens.may_renew = False
        await program.credentials.tokens.settle()
        await program.demo.stop()
        await program.core.background.close()
        await program.server.close()
        await asyncio.gather(
            in_thread(self._history.close, HISTORY_CLOSE_S), in_thread(program.ledger.close, HISTORY_CLOSE_S)
        )
        program.core.vault.close()

    def _woke(self, slept_s: float) -> None:
        """Connections that were open before are dead by now, and would look alive until the next request's timeout."""
        _log.info("the computer slept for about %.0f s; connections to providers are made anew", slept_s)
        self._program.server.reconnect()

    async def _cut_short(self) -> None:
        await self._hurried.wait()
        self._program.server.hurry()

    async def _read_keyring(self) -> None:
        program = self._program
        await program.credentials.load()
        program.body_key.fetch()
        program.adoption.move()
        try:
            await program.services.keys.default_key(prompt=False)
        except VaultError as error:
            _log.warning("the client key was not read: %s", error.message)
        except (ConfigError, OSError):
            _log.exception("the client key could not be made")


def listen_for_signals(quit_program: Callable[[], None]) -> None:
    """Have the system's polite requests to end call `quit_program` on the running loop."""
    loop = asyncio.get_running_loop()
    wanted_signals = [signal.SIGTERM, signal.SIGINT]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # `nohup` has it ignored
        wanted_signals.append(signal.SIGHUP)
    for wanted in wanted_signals:
        try:
            loop.add_signal_handler(wanted, quit_program)
        except NotImplementedError:  # Windows: the interpreter hears it between two bytecodes of the main thread
            with contextlib.suppress(ValueError):
                signal.signal(wanted, lambda *_: loop.call_soon_threadsafe(quit_program))
