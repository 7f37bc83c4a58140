"""Where a request goes."""

from __future__ import annotations

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.plan import USUAL, Way, lay, pick
from app.domain.routing import Plan
from app.domain.snapshot import Snapshot
from app.proxy.call import Call
from app.proxy.client import client_name, session_id

__all__ = ["Routes", "client_name", "session_id"]

_PLANS = 256


class Routes:
    """Plans that were made, for as long as the configuration stays the same: clients ask for few models, often."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._simple = False
        self._plans: dict[tuple[str, Way], Plan] = {}

    def plan(self, call: Call) -> Plan:
        """Where the request may go. Raises PatchbayError PAUSED, and as `domain.plan.plan` does."""
        snapshot = call.snapshot
        if snapshot is not self._snapshot or len(self._plans) >= _PLANS:
            self._adopt(snapshot)
        if snapshot.paused:
            raise PatchbayError(
                ErrorKind.PAUSED, "Patchbay is paused. Choose Resume in its tray menu.", should_retry=False
            )
        way = USUAL if self._simple and not call.pin else pick(snapshot, call.facts)
        asked = (call.peek.model, way)
        plan = self._plans.get(asked)
        if plan is None:
            plan = self._plans[asked] = lay(snapshot, call.peek.model, way)
        return plan

    def _adopt(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._simple = not snapshot.routing.rules and not snapshot.routing.pins
        self._plans.clear()
