"""What the event loop complains about, at a rate that helps nobody to fill a disk or block a pipe.

When a process runs out of file descriptors, asyncio reports every failed accept with a traceback: thousands a second.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

log = logging.getLogger(__name__)

_QUIET_S = 10.0
_KINDS = 256


class Noise:
    """The loop's exception handler: each kind of complaint is logged once in ten seconds, with how many there were."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._before = loop.get_exception_handler()
        self._said: dict[str, tuple[float, int]] = {}
        loop.set_exception_handler(self._handle)

    def restore(self) -> None:
        """Give the loop its former handler back."""
        if self._loop.get_exception_handler() == self._handle:
            self._loop.set_exception_handler(self._before)

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        kind = f"{context.get('message', '')}: {type(error).__name__}"
        last_s, missed = self._said.get(kind, (-_QUIET_S, 0))
        now_s = loop.time()
        if now_s - last_s < _QUIET_S:
            self._said[kind] = (last_s, missed + 1)
            return
        if len(self._said) >= _KINDS:
            self._said.clear()
        self._said[kind] = (now_s, 0)
        if missed:
            log.error("%s (%d more like it in the last seconds)", context.get("message"), missed)
        if self._before is not None:
            self._before(loop, context)
        else:
            loop.default_exception_handler(context)
