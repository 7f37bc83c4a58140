"""The record of one exchange: a `started` row before anything is sent, and exactly one end whatever happens."""

from __future__ import annotations

import asyncio
import logging
import operator
from collections.abc import Awaitable
from dataclasses import dataclass

from aiohttp import web

from app.dialects import losses
from app.dialects.base import Operation
from app.domain.clock import Clock
from app.domain.errors import PatchbayError
from app.domain.exchange import NO_SIDE, UNFINISHED, Attempt, ExchangeEnd, ExchangeStart, Move, Side, Sides, State
from app.domain.measure import Flight, Latency, Meter
from app.domain.provider import DialectName
from app.domain.recorder import Recorder
from app.domain.route import Target
from app.domain.routing import Weighed
from app.domain.usage import NO_USAGE, Usage
from app.proxy.call import Call
from app.proxy.headers import pairs
from app.proxy.router import client_name, session_id
from app.proxy.tap import Tap
from app.proxy.watchdog import Watch

log = logging.getLogger(__name__)

START_LIMIT_S = 0.2
"""How long serving waits for the record, and a tick of the watchdog: serving goes first."""
CLIENT_GONE_STATUS = 499
_OF_ONE_TRY = (
    "_target", "_account", "_usage", "dropped", "speaks", "upstream_request", "upstream_reply_head", "upstream_status",
)  # fmt: skip
"""What each candidate that is asked leaves behind."""
TRACE = 32
"""How many lines of the routing trace are kept."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where exchanges are kept and counted."""

    recorder: Recorder
    meter: Meter
    clock: Clock


