"""The story of a request: one coroutine, one line a stage. Read this first.

Every stage either hands on or raises PatchbayError, which becomes an answer in the client's own dialect. From `peek`
on the request has a row in the record, and that row gets exactly one end whatever happens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web

from app.dialects.base import Operation
from app.dialects.body import MAX_DEPTH
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.key_use import KeyUse
from app.domain.provider import DialectName
from app.domain.snapshot import Snapshot
from app.proxy import answers, auth, body, gate, models, paths, peer, permissions, router
from app.proxy.call import Call
from app.proxy.failover import Failover
from app.proxy.ids import Ids
from app.proxy.instance import Instance
from app.proxy.job import Tools
from app.proxy.limiter import Limiter, Place
from app.proxy.outgoing import ClientGone
from app.proxy.record import CLIENT_GONE_STATUS, Desk, Exchange
from app.proxy.rejections import Rejections
from app.proxy.strangers import Strangers
from app.proxy.watchdog import Still, Watch, Watchdog

log = logging.getLogger(__name__)

_LARGE_BODY_BYTES = 4 * 1024 * 1024


class Pipeline:
    """Carries requests out; one for each server."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        desk: Desk,
        tools: Tools,
        known: paths.Paths,
        instance: Instance,
        watchdog: Watchdog,
    ) -> None:
        self._snapshot = snapshot
        self._desk = desk
        self._tools = tools
        self._paths = known
        self._instance = instance
        self._watchdog = watchdog
        self._ids = Ids()
        self._routes = router.Routes()
        self._failover = Failover(tools, snapshot, lambda: self.limiter.in_flight)
        self._adopted: Snapshot | None = None
        self.limiter = Limiter()
        self.rejections = Rejections()
        self.key_use = KeyUse()
        self.strangers = Strangers(desk.clock)
        self.names: frozenset[str] = frozenset()
        """The `Host` values that mean us; known when the port is."""
        self.stopping = False
        """The user ends the proxy: what is cancelled from now on is not the client's doing."""

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        key, pin, path, query = gate.split_target(http.raw_path)
        query, keys = auth.take_keys(query)
        likely = paths.hint(http.headers, keyed=bool(keys))
        call = self._call(http, path, query, likely)
        call.pin = pin
        try:
            return await self._serve(call, key, keys, likely)
        except PatchbayError as error:
            self.rejections.refused(error.kind)
            return answers.refusal(error, call.dialect, call.request_id, array=call.array)
        except Exception:
            log.exception("request %s failed inside Patchbay", call.id)
            return answers.internal(call.dialect, call.request_id) if not _has_begun(http) else _cut(http)

    async def _serve(
        self, call: Call, key: str, query_keys: tuple[str, ...], likely: DialectName | None
    ) -> web.StreamResponse:
        http, limits = call.http, call.snapshot.settings.limits
        gate.admit(http, self.names, self._instance)
        if gate.asks_status(http, call.path):
            if key:  # `/k/<key>/health` is no open route, and a key that is shown must be right
                call.caller = await self._identify(call, key, query_keys)
                permissions.check_network(call)
            return answers.status(self._instance, call.query)
        match = gate.choose(http, self._paths.find(call.path, http.method, likely))
        call.dialect, call.operation, call.path_model = match.dialect, match.operation, match.model
        call.path_stream = match.stream
        call.caller = await self._identify(call, key, query_keys)
        permissions.admit(call)
        if match.operation in (Operation.MODELS, Operation.MODEL):
            return models.listed(call)
        watch = self._watchdog.watch(self._still(call))
        try:
            await self._tools.rates.admit(call)
            async with self.limiter.place(limits, call.caller.name, call.caller.concurrent) as place:
                body.announced(http, limits)
                return await self._exchange(call, place, watch)
        except asyncio.CancelledError:
            if (last_word := watch.last_word()) is not None:
                raise last_word from None
            raise
        finally:
            self._watchdog.forget(watch)
            self._tools.rates.leave(call)

    async def _identify(self, call: Call, key: str, query_keys: tuple[str, ...]) -> auth.Caller:
        """Whose request it is; who comes from another machine with wrong keys waits, and is turned away in the end."""
        http = call.http
        if not peer.from_lan(http):
            caller = auth.identify(http, key, call.snapshot, query_keys)
            permissions.opens(caller.key, call.started_us, self.key_use)
            return caller
        address = peer.address(http, call.snapshot.settings.lan.trusted_proxies)
        self.strangers.admit(address)
        try:
            # Nobody from another machine comes in without a key, also while the settings ask none on this one.
            caller = auth.identify(http, key, call.snapshot, query_keys, strict=True)
            permissions.opens(caller.key, call.started_us, self.key_use)
        except PatchbayError:
            await asyncio.sleep(self.strangers.failed(address))
            raise
        peer.vouch(http)
        return caller

    async def _exchange(self, call: Call, place: Place, watch: Watch) -> web.StreamResponse:
        limits = call.snapshot.settings.limits
        call.body = await body.receive(call.http, limits, place, watch)
        MAX_DEPTH.set(limits.json_depth)
        if len(call.body) > _LARGE_BODY_BYTES:
            await asyncio.sleep(0)  # looking at it takes a while; whoever else has something to do comes first
        call.look()
        gate.check_model(call.peek.model)
        await self._tools.rates.admit_tokens(call)
        if len(call.body) > _LARGE_BODY_BYTES:
            await asyncio.sleep(0)
        exchange = Exchange(call, self._desk, watch)
        try:
            response = await self._carry(call, exchange, place, watch)
            exchange.done(response.status)
            return response
        except PatchbayError as error:
            response = answers.refusal(error, call.dialect, call.request_id, array=call.array)
            await exchange.refused(error, response)
            return response
        except ClientGone as gone:
            if watch.lapsed is not None:
                exchange.failed(watch.lapsed, CLIENT_GONE_STATUS)
            exchange.cancelled(gone.kind, gone.why)
            return _cut(call.http)
        except asyncio.CancelledError:
            if watch.lapsed is not None:
                exchange.failed(watch.lapsed, CLIENT_GONE_STATUS)
            exchange.cancelled(*_why_cancelled(stopping=self.stopping))
            raise
        except Exception:
            exchange.failed(PatchbayError(ErrorKind.INTERNAL, "Patchbay failed on this request."), 500)
            raise

    async def _carry(self, call: Call, exchange: Exchange, place: Place, watch: Watch) -> web.StreamResponse:
        watch.rest()
        try:
            plan = permissions.narrow(call, self._routes.plan(call))
            return await self._failover.carry(plan, call, exchange, place, watch)
        except asyncio.CancelledError:
            if (last_word := watch.last_word()) is None:
                raise
            if not _has_begun(call.http):
                raise last_word from None
            exchange.error = last_word
            return _cut(call.http)

    def _still(self, call: Call) -> Still | None:
        """Asks whether the key that a request came with may still be used."""
        key = call.caller.key
        return permissions.Admission(key, self._snapshot, self._desk.clock.now_us, self.key_use) if key else None

    def _call(self, http: web.BaseRequest, path: str, query: str, likely: DialectName | None) -> Call:
        snapshot = self._snapshot()
        if snapshot is not self._adopted:
            self._adopt(snapshot)
        clock = self._desk.clock
        now_us = clock.now_us()
        dialect = self._paths.voice(path, http.method, likely)
        return Call(http, snapshot, self._ids.next(now_us), now_us, clock.monotonic_ns(), dialect, path, query)

    def _adopt(self, snapshot: Snapshot) -> None:
        """The configuration changed: new limits, and perhaps providers that are gone."""
        self._adopted = snapshot
        self._watchdog.pace(snapshot.settings.limits)
        self._tools.upstreams.keep_only(snapshot.providers)


def _has_begun(http: web.BaseRequest) -> bool:
    """Whether the client has a part of its answer already."""
    return http.writer.output_size > 0


def _cut(http: web.BaseRequest) -> web.StreamResponse:
    """Break the connection off: an answer that cannot be finished must not look as if it were."""
    if http.transport is not None:
        http.transport.abort()
    return web.Response(status=ErrorKind.INTERNAL.status)


def _why_cancelled(*, stopping: bool) -> tuple[str, str]:
    if stopping:
        return "stopped", "Patchbay was stopped while the answer came."
    return "client_disconnect", "The client closed the connection."
