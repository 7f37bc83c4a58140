"""Two dialects: the request goes through the neutral form to the provider's, and the answer comes back through it."""

from __future__ import annotations

import dataclasses
import re

from aiohttp import web
from multidict import CIMultiDict

from app.dialects.base import Dialect, Operation, Road, StreamReader, StreamWriter
from app.dialects.fold import reply_events
from app.dialects.road import road_for
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Event, StreamError
from app.domain.provider import AuthStyle, DialectName
from app.domain.request import Request
from app.proxy import headers
from app.proxy.heal import better_profile, wants_responses, without_signatures, without_thinking
from app.proxy.incoming import Incoming
from app.proxy.job import Job
from app.proxy.lanes.kind import Kind, kind_of
from app.proxy.lanes.prewarm import only_warms, warmed
from app.proxy.lanes.sending import Sent, blamed, foreign, read_refusal, read_whole
from app.proxy.lanes.streams import gathered, read_answer, whole
from app.proxy.outgoing import Outgoing
from app.proxy.roads import OtherRoad
from app.proxy.source import Source
from app.vendors import signing

DROPPED_HEADER = "x-patchbay-dropped"
_DROPPED_CHARS = 1000
_UNFIT = re.compile(r"[^ -~]")
"""What a header may not hold: the client chose these names."""
_OWN_KEY = {DialectName.ANTHROPIC_MESSAGES: AuthStyle.X_API_KEY, DialectName.GEMINI: AuthStyle.GOOGLE}
"""Where a caller's own key goes; a bearer token elsewhere."""
_CONVERSATION = {DialectName.OPENAI_RESPONSES: "input", DialectName.GEMINI: "contents"}
"""What holds the messages; `messages` elsewhere."""
_REPAIRS = 3
"""How often a request is repaired; each repair removes one thing that the provider refused, and none twice."""


async def convert(job: Job) -> web.StreamResponse:
    """Carry one request out.

    Raises PatchbayError while the client has nothing yet, ClientGone when it left, OtherRoad where only another
    dialect of the provider will do.
    """
    request = job.tools.signatures.fill(job.call.request())
    if not request.messages and not request.system:
        raise _says_nothing(job.call.dialect.name)
    if only_warms(job, request):
        return await warmed(job, request)
    repairs = 0
    while not isinstance(answered := await _attempt(job, request, repairable=repairs < _REPAIRS), web.StreamResponse):
        if isinstance(answered, OtherRoad):
            raise answered
        request = answered
        repairs += 1
    return answered


def _says_nothing(client: DialectName) -> PatchbayError:
    """Some upstreams would have to be given words that nobody said, and the answer would cost all the same."""
    field = _CONVERSATION.get(client, "messages")
    return PatchbayError(ErrorKind.INVALID_REQUEST, f"{field}: at least one message is required", param=field)


