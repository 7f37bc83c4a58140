"""The same dialect on both sides: bytes go through untouched, and the tap only looks.

What is changed, and nothing else: the value of `model` where a tier is mapped, our own signature envelopes (which no
vendor may see), and the credential. A reply goes on as it is unless it is no answer at all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re

from aiohttp import web
from multidict import CIMultiDict

from app.dialects.base import EVENT_STREAM, Operation, Road
from app.dialects.fold import reply_events
from app.dialects.road import estimate_input
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import AuthStyle, DialectName
from app.domain.redact import Redactor
from app.domain.usage import estimate_tokens
from app.proxy import headers
from app.proxy.call import Call
from app.proxy.heal import refused_betas, signature_refused, wants_responses, with_sentinels
from app.proxy.held import Held
from app.proxy.held_array import HeldArray
from app.proxy.incoming import Incoming
from app.proxy.job import Job
from app.proxy.lanes.kind import Kind, kind_of
from app.proxy.lanes.refused import Refused
from app.proxy.lanes.sending import Sent, blamed, cut, foreign, own_secret, read_refusal, read_whole
from app.proxy.lanes.streams import gathered, read_answer, replayed, whole
from app.proxy.outgoing import Outgoing
from app.proxy.roads import NO_SUCH_ENDPOINT, OtherRoad, lacks_endpoint
from app.proxy.source import Source
from app.proxy.tap import Tap
from app.vendors import signing

JSON = "application/json; charset=UTF-8"
_REPAIRS = 2
"""How often a request is repaired; each repair changes one thing that the provider refused."""


async def passthrough(job: Job) -> web.StreamResponse:
    """Carry one request out.

    Raises PatchbayError or Refused while the client has nothing yet, ClientGone when it left, OtherRoad where only
    another dialect of the provider will do.
    """
    call = job.call
    body = call.body
    if job.model != call.peek.model:
        body = call.dialect.with_model(body, job.model)
    body = call.dialect.pass_request(body)
    repairs = 0
    while not isinstance(answered := await _attempt(job, body, repairable=repairs < _REPAIRS), web.StreamResponse):
        if isinstance(answered, OtherRoad):
            raise answered
        body = answered
        job.exchange.tap.forget()
        repairs += 1
    return answered


async def _attempt(job: Job, body: bytes, *, repairable: bool) -> web.StreamResponse | OtherRoad | bytes:
    """One try: the answer, another road, or the body as it is worth another try."""
    call = job.call
    sent_ns = job.tools.clock.monotonic_ns()
    made = _request_headers(job)
    async with Sent(job, made, body, call.query, call.operation) as incoming:
        if incoming.status >= 400:
            return await _refused(job, incoming, made, body, repairable=repairable)
        if call.operation is not Operation.CHAT:
            return await _unread(job, incoming, sent_ns)
        job.exchange.tap.estimate_input = lambda: _estimate(call)
        road = _road(job)
        source = Source(job, incoming, sent_ns)
        first = await source.next() or b""
        arrays = job.provider.dialect is DialectName.GEMINI
        kind = kind_of(incoming.media_type, first, streaming=call.peek.stream, arrays=arrays)
        if kind is Kind.FOREIGN:
            raise foreign(job, incoming)
        if kind is Kind.STREAM and call.peek.stream:
            return await _relay(job, incoming, source, first, road)
        if kind is Kind.STREAM:
            reply = await gathered(job, source, first, call.dialect.stream_reader(road))
            return await whole(job, 200, call.dialect.write_reply(reply, road), headers.to_client(incoming.headers))
        return await _whole(job, incoming, first, sent_ns, road)


def _request_headers(job: Job) -> CIMultiDict[str]:
    made = headers.to_upstream(job.call.http.headers, job.tools.via)
    if job.provider.auth is AuthStyle.CLIENT:
        made.extend(job.call.caller.own)
    for name, value in signing.sign(job.provider, job.credential):
        made[name] = value
    if job.provider.dialect is DialectName.ANTHROPIC_MESSAGES:
        made.setdefault("anthropic-version", signing.ANTHROPIC_VERSION)
        _leave_out_betas(made, job.tools.memory.refused_betas(job.provider))
    if signing.is_oauth(job.provider, job.credential):
        betas = made.get("anthropic-beta", "")
        if signing.OAUTH_BETA not in betas:
            made["anthropic-beta"] = f"{betas},{signing.OAUTH_BETA}" if betas else signing.OAUTH_BETA
    made["Content-Type"] = "application/json"
    return made


def _leave_out_betas(made: CIMultiDict[str], refused: frozenset[str]) -> None:
    sent = made.get("anthropic-beta", "")
    kept = [one for one in sent.split(",") if one.strip() not in refused]
    if not kept:
        made.popall("anthropic-beta", None)
    elif refused and ",".join(kept) != sent:
        made["anthropic-beta"] = ",".join(kept)


def _road(job: Job) -> Road:
    """What the tap's reader needs, and a reply whose form changes; the client's own request is not read for it."""
    profile = job.provider.profile
    return Road(
        job.call.peek.model,
        job.model,
        upstream_kind=profile.kind,
        profile=profile,
        show_thinking=True,  # what the upstream shows was asked for
        include_usage=True,
        created_s=job.call.started_us // 1_000_000,
        event_stream=job.call.event_stream,
    )


def _estimate(call: Call) -> int:
    """The size of a request whose upstream never said it; read only then."""
    try:
        return estimate_input(call.request())
    except PatchbayError:
        return estimate_tokens(len(call.body))


async def _relay(job: Job, incoming: Incoming, source: Source, first: bytes, road: Road) -> web.StreamResponse:
    """The stream as it comes, and an error after it where it ended before its terminator."""
    tap, call = job.exchange.tap, job.call
    tap.reader = reader = call.dialect.stream_reader(road)
    outgoing = Outgoing(job, headers.to_client(incoming.headers), _media_type(incoming, first))
    held: Held | HeldArray = HeldArray() if _is_array(first) else Held()
    chunk: bytes | None = first
    fault: PatchbayError | None = None
    try:
        while chunk and not incoming.ended:
            await _pass_on(outgoing, held.take(chunk), tap, chunk)
            if tap.told is not None and not outgoing.begun:
                chunk = None
                break
            source.finished = job.exchange.delivered = reader.finished
            source.ending = reader.ending
            chunk = await _next(source, outgoing)
    except PatchbayError as error:
        if not outgoing.begun:
            raise
        fault, chunk = error, None
    last = b""
    if chunk:  # nothing comes after it: it goes out together with the end of the answer
        last = held.take(chunk)
        tap.chunk(chunk)
    fault = _verdict(job, fault)
    if fault is not None and not outgoing.begun and not tap.useful:
        raise fault
    if fault is None or tap.told is not None:
        last += held.rest()
    elif not (outgoing.begun or last):
        raise fault
    elif held.overflowed:
        job.exchange.error = fault
        return outgoing.break_off()
    else:
        behind = dataclasses.replace(road, event_stream=not _is_array(first), resumes=b"".join(tap.chunks))
        said = call.dialect.stream_writer(behind).fail(fault)
        last += held.appended(said) if isinstance(held, HeldArray) else said
    job.exchange.error = fault
    return await outgoing.end(last)


async def _pass_on(outgoing: Outgoing, data: bytes, tap: Tap, chunk: bytes) -> None:
    """The client comes first; but whether its answer has begun at all only the tap can say."""
    if not outgoing.begun:
        tap.chunk(chunk)
        await outgoing.write(data)
        return
    try:
        await outgoing.write(data)
    finally:
        tap.chunk(chunk)


async def _next(source: Source, outgoing: Outgoing) -> bytes:
    """The next chunk; while there is none, what was held back goes out in time."""
    source.wake_ns = outgoing.until_ns
    while (chunk := await source.next()) is None:
        source.wake_ns = 0
        await outgoing.release()
    return chunk


def _is_array(first: bytes) -> bool:
    """Whether a stream is Gemini's growing array, which it is where the client did not ask for events."""
    return first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _media_type(incoming: Incoming, first: bytes) -> str:
    return incoming.headers.get("Content-Type", JSON) if _is_array(first) else EVENT_STREAM


