"""One request, one plan, as many tries as it takes: each candidate in turn, until one has begun to answer."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from app.domain.routing import Plan
from app.domain.snapshot import Snapshot
from app.proxy import router
from app.proxy.call import Call
from app.proxy.job import Job, Tools
from app.proxy.lanes.carry import carry
from app.proxy.limiter import Place
from app.proxy.record import Exchange
from app.proxy.watchdog import Watch


class Failover:
    """Carries plans out; one for each server."""

    def __init__(self, tools: Tools, snapshot: Callable[[], Snapshot]) -> None:
        self._tools = tools
        self._snapshot = snapshot

    async def carry(self, plan: Plan, call: Call, exchange: Exchange, place: Place, watch: Watch) -> web.StreamResponse:
        """Answer the client; raises PatchbayError while it has nothing yet, ClientGone when it left."""
        tools = self._tools
        candidate = tools.fleet.arrange(plan, call.facts)[0]
        target = candidate.target
        exchange.aim(target)
        await place.toward(target.provider.name)
        provider = tools.roads.choose(call, target.provider, target.model)
        exchange.speaks = provider.dialect
        exchange.tap.signed = tools.signatures.remember
        credential = await router.credential(self._snapshot, target.provider, call)
        await exchange.start()
        limits = call.snapshot.settings.limits
        account = candidate.account
        job = Job(call, tools, exchange, provider, target.model, credential, limits, watch, target.provider, account)
        return await carry(job)
