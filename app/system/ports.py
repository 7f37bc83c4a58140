"""Who holds a TCP port of this computer, and which is free."""

from __future__ import annotations

import errno
import socket
import sys
from dataclasses import dataclass

HIGHEST_PORT = 65_535
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


@dataclass(frozen=True, slots=True)
class PortHolder:
    """A process that listens on a port; `name` is empty where the system does not tell us."""

    pid: int
    name: str


def port_holder(port: int) -> PortHolder | None:
    """The process that listens on `port`; None if no one does or the system does not say. Blocking, some 10 ms."""
    import psutil

    try:
        listening = [one for one in psutil.net_connections(kind="tcp") if one.status == psutil.CONN_LISTEN]
        pid = next((one.pid for one in listening if one.laddr and one.laddr.port == port and one.pid), None)
        return PortHolder(pid, psutil.Process(pid).name()) if pid else None
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:  # macOS tells only root
        return None


def is_free(port: int) -> bool:
    """Whether a server could listen there now, on both loopback addresses. Blocking, microseconds.

    A program that listens on ::1 alone (many development servers do) holds the port as well.
    """
    return _can_listen(socket.AF_INET, "127.0.0.1", port) and _can_listen(socket.AF_INET6, "::1", port)


def next_free_port(after: int) -> int:
    """The first free port above `after`; raises OSError if there is none up to 65535."""
    for port in range(after + 1, HIGHEST_PORT + 1):
        if is_free(port):
            return port
    raise OSError(f"no free port above {after}")


def _can_listen(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            if sys.platform != "win32":  # there SO_REUSEADDR would take a port that is in use
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family is socket.AF_INET6:
                trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            trial.bind((host, port))
            trial.listen(1)
    except OSError as error:
        return error.errno in _NO_IPV6
    return True
