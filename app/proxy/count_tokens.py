"""How many tokens a request has: asked of the provider where it can count, estimated at once where it cannot.

Claude Code asks some fourteen times within 100 ms; a provider of another dialect has no such endpoint, and servers that
speak Anthropic's dialect often lack it. An estimate is then worth more than an error (anthropic count_tokens docs).
"""

from __future__ import annotations

from aiohttp import web

from app.dialects.road import estimate_input
from app.domain.errors import PatchbayError
from app.proxy import headers
from app.proxy.job import Job
from app.proxy.lanes.passthrough import NO_SUCH_ENDPOINT, passthrough
from app.proxy.lanes.streams import whole


async def count_tokens(job: Job) -> web.StreamResponse:
    """The count, from the provider or from us; raises PatchbayError as a request does."""
    call = job.call
    if job.provider.dialect == call.dialect.name:
        try:
            return await passthrough(job)
        except PatchbayError as error:
            if error.upstream_status not in NO_SUCH_ENDPOINT:
                raise
            job.exchange.tap.forget()
    tokens = estimate_input(call.dialect.read_request(call.body))
    named = ((headers.request_id_name(call.dialect.name), call.request_id), ("x-patchbay-estimate", "true"))
    return await whole(job, 200, call.dialect.write_token_count(tokens), named)
