"""The composition root: reads the arguments, builds every part once, and owns the order of start and stop.

A start goes: arguments; hardening of the process; the data folder; the lock of the one running instance; log and crash
traces; the loop (Qt's with a desktop, uvloop's without); then, in `lifecycle.Lifecycle`, the configuration, the keys
and the history side by side, the budgets, the proxy, the ready line; and last, while requests are already served, the
window, the keyring and the watch over our files. Nothing heavy is imported before the proxy listens: no charts, no
prices, no keyring, and no Qt when headless.

A stop goes the other way: the faces, the proxy with its grace (a second quit cuts it short), the tasks, the
connections to providers, the history, the log, the lock. A command of the terminal (`patchbay env`) builds the same
parts, but never listens and never writes the history.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import platform
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.parser import is_command, parser
from app.control.version import version
from app.domain.errors import ConfigError
from app.domain.status import ProxyState, Severity
from app.loop import run as run_with_desktop
from app.loop import run_headless
from app.system.crash import CrashLog
from app.system.display import display_problem
from app.system.hardening import harden
from app.system.instance import Instance, read_holder, say
from app.system.logs import Log
from app.system.paths import Paths, locate, prepare
from app.system.placement import ANYWAY, refuse_placement
from app.vault.vault import Vault

if TYPE_CHECKING:
    from app.boot import Program
    from app.lifecycle import Lifecycle
    from app.ui.app import Desktop

_log = logging.getLogger(__name__)

DONE, FAILED, ALREADY_RUNNING, INTERRUPTED = 0, 1, 3, 130
SECOND_START_S = 15.0
"""How long a second start waits for the first one, which may still be starting on a busy machine."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a start was asked for, and what was found out on the way to it."""

    paths: Paths
    instance: Instance
    vault: Vault
    notices: tuple[str, ...]
    port: int | None
    demo: bool
    hidden: bool
    headless: bool


def run(arguments: Sequence[str]) -> int:
    """Run the program, or one command of it; the exit code."""
    options = parser().parse_args(arguments)
    harden(debuggable=options.debug)
    paths = locate(options.data_dir)
    try:
        anyway = options.any_folder or os.environ.get(ANYWAY, "") not in ("", "0")
        against = refuse_placement(paths.data_dir, anyway=anyway)
        notices = (*prepare(paths), *filter(None, (against,)))
        if is_command(options):
            from app.terminal import run_command

            for notice in notices:
                _complain(notice)
            return _run_to_its_end(run_command(options, paths))
        return _start(options, paths, notices)
    except ConfigError as error:
        _complain(str(error))
        return FAILED
    except OSError as error:  # a full disk, a folder that went away: said in a line, never as a traceback
        _complain(f"{error.filename or paths.data_dir}: cannot be used ({error.strerror or error})")
        return FAILED
    except KeyboardInterrupt:  # Ctrl+C in a command, or in the first moments of a start
        return INTERRUPTED


def _run_to_its_end(command: Coroutine[Any, Any, int]) -> int:
    try:
        return run_headless(command)
    except asyncio.CancelledError:  # Ctrl+C
        return INTERRUPTED


def _start(options: argparse.Namespace, paths: Paths, notices: tuple[str, ...]) -> int:
    instance = Instance.claim(paths.lock)
    if instance is None:
        return _second_start(paths, headless=options.headless)
    problem = display_problem()
    headless = options.headless or bool(problem)
    if headless and not options.headless:
        _complain(f"{problem}, so this runs without tray and window, as with --headless")
    vault = Vault(paths.keyring_namespace)
    crashes = CrashLog(paths.crash_log, redact=vault.mask)
    if crashes.grew:
        notices = (*notices, f"Something went wrong in an earlier run; {paths.crash_log} says what.")
    start = Start(paths, instance, vault, notices, options.port, options.demo, options.hidden, headless)
    log = Log(paths.logs, debug=options.debug, redact=vault.mask)
    log.start()
    crashes.install()
    where = "without a desktop" if headless else "on the desktop"
    _log.info("starting: Patchbay %s, Python %s, %s, %s", version(), platform.python_version(), sys.platform, where)
    try:
        return run_headless(_run(start)) if headless else _run_on_desktop(start, log)
    except ConfigError:
        raise
    except asyncio.CancelledError:  # the session ends, and with it Qt's loop; everything is closed by now
        return DONE
    except Exception as error:  # noqa: BLE001 (the top: whatever it was is written down and said)
        crashes.report(error, "the start")
        _complain(f"ended by an error ({type(error).__name__}: {error}); {paths.crash_log} says more")
        return FAILED
    finally:
        _log.info("ended")
        instance.release()
        crashes.close()
        log.close()


