"""A command of the terminal over the same parts as the running program, which may run beside it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator
from types import FrameType

from app.boot import build
from app.cli.commands import ONLY_LOOK, execute
from app.cli.context import Context
from app.cli.output import Output
from app.control.background import in_thread
from app.control.doctor import Doctor
from app.system.display import display_problem
from app.system.instance import report, running, say
from app.system.paths import Paths
from app.vault.vault import Vault

_LOOK_S = 2.0
"""How long a command waits until the running program has taken its change over; it would within a second anyway."""


async def run_command(options: argparse.Namespace, paths: Paths) -> int:
    """Run the command that the arguments name; the exit code. Raises ConfigError if the data folder is of no use.

    Ctrl+C ends it with KeyboardInterrupt or CancelledError.
    """
    with interruptible():
        return await _run_command(options, paths)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Have Ctrl+C end the running task, whatever it comes upon.

    Python raises KeyboardInterrupt in whatever runs at that moment: in a finalizer or a callback that a library calls
    from C it is reported and lost, and the command would go on waiting. So the task is cancelled as well.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task can be interrupted")

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(task.cancel)
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # not the main thread, which is the only one that hears signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def _run_command(options: argparse.Namespace, paths: Paths) -> int:
    logging.getLogger().addHandler(logging.NullHandler())  # a command says what went wrong itself
    holder = await in_thread(running, paths.lock)
    port = holder.proxy_port if holder else 0
    vault = Vault(paths.keyring_namespace)
    program = build(
        paths,
        vault,
        recorder=None,
        base_url=lambda: f"http://127.0.0.1:{port or program.configuration.config.settings.port}",
    )
    try:
        first = await program.configuration.load()
        if program.configuration.broken and options.command not in ONLY_LOOK:  # those say it themselves
            Output().note(f"patchbay: {program.configuration.broken}")
        # A damaged file is moved aside by a start, or where the user asked for repair and nobody is at work with it.
        repairs = options.command == "doctor" and options.repair and holder is None
        await program.services.keys.open(rescue=repairs)
        if first and options.command not in ONLY_LOOK:
            await program.services.proxy.choose_first_port()
        program.services.proxy.observe(port)
        if options.command in {"provider", "doctor"}:
            await program.credentials.load()
        program.services.status.refresh()
        doctor = Doctor(
            program.core,
            program.configuration,
            paths,
            running_port=port,
            running=holder is not None,
            display_problem=display_problem,
        )
        told = await in_thread(report, paths.lock) if holder else ""
        process = holder.pid if holder else 0
        context = Context(program.services, doctor, program.upkeep, program.body_key, process, told)
        code = await execute(context, options)
        if holder and options.command not in ONLY_LOOK:
            await in_thread(say, paths.lock, "look", timeout_s=_LOOK_S)
        return code
    finally:
        program.services.status.close()
        await program.core.background.close()
        vault.close()