async def _attempt(job: Job, request: Request, *, repairable: bool) -> web.StreamResponse | OtherRoad | Request:
    """One try: the answer, another road, or the request as it is worth another try."""
    upstream = job.tools.dialect(job.provider.dialect)
    profile = job.tools.memory.profile(job.provider, job.model)
    written = upstream.write_request(request, job.model, profile)
    exchange = job.exchange
    exchange.dropped = tuple(dict.fromkeys((*request.dropped, *written.dropped)))
    road = road_for(request, written, job.model, profile, job.call.started_us // 1_000_000)
    road = dataclasses.replace(road, event_stream=job.call.event_stream)
    exchange.tap.estimate_input = lambda: road.input_estimate_tokens
    exchange.tap.hides_thinking = not road.show_thinking
    sent_ns = job.tools.clock.monotonic_ns()
    async with Sent(job, request_headers(job), written.body, _query(job)) as incoming:
        if incoming.status < 400:
            return await _answer(job, incoming, sent_ns, upstream, road)
        error, _ = await read_refusal(job, incoming)
        if job.provider.dialect is DialectName.OPENAI_CHAT and wants_responses(error) and _has_responses(job):
            job.tools.memory.take_responses(job.home, job.model)
            return OtherRoad(error)
        better = better_profile(error, profile)
        if better is not None:
            job.tools.memory.learn(job.provider, job.model, better)
        repaired = request if better is not None else _without_what_it_refuses(error, request)
        if repaired is None or not repairable:
            raise error
        exchange.tap.forget()
        return repaired


def _without_what_it_refuses(error: PatchbayError, request: Request) -> Request | None:
    return without_thinking(error, request) or without_signatures(error, request)


def _has_responses(job: Job) -> bool:
    return job.tools.roads.speaking(job.home, DialectName.OPENAI_RESPONSES) is not None


def _query(job: Job) -> str:
    """What asks Gemini for events instead of an array."""
    return "alt=sse" if job.call.peek.stream and job.provider.dialect is DialectName.GEMINI else ""


def request_headers(job: Job) -> CIMultiDict[str]:
    """The headers of a request that we wrote, signed."""
    provider = job.provider
    if provider.auth is AuthStyle.CLIENT:
        provider = dataclasses.replace(provider, auth=_OWN_KEY.get(provider.dialect, AuthStyle.BEARER))
    signed = signing.sign(provider, job.credential)
    if provider.dialect is DialectName.ANTHROPIC_MESSAGES:
        signed += (("anthropic-version", signing.ANTHROPIC_VERSION),)
        if signing.is_oauth(provider, job.credential):
            signed += (("anthropic-beta", signing.OAUTH_BETA),)
    return headers.for_upstream(signed, stream=job.call.peek.stream, agent=job.tools.agent, via=job.tools.via)


async def _answer(job: Job, incoming: Incoming, sent_ns: int, upstream: Dialect, road: Road) -> web.StreamResponse:
    passed = _reply_headers(job, incoming)
    if job.call.peek.stream:
        return await _streamed(job, incoming, sent_ns, upstream, road, passed)
    source = Source(job, incoming, sent_ns)
    first = await source.next() or b""
    kind = kind_of(incoming.media_type, first, streaming=False, arrays=_sends_arrays(job))
    if kind is Kind.FOREIGN:
        raise foreign(job, incoming)
    if kind is Kind.STREAM:
        reply = await gathered(job, source, first, upstream.stream_reader(road))
    else:
        reply = read_answer(job, upstream, await read_whole(job, incoming, sent_ns, first), road)
    client = job.call.dialect
    write = client.write_compact_reply if job.call.operation is Operation.COMPACT else client.write_reply
    return await whole(job, 200, write(reply, road), passed)


def _sends_arrays(job: Job) -> bool:
    return job.provider.dialect is DialectName.GEMINI


async def _streamed(
    job: Job, incoming: Incoming, sent_ns: int, upstream: Dialect, road: Road, passed: headers.Pairs
) -> web.StreamResponse:
    writer = job.call.dialect.stream_writer(road)
    outgoing = Outgoing(job, passed, writer.media_type)
    source = Source(job, incoming, sent_ns, tick_s=job.limits.keep_alive_s)
    try:
        first = await _chunk(source, outgoing, writer)
        kind = kind_of(incoming.media_type, first, streaming=True, arrays=_sends_arrays(job))
        if kind is Kind.FOREIGN:
            raise foreign(job, incoming)
        if kind is Kind.STREAM:
            last = await _relay(job, source, first, upstream.stream_reader(road), writer, outgoing)
        else:
            reply = read_answer(job, upstream, await read_whole(job, incoming, sent_ns, first), road)
            last = writer.write(reply_events(reply))
    except PatchbayError as raised:
        if not outgoing.begun:
            raise
        error = blamed(job, raised)
        last = writer.fail(error)
        job.exchange.error = error
    response = await outgoing.end(last)
    if job.exchange.error is None:
        job.exchange.delivered = True
        await source.drain()
    return response


async def _chunk(source: Source, outgoing: Outgoing, writer: StreamWriter) -> bytes:
    """The next bytes; keeps the client awake while there are none."""
    source.wake_ns = outgoing.until_ns
    while (chunk := await source.next()) is None:
        source.wake_ns = 0
        await outgoing.release(writer.keep_alive(source.silent_s))
    return chunk


async def _relay(
    job: Job, source: Source, first: bytes, reader: StreamReader, writer: StreamWriter, outgoing: Outgoing
) -> bytes:
    """Events of one dialect in, events of the other out, but for the last bytes, which it hands back.

    Raises what the stream ended with if it ended badly.
    """
    tap = job.exchange.tap
    chunk = first
    while chunk:
        tap.chunk(chunk)
        events = reader.feed(chunk)
        if reader.finished:
            tap.events(events)
            return writer.write(events)
        await _pass_on(job, events, writer, outgoing)
        source.ending = reader.ending
        chunk = await _chunk(source, outgoing, writer)
    await _pass_on(job, reader.close(), writer, outgoing)
    return b""


async def _pass_on(job: Job, events: list[Event], writer: StreamWriter, outgoing: Outgoing) -> None:
    tap = job.exchange.tap
    tap.events(events)
    if tap.told is None:
        await outgoing.write(writer.write(events))
        return
    await outgoing.write(writer.write([event for event in events if not isinstance(event, StreamError)]))
    raise tap.told


def _reply_headers(job: Job, incoming: Incoming) -> headers.Pairs:
    call, dropped = job.call, job.exchange.dropped
    made = headers.converted_to_client(incoming.headers, call.dialect.name, job.provider.dialect)
    if not any(name in headers.REQUEST_IDS for name, _ in made):
        made += ((headers.request_id_name(call.dialect.name), call.request_id),)
    if dropped:
        made += ((DROPPED_HEADER, _UNFIT.sub("?", ", ".join(dropped))[:_DROPPED_CHARS]),)
    return made