def _verdict(job: Job, fault: PatchbayError | None) -> PatchbayError | None:
    """How the stream ended: what it said itself, else what broke it, else whether its terminator came."""
    tap = job.exchange.tap
    if tap.told is None and fault is None:
        tap.ended()
    if tap.told is not None:
        return blamed(job, tap.told)
    if fault is not None:
        return None if tap.stop is not None else fault
    return cut(job) if tap.cut is not None or (tap.broken and not _terminated(job)) else None


_LAST = {
    DialectName.ANTHROPIC_MESSAGES: re.compile(rb'"message_stop"'),
    DialectName.OPENAI_CHAT: re.compile(rb"[\r\n]data: ?\[DONE\]"),
    DialectName.OPENAI_RESPONSES: re.compile(rb'"response\.(?:completed|incomplete|failed)"'),
    DialectName.GEMINI: re.compile(rb'"finishReason"'),
}
"""What no stream is whole without, for one whose reader failed; quotes inside a text are escaped."""


def _terminated(job: Job) -> bool:
    return _LAST[job.call.dialect.name].search(b"".join(job.exchange.tap.chunks)) is not None


async def _whole(job: Job, incoming: Incoming, first: bytes, sent_ns: int, road: Road) -> web.StreamResponse:
    """A whole answer; for a client that wants a stream, as the events it would have been."""
    body = await read_whole(job, incoming, sent_ns, first)
    call = job.call
    passed = headers.to_client(incoming.headers)
    try:
        reply = read_answer(job, call.dialect, body, road)
    except PatchbayError as error:
        if error.kind is not ErrorKind.BAD_REPLY or call.peek.stream or not _is_object(body):
            raise
        # Complete, but of a shape that only its own client may know: not ours to withhold.
        return await whole(job, incoming.status, body, passed)
    if call.peek.stream:
        return await replayed(job, reply_events(reply), call.dialect.stream_writer(road), passed)
    return await whole(job, incoming.status, body, passed)


