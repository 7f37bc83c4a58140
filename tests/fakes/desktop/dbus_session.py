"""A session bus of a test's own, on which nothing starts by itself."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.fakes.desktop.programs import need, started, wait_until

# The usual configuration lets the bus start real services (keyrings, notification servers) when they are asked for.
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


@dataclass(frozen=True)
class Bus:
    """A running bus. `environment` is what a program needs to find it."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        """The one variable that points a program here."""
        return {"DBUS_SESSION_BUS_ADDRESS": self.address}

    def has(self, name: str) -> bool:
        """Whether someone owns this name on the bus."""
        with open_dbus_connection(self.address) as connection:
            return bool(connection.send_and_get_reply(new_method_call(_BUS, "NameHasOwner", "s", (name,))).body[0])


@contextlib.contextmanager
def session_bus(directory: Path) -> Iterator[Bus]:
    """A bus while it is wanted; `directory` holds its socket, so its path must be short (sockets allow 107 bytes)."""
    directory.mkdir(parents=True, exist_ok=True)
    place, config = directory / "bus", directory / "bus.conf"
    config.write_text(_CONFIG.format(socket=place), encoding="utf-8")
    command = [need("dbus-daemon"), f"--config-file={config}", "--nofork", "--nopidfile"]
    with started(command, os.environ) as process:
        wait_until(lambda: _listens(place), "the session bus", process=process)
        yield Bus(f"unix:path={place}")


def _listens(path: Path) -> bool:
    """The socket's file is there a moment before anyone answers at it."""
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(str(path))
        except OSError:
            return False
    return True
