"""A request for no token at all, by which Anthropic's clients warm a prompt cache that no other vendor has.

Other upstreams refuse it, so it is answered here (platform.claude.com, prompt caching: `max_tokens: 0`).
"""

from __future__ import annotations

import dataclasses

from aiohttp import web

from app.dialects.base import Road
from app.dialects.fold import reply_events
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName
from app.domain.request import Request
from app.domain.usage import Usage
from app.proxy import headers
from app.proxy.job import Job
from app.proxy.lanes.streams import replayed, whole


def only_warms(job: Job, request: Request) -> bool:
    """Whether the request wants nothing that its upstream could give."""
    return request.max_tokens == 0 and job.provider.dialect is not DialectName.ANTHROPIC_MESSAGES


async def warmed(job: Job, request: Request) -> web.StreamResponse:
    """The answer that says nothing and cost nothing."""
    call = job.call
    named = ((headers.request_id_name(call.dialect.name), call.request_id),)
    reply = Reply("", job.model, (), StopReason.MAX_TOKENS)
    job.exchange.tap.reply(reply)  # without counts: no provider saw it
    reply = dataclasses.replace(reply, usage=Usage())
    road = Road(
        call.peek.model,
        job.model,
        include_usage=request.include_usage,
        created_s=call.started_us // 1_000_000,
        echo=request.echo,
        event_stream=call.event_stream,
    )
    if call.peek.stream:
        return await replayed(job, reply_events(reply), call.dialect.stream_writer(road), named)
    return await whole(job, 200, call.dialect.write_reply(reply, road), named)