class Exchange:
    """One exchange on its way into the record; the lanes note what they see, `end` writes it down once."""

    __slots__ = (
        "_account",
        "_asked",
        "_begun",
        "_call",
        "_client_request",
        "_desk",
        "_ended",
        "_kept",
        "_said",
        "_said_target",
        "_strayed",
        "_target",
        "_trace",
        "_usage",
        "_watch",
        "attempts",
        "delivered",
        "dropped",
        "error",
        "reply_chunks",
        "reply_head",
        "speaks",
        "tap",
        "upstream_reply_head",
        "upstream_request",
        "upstream_status",
    )

    def __init__(self, call: Call, desk: Desk, watch: Watch) -> None:
        self._call = call
        self._desk = desk
        self._watch = watch
        self._target: Target | None = None
        self._account = ""
        self._said_target: Target | None = None
        """The one that the row was begun with."""
        self._asked: tuple[Target | None, str, int] = (None, "", 0)
        """What the row knows: who is asked, with which account, after how many attempts."""
        self._strayed = False
        """The row was told of another one since, or of another dialect."""
        self._trace: list[Weighed] = []
        self._usage: Usage | None = None
        self._kept: list[tuple[PatchbayError, tuple[object, ...], tuple[object, ...]]] = []
        """What failed tries left behind, and the tap of each."""
        self._begun = False
        self._ended = False
        self._client_request = call.side()
        self.tap = Tap(call.id, call.started_ns, desk.clock, desk.meter, desk.recorder)
        self.attempts: list[Attempt] = []
        self.error: PatchbayError | None = None
        """What went wrong after the reply had begun, and was told inside the stream."""
        self.delivered = False
        """The client has the whole answer: whatever happens now, it was not cut."""
        self.dropped: tuple[str, ...] = ()
        self.upstream_request = NO_SIDE
        self.upstream_reply_head = NO_SIDE
        """Line and headers; the body is what the tap saw."""
        self.reply_head = NO_SIDE
        """Line and headers of what the client got."""
        self.reply_chunks: list[bytes] = []
        """And its body; the tap's own chunks, one by one, where nothing was changed."""
        self.upstream_status = 0
        self.speaks = ""
        """The dialect in which the provider is asked."""
        self._said = ""

    @property
    def client_request(self) -> Side:
        """The client's side; a pass-through shows the same body tuple to the upstream, so that it is stored once."""
        return self._client_request

    def aim(self, target: Target, account: str = "") -> None:
        """The request goes there, perhaps after it was somewhere else."""
        moved = self._begun and target is not self._target
        self._target = target
        self._account = account
        if moved:
            self._desk.meter.redirect(self._call.id, target.provider.name, target.model)

    def weigh(self, target: Target, account: str, verdict: str, why: str) -> None:
        """What became of a candidate, for the routing trace; the first of too many stay."""
        if len(self._trace) < TRACE:
            at_ms = (self._desk.clock.monotonic_ns() - self._call.started_ns) // 1_000_000
            self._trace.append(Weighed(target.provider.name, account, target.model, verdict, why, at_ms))

    def forget(self) -> None:
        """What the attempt so far brought is no answer, and another one follows."""
        self.tap.forget()
        self._usage = None
        self.dropped = ()
        self.upstream_request = self.upstream_reply_head = NO_SIDE
        self.upstream_status = 0

    def keep(self, error: PatchbayError) -> None:
        """A try ended with this error, which the client may be told of after others."""
        self._kept.append((error, tuple(getattr(self, name) for name in _OF_ONE_TRY), self.tap.kept()))

    def recall(self, error: PatchbayError) -> None:
        """The client is told of this error: the row is that of its try, whatever came after it."""
        for kept, left_behind, tapped in self._kept:
            if kept is error:
                for name, value in zip(_OF_ONE_TRY, left_behind, strict=True):
                    setattr(self, name, value)
                self.tap.back(tapped)

    def usage(self, *, complete: bool) -> Usage:
        """What the present attempt used, as far as it is known; asked again, the same."""
        if self._usage is None:
            answered = self.upstream_status < 400 and self._call.operation in (Operation.CHAT, Operation.COMPACT)
            self._usage = self.tap.final_usage(complete=complete) if answered else NO_USAGE
        return self._usage

    @property
    def streaming(self) -> bool:
        """Whether the client asked for a stream."""
        return self._call.peek.stream

    async def start(self) -> None:
        """Commit the `started` row, or that the request goes elsewhere now; not waited for longer than the limit."""
        if self._begun:
            await self._move()
            return
        self._begun = True
        call, desk, target = self._call, self._desk, self._target
        self._said_target = target
        self._asked = (target, self._account, 0)
        provider = target.provider if target else None
        begin = ExchangeStart(
            id=call.id,
            started_us=call.started_us,
            client=client_name(call.http.headers.get("User-Agent", "")),
            client_key=call.caller.name,
            session_id=session_id(call.http.headers) or call.peek.session_id,
            client_dialect=call.dialect.name,
            upstream_dialect=self.speaks or (provider.dialect if provider else ""),
            provider=provider.name if provider else "",
            vendor=provider.vendor if provider else "",
            requested_model=call.peek.model,
            sent_model=target.model if target else "",
            streaming=call.peek.stream,
            operation=call.operation.value,
        )
        self._said = begin.upstream_dialect
        flight = Flight(call.id, begin.provider, begin.sent_model or begin.requested_model, call.started_ns / 1e9)
        desk.meter.begin(desk.clock.monotonic_ns() / 1e9, flight)
        await _committed(desk.recorder.start(begin), self._watch)

    async def _move(self) -> None:
        """Let the row name who is asked now, and who was before, so that a killed process leaves the truth."""
        target, desk = self._target, self._desk
        asked = (target, self._account, len(self.attempts))
        if target is None or asked == self._asked:
            return
        self._asked = asked
        self._strayed |= target is not self._said_target or self.speaks != self._said
        provider, model = target.provider, target.model
        running = Attempt(provider.name, model, desk.clock.now_us(), 0, 0, UNFINISHED, self._account)
        move = Move(
            id=self._call.id,
            upstream_dialect=self.speaks,
            provider=provider.name,
            vendor=provider.vendor,
            sent_model=model,
            account=self._account,
            attempts=(*self.attempts, running),
            trace=tuple(self._trace),
        )
        await _committed(desk.recorder.moved(move), self._watch)

    def attempt(self, status: int, error: str, started_us: int, started_ns: int) -> None:
        """One try at the target is over."""
        if self._target is not None:
            spent_ms = (self._desk.clock.monotonic_ns() - started_ns) // 1_000_000
            name, model = self._target.provider.name, self._target.model
            self.attempts.append(Attempt(name, model, started_us, spent_ms, status, error, self._account))

    def done(self, status: int) -> None:
        """The client has its whole answer; or an error that came in the middle of it."""
        if self.error is not None:
            self._end(State.FAILED, status, self.error.kind.word, self.error.message)
        else:
            self._end(State.DONE, status)

    async def refused(self, error: PatchbayError, response: web.Response) -> None:
        """The client gets this error instead of an answer; even a request that led nowhere leaves its row."""
        self.reply_head = Side(pairs(response.headers.items()), line=f"{response.status} {response.reason}")
        self.reply_chunks = [response.body] if isinstance(response.body, bytes) else []
        try:
            if not self._begun:
                await self.start()
        finally:
            self.failed(error, response.status)

    def failed(self, error: PatchbayError, status: int) -> None:
        """The client was told an error instead of an answer."""
        self._end(State.FAILED, status, error.kind.word, error.message)

    def cancelled(self, kind: str, why: str) -> None:
        """The client is gone, or the user stopped the proxy; of no account once the answer was delivered."""
        if self.delivered:
            self.done(200)
        self._end(State.CANCELLED, CLIENT_GONE_STATUS, kind, why)

    def _end(self, state: State, status: int, kind: str = "", message: str = "") -> None:
        if self._ended or not self._begun:
            return
        self._ended = True
        call, desk, tap = self._call, self._desk, self.tap
        now_ns = desk.clock.monotonic_ns()
        duration_ms = (now_ns - call.started_ns) // 1_000_000
        usage = self.usage(complete=state is State.DONE)
        tap.settle(usage)
        target = self._target
        moved = target if self._strayed or target is not self._said_target else None
        body = tuple(tap.chunks)
        upstream_reply = Side(self.upstream_reply_head.headers, body, self.upstream_reply_head.line)
        client_reply = Side(self.reply_head.headers, _shared(body, self.reply_chunks), self.reply_head.line)
        desk.recorder.finish(
            ExchangeEnd(
                id=call.id,
                state=state,
                ended_us=desk.clock.now_us(),
                duration_ms=duration_ms,
                client_status=status,
                upstream_status=self.upstream_status,
                first_byte_ms=tap.first_byte_ms,
                first_token_ms=tap.first_token_ms,
                usage=usage,
                stop_reason=tap.stop.reason.value if tap.stop else "",
                error_kind=kind,
                error=message,
                request_bytes=len(call.body),
                reply_bytes=tap.received_bytes,
                answer=tap.answer(),
                dropped=self._told(),
                attempts=tuple(self.attempts),
                sides=Sides(self._client_request, self.upstream_request, upstream_reply, client_reply),
                timeline=tuple(tap.timeline),
                upstream_dialect=self.speaks if self._strayed or self.speaks != self._said else "",
                provider=moved.provider.name if moved else "",
                vendor=moved.provider.vendor if moved else "",
                sent_model=moved.model if moved else "",
                account=self._account,
                trace=tuple(self._trace),
            )
        )
        provider = target.provider.name if target else ""
        desk.meter.end(
            now_ns / 1e9,
            Latency(now_ns / 1e9, call.id, provider, tap.first_token_ms, duration_ms, state is not State.FAILED),
        )

    def _told(self) -> tuple[str, ...]:
        """What the conversion dropped, with the reasons."""
        upstream = self.speaks or self._said
        if not self.dropped or not upstream:
            return self.dropped
        return losses.told(self._call.dialect.name, DialectName(upstream), self.dropped)


def _shared(body: tuple[bytes, ...], chunks: list[bytes]) -> tuple[bytes, ...]:
    """The chunks as a tuple; that very body where they are the same objects, so that it is stored once."""
    same = len(body) == len(chunks) and all(map(operator.is_, body, chunks))
    return body if same else tuple(chunks)


async def _committed(row: Awaitable[bool], watch: Watch) -> bool:
    watch.wait(START_LIMIT_S)
    try:
        return await row
    except asyncio.CancelledError:
        if not watch.overdue():
            raise
        log.warning("the record did not take a new exchange within %g s; serving goes on", START_LIMIT_S)
        return False
    finally:
        watch.rest()