def _run_on_desktop(start: Start, log: Log) -> int:
    from app.qt_messages import qt_messages

    def display_lost() -> None:
        _log.error("the display is gone, and the program ends with it")
        _complain("the display is gone, so this ends; the next start says what was cut")
        log.close(timeout_s=1.0)
        os._exit(FAILED)

    with qt_messages(display_lost):
        return run_with_desktop(_run(start))


def _second_start(paths: Paths, *, headless: bool) -> int:
    holder = read_holder(paths.lock)
    where = f" (process {holder.pid}, port {holder.proxy_port})" if holder else ""
    if headless:
        _complain(f"already running{where}; there can be one Patchbay a data folder")
        return ALREADY_RUNNING
    activation = os.environ.get("XDG_ACTIVATION_TOKEN", "")
    if say(paths.lock, "show", activation=activation, timeout_s=SECOND_START_S):
        _say(f"Patchbay is already running{where}; it was asked to show its window.")
        return ALREADY_RUNNING
    _complain(f"already running{where}, but it does not answer; end that process and start again")
    return FAILED


async def _run(start: Start) -> int:
    from app.boot import build, make_history
    from app.control.report import report
    from app.lifecycle import Lifecycle, listen_for_signals
    from app.system.status_channel import ENVIRONMENT, StatusChannel

    history = make_history(start.paths, start.vault)
    program = build(start.paths, start.vault, recorder=history, port=start.port)
    for number, text in enumerate(start.notices):
        program.core.notices.put(f"folder-{number}", Severity.INFO, text)
    program.core.snapshots.subscribe(lambda snapshot: _set_log_level(snapshot.settings.log_level))
    life = Lifecycle(program, history, demo=start.demo)
    channel = (
        StatusChannel(Path(path), lambda: program.server.standing, program.server.forgive)
        if (path := os.environ.get(ENVIRONMENT))
        else None
    )
    listen_for_signals(life.quit)
    program.services.proxy.on_listening(lambda port: _ready(start.instance, port))
    desktop: Desktop | None = None
    try:
        if channel is not None:
            await channel.start()
        await life.start()
        if program.configuration.broken:
            _complain(program.configuration.broken)
        if program.services.proxy.state is not ProxyState.RUNNING:
            _complain(program.services.proxy.detail)
        if not start.headless:
            desktop = _desktop(start, program, life)
            desktop.start()
            if not start.hidden and not desktop.tray_host.there:
                desktop.show_window()  # started by a person, and there is nothing else to see
        board, keys = program.services.status, program.services.keys
        show = desktop.show_window if desktop else _no_window
        await start.instance.serve(show, lambda: report(board.look(), keys.uses), program.watch.look)
        life.follow()
        await life.until_quit()
    finally:
        if desktop is not None:
            await desktop.close()
        await life.stop()
        if channel is not None:
            await channel.close()
    return DONE


def _desktop(start: Start, program: Program, life: Lifecycle) -> Desktop:
    from PySide6.QtWidgets import QSystemTrayIcon

    from app.ui.app import Desktop

    # A newcomer sees the window, and who has no tray to find it in; everyone else only if they want to.
    wanted = program.configuration.settings.open_window_at_start or not program.configuration.entries
    hidden = start.hidden or (QSystemTrayIcon.isSystemTrayAvailable() and not wanted)
    return Desktop(program.services, layout_path=start.paths.layout, hidden=hidden, quit=life.quit)


def _set_log_level(word: str) -> None:
    """As the configuration says; `--debug` stays what it is."""
    ours = logging.getLogger("app")
    if ours.level != logging.DEBUG:
        ours.setLevel(word.upper())


def _no_window(_token: str) -> None:
    """A second start asked for a window, and this one has none."""


def _ready(instance: Instance, port: int) -> None:
    instance.announce(port)
    _log.info("listening on port %d", port)
    _say(f"Patchbay listening on http://127.0.0.1:{port}")


def _say(text: str) -> None:
    """To standard output, which a windowed program does not have and a closed pipe refuses."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def _complain(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(f"patchbay: {text}", file=sys.stderr, flush=True)
