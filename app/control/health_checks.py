"""Has providers asked now and then whether they serve, where the user wants that and requests are served."""

from __future__ import annotations

import asyncio

from app.control.core import Core
from app.control.proxy import Server

EVERY_S = 5
"""How often to look whether somebody is to be asked; how long ago they must have been heard of is a setting."""


class HealthChecks:
    """Called by the watch; asks in the background, one provider after the other."""

    def __init__(self, core: Core, server: Server) -> None:
        self._core = core
        self._server = server
        self._task: asyncio.Task[None] | None = None

    def tick(self) -> None:
        """Ask the next one, unless one is being asked."""
        wanted = self._core.snapshots.current.routing.health_check_s > 0
        if wanted and (self._task is None or self._task.done()):
            self._task = self._core.background.spawn("ask a provider whether it serves", self._server.check_health())
