"""Secret Services to test against: a real keyring, unlocked or locked, and one that never answers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.desktop.dbus_session import Bus
from tests.fakes.desktop.programs import need, started, wait_until

NAME = "org.freedesktop.secrets"
PASSWORD = "a password of this test only"


@contextlib.contextmanager
def keyring(bus: Bus, directory: Path) -> Iterator[None]:
    """A real gnome-keyring, unlocked, with a login keyring of its own below `directory`."""
    with _daemon(bus, directory, "--unlock"):
        yield


@contextlib.contextmanager
def locked_keyring(bus: Bus, directory: Path) -> Iterator[None]:
    """A real gnome-keyring whose login keyring has not been given the password; no one can be asked for it."""
    with _daemon(bus, directory, "--unlock"):
        pass
    wait_until(lambda: not bus.has(NAME), "the first keyring's end")
    with _daemon(bus, directory):
        yield


@contextlib.contextmanager
def hanging_secret_service(bus: Bus) -> Iterator[None]:
    """A service that takes every call and answers none: clients without a deadline wait for ever."""
    command = [sys.executable, "-m", __name__]
    root = Path(__file__).resolve().parents[3]
    with started(command, os.environ | bus.environment | {"PYTHONPATH": str(root)}) as process:
        wait_until(lambda: bus.has(NAME), "the hanging Secret Service", process=process)
        yield


@contextlib.contextmanager
def _daemon(bus: Bus, directory: Path, *options: str) -> Iterator[None]:
    runtime = directory / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = os.environ | bus.environment
    environment |= {"HOME": str(directory), "XDG_DATA_HOME": str(directory / "data"), "XDG_RUNTIME_DIR": str(runtime)}
    command = [need("gnome-keyring-daemon"), "--foreground", "--components=secrets", *options]
    with started(command, environment, text_in=PASSWORD if options else None) as process:
        wait_until(lambda: bus.has(NAME), "the keyring", process=process)
        yield


async def _take_and_never_answer() -> None:
    from dbus_fast import BusType, MessageType
    from dbus_fast.aio import MessageBus

    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    bus.add_message_handler(
        lambda message: (
            message.message_type is MessageType.METHOD_CALL
            and (message.path or "").startswith("/org/freedesktop/secrets")
        )
    )
    await bus.request_name(NAME)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.Runner().run(_take_and_never_answer())
