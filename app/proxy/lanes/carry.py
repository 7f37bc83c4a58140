"""Carrying a routed request out: on the lane of its road, and on another road where the first turns out closed."""

from __future__ import annotations

from aiohttp import web

from app.dialects.base import Operation
from app.proxy.count_tokens import count_tokens
from app.proxy.job import Job
from app.proxy.lanes.convert import convert
from app.proxy.lanes.passthrough import passthrough
from app.proxy.roads import OtherRoad


async def carry(job: Job) -> web.StreamResponse:
    """Answer the client; raises PatchbayError while it has nothing yet, ClientGone when it left."""
    if job.call.operation is Operation.COUNT_TOKENS:
        return await count_tokens(job)
    passes = job.tools.roads.passes(job.provider, job.call)
    try:
        return await (passthrough(job) if passes else convert(job))
    except OtherRoad as closed:
        return await _elsewhere(job, closed, passed=passes)


async def _elsewhere(job: Job, closed: OtherRoad, *, passed: bool) -> web.StreamResponse:
    """The same request on the road that is now the best; the refusal where that is the same one."""
    roads = job.tools.roads
    provider = roads.choose(job.call, job.home, job.model)
    passes = roads.passes(provider, job.call)
    if provider is job.provider and passes == passed:
        raise closed.error from None
    job.exchange.tap.forget()
    job.exchange.speaks = provider.dialect
    other = job._replace(provider=provider)
    try:
        return await (passthrough(other) if passes else convert(other))
    except OtherRoad as again:
        raise again.error from None
