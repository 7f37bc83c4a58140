"""A local socket that tells tests and tools how the running process does: off unless the environment names its path.

Every connection is answered with one line of JSON: `tasks`, `fds`, `connections`, `rss_mb`, `peak_rss_mb`, `max_lag_ms`
(how late the loop was at worst), `queue`, `breakers`, `rejected` (by reason). A client that first sends the line
`reset` clears the two peaks before, and with `forgive` providers that rest are asked again. The socket is its owner's
alone, and nothing in the answer is a secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from app.domain.standing import Standing

log = logging.getLogger(__name__)

ENVIRONMENT = "PATCHBAY_STATUS_SOCKET"
_SAMPLE_S = 0.01
_PATIENCE_S = 0.02
"""How long a client may take to say a word; it is answered then, and heard for a while longer."""
_HEARD_S = 2.0
_MIB = 1024 * 1024


class Peaks:
    """The worst of the running loop and of the process's memory since they were cleared; on the loop's thread."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._loop = asyncio.get_running_loop()
        self.max_lag_ms = 0.0
        self._sampled_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._schedule()

    @property
    def rss_mb(self) -> float:
        """Memory that the process holds now."""
        return float(self._process.memory_info().rss) / _MIB

    @property
    def peak_rss_mb(self) -> float:
        """The most it held; as the kernel saw it where that can be asked."""
        return max(_kernel_peak_bytes(), self._sampled_bytes) / _MIB

    @property
    def fds(self) -> int:
        """Open descriptors (handles on Windows)."""
        return int(self._process.num_fds() if sys.platform != "win32" else self._process.num_handles())

    def clear(self) -> None:
        """Start anew."""
        self.max_lag_ms = 0.0
        self._sampled_bytes = 0
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the kernel's own high-water mark

    def close(self) -> None:
        """Measure no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _schedule(self) -> None:
        due_s = self._loop.time() + _SAMPLE_S
        self._timer = self._loop.call_at(due_s, self._sample, due_s)

    def _sample(self, due_s: float) -> None:
        self.max_lag_ms = max(self.max_lag_ms, (self._loop.time() - due_s) * 1000)
        if not _kernel_peak_bytes():
            self._sampled_bytes = max(self._sampled_bytes, self._process.memory_info().rss)
        self._schedule()


def _kernel_peak_bytes() -> int:
    """`VmHWM` of Linux; 0 where there is none."""
    try:
        status = Path("/proc/self/status").read_bytes()
    except OSError:
        return 0
    _, found, rest = status.partition(b"VmHWM:")
    return int(rest.split(None, 1)[0]) * 1024 if found else 0


class StatusChannel:
    """The socket; `standing` tells of the proxy, `forgive` lets it forget which providers failed."""

    def __init__(self, path: Path, standing: Callable[[], Standing], forgive: Callable[[], None]) -> None:
        self._path = path
        self._standing = standing
        self._forgive = forgive
        self._peaks: Peaks | None = None
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        """Listen; where that is not possible the log says why, and nothing else changes."""
        loop = asyncio.get_running_loop()
        try:
            with contextlib.suppress(FileNotFoundError):
                if self._path.is_socket():
                    self._path.unlink()
            self._server = await loop.create_unix_server(lambda: _Line(self), str(self._path))
            self._path.chmod(0o600)
        except (OSError, NotImplementedError, AttributeError) as error:
            log.warning("the status channel cannot be opened: %s", error)
            return
        self._peaks = Peaks()

    async def close(self) -> None:
        """Listen no more."""
        if self._peaks is not None:
            self._peaks.close()
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(OSError):
                self._path.unlink()

    def obey(self, word: bytes) -> None:
        """Do what a client says; what means nothing is not answered for."""
        if word == b"reset" and self._peaks is not None:
            self._peaks.clear()
        elif word == b"forgive":
            self._forgive()

    def line(self) -> bytes:
        """What a connection is told."""
        peaks, standing = self._peaks, self._standing()
        if peaks is None:
            return b"{}\n"
        told = {
            "tasks": len(asyncio.all_tasks()),
            "fds": peaks.fds,
            "connections": standing.connections,
            "rss_mb": round(peaks.rss_mb, 2),
            "peak_rss_mb": round(max(peaks.peak_rss_mb, peaks.rss_mb), 2),
            "max_lag_ms": round(peaks.max_lag_ms, 2),
            "queue": standing.waiting,
            "breakers": dict(standing.breakers),
            "rejected": dict(standing.rejected),
        }
        return json.dumps(told).encode() + b"\n"


class _Line(asyncio.Protocol):
    """One connection: hears a word, answers once."""

    def __init__(self, channel: StatusChannel) -> None:
        self._channel = channel
        self._heard = b""
        self._answered = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE_S, self._answer)

    def data_received(self, data: bytes) -> None:
        self._heard = (self._heard + data)[-64:]
        while b"\n" in self._heard:
            line, _, self._heard = self._heard.partition(b"\n")
            self._channel.obey(line.strip())
            self._answer()

    def eof_received(self) -> bool:
        self._channel.obey(self._heard.strip())
        self._answer()
        self._transport.close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _answer(self) -> None:
        if self._answered:
            return
        self._answered = True
        if self._timer is not None:
            self._timer.cancel()
        self._transport.write(self._channel.line())
        self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(_HEARD_S, self._transport.close)