async def _unread(job: Job, incoming: Incoming, sent_ns: int) -> web.StreamResponse:
    """An answer that is no ordinary one: a token count, a conversation in short form."""
    body = await read_whole(job, incoming, sent_ns)
    if not _is_object(body):
        raise foreign(job, incoming)
    if job.call.operation is Operation.COMPACT:
        with contextlib.suppress(PatchbayError):  # for its counts; what else it holds is the client's affair
            read_answer(job, job.call.dialect, body, _road(job))
    return await whole(job, incoming.status, body, headers.to_client(incoming.headers))


async def _refused(
    job: Job, incoming: Incoming, made: CIMultiDict[str], sent: bytes, *, repairable: bool
) -> web.StreamResponse | OtherRoad | bytes:
    """An error may go on as it came, but for a secret of ours, if it is one of the dialect; or its cause is mended."""
    error, body = await read_refusal(job, incoming)
    if _is_closed(job, incoming.status, body):
        job.tools.memory.close(job.provider, job.call.operation)
        return OtherRoad(error)
    if job.provider.dialect is DialectName.OPENAI_CHAT and wants_responses(error) and _has_responses(job):
        job.tools.memory.take_responses(job.home, job.model)
        return OtherRoad(error)
    mended = _mended(job, error, made, sent) if repairable else None
    if mended is not None:
        return mended
    if job.call.operation is Operation.COUNT_TOKENS and incoming.status in NO_SUCH_ENDPOINT:
        raise error  # an estimate is worth more to the client
    secret = own_secret(job)
    if error.kind is ErrorKind.CREDENTIAL_REJECTED or not _is_error(body):
        raise error
    body = Redactor((secret,)).data(body) if secret else body
    raise Refused(error, incoming.status, body, headers.to_client(incoming.headers))


def _has_responses(job: Job) -> bool:
    return job.tools.roads.speaking(job.home, DialectName.OPENAI_RESPONSES) is not None


def _is_closed(job: Job, status: int, body: bytes) -> bool:
    """Whether the server lacks an endpoint that it need not have: that of a further dialect, or a rare one."""
    if job.call.operation is Operation.COMPACT:
        return status in NO_SUCH_ENDPOINT
    optional = job.provider.dialect is not job.home.dialect or job.call.operation is Operation.COUNT_TOKENS
    return optional and lacks_endpoint(status, body)


def _mended(job: Job, error: PatchbayError, made: CIMultiDict[str], sent: bytes) -> bytes | None:
    """The body as the provider may take it, its headers as they will be; None where nothing of ours can be changed."""
    if job.provider.dialect is DialectName.ANTHROPIC_MESSAGES:
        betas = refused_betas(error, made.get("anthropic-beta", ""))
        job.tools.memory.refuse_betas(job.provider, betas)
        return sent if betas else None
    if job.provider.dialect is DialectName.GEMINI and signature_refused(error):
        mended = with_sentinels(sent)
        return mended if mended != sent else None
    return None


def _is_error(body: bytes) -> bool:
    """Whether a client can read it as an error: an object, or the array of one that Gemini sends for streams."""
    return _is_object(body) or (body.lstrip().startswith(b"[") and _is_object(body.strip()[1:-1]))


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
