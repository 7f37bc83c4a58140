"""Who holds a TCP port of this computer, and which is free."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass

HIGHEST_PORT = 65_535


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


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now. Blocking, microseconds."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as trial:
        if sys.platform != "win32":  # there SO_REUSEADDR would take a port that is in use
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError:
            return False
        return True


def next_free_port(after: int, host: str = "127.0.0.1") -> int:
    """The first free port above `after`; raises OSError if there is none up to 65535."""
    for port in range(after + 1, HIGHEST_PORT + 1):
        if is_free(port, host):
            return port
    raise OSError(f"no free port above {after}")
