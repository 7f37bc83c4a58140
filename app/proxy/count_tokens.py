"""How many tokens a request has: asked of the provider where it can count, estimated at once where it cannot.

Claude Code asks some fourteen times within 100 ms, and servers that speak a dialect often lack its count. An estimate
is then worth more than an error, and says that it is one (anthropic count_tokens docs).
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from app.dialects.base import Operation
from app.dialects.road import fixed_tokens, said
from app.domain.errors import PatchbayError
from app.proxy import headers
from app.proxy.job import Job
from app.proxy.lanes.convert import request_headers
from app.proxy.lanes.passthrough import passthrough
from app.proxy.lanes.sending import Sent, read_refusal, read_whole
from app.proxy.lanes.streams import whole
from app.proxy.roads import NO_SUCH_ENDPOINT, OtherRoad, lacks_endpoint
from app.vendors import tokens

_ASK_S = 10.0
"""How long another vendor's count is waited for; the estimate takes milliseconds."""
_ESTIMATED = ("x-patchbay-estimate", "true")


async def count_tokens(job: Job) -> web.StreamResponse:
    """The count, from the provider or from us; raises PatchbayError as a request does."""
    call = job.call
    named = ((headers.request_id_name(call.dialect.name), call.request_id),)
    if job.tools.roads.passes(job.provider, call):
        try:
            return await passthrough(job)
        except OtherRoad:
            job.exchange.tap.forget()
        except PatchbayError as error:
            if error.upstream_status not in NO_SUCH_ENDPOINT:
                raise
            job.exchange.tap.forget()
    else:
        counted = await _asked(job)
        if counted is not None:
            return await whole(job, 200, call.dialect.write_token_count(counted), named)
    estimate = await _estimated(job)
    return await whole(job, 200, call.dialect.write_token_count(estimate), (*named, _ESTIMATED))


async def _asked(job: Job) -> int | None:
    """The count of a provider of another dialect; None where it has none to give, for whatever reason."""
    upstream = job.tools.dialect(job.provider.dialect)
    memory = job.tools.memory
    if memory.is_closed(job.provider, Operation.COUNT_TOKENS):
        return None
    body = upstream.write_count_request(job.call.request(), job.model, memory.profile(job.provider, job.model))
    if body is None:
        return None
    sent_ns = job.tools.clock.monotonic_ns()
    try:
        async with (
            asyncio.timeout(_ASK_S),
            Sent(job, request_headers(job), body, "", Operation.COUNT_TOKENS) as incoming,
        ):
            if incoming.status < 400:
                return upstream.read_token_count(await read_whole(job, incoming, sent_ns))
            _, refusal = await read_refusal(job, incoming)
            if lacks_endpoint(incoming.status, refusal):
                memory.close(job.provider, Operation.COUNT_TOKENS)
    except (PatchbayError, TimeoutError):
        pass  # the exchange's attempts say what it was
    job.exchange.tap.forget()
    return None


async def _estimated(job: Job) -> int:
    """Counted with the tables of another vendor, and with what their own would add."""
    request = job.call.request()
    # Loading the tables and counting take the interpreter for longer than the loop may be without it.
    counted = await asyncio.to_thread(tokens.count, tuple(said(request)), job.model)
    return max(1, counted + fixed_tokens(request))
