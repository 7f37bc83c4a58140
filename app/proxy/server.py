"""The listener: loopback only, on both address families."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable

from app.dialects import DIALECTS, dialect
from app.domain.clock import Clock
from app.domain.exposure import Exposure
from app.domain.key_use import KeyUse
from app.domain.ledger import NO_LEDGER, Ledger
from app.domain.measure import Meter
from app.domain.provider import DialectName
from app.domain.recorder import Recorder
from app.domain.routing import Facts, ModelWindow, Plan, Resting
from app.domain.snapshot import Snapshot
from app.domain.standing import Standing
from app.proxy.call_signatures import CallSignatures
from app.proxy.connection import Listener
from app.proxy.events import ProxyEvents
from app.proxy.fleet.fleet import Fleet
from app.proxy.gate import local_names
from app.proxy.heal import Memory
from app.proxy.health_check import HealthCheck
from app.proxy.instance import Instance
from app.proxy.job import Tools
from app.proxy.lan import Lan
from app.proxy.noise import Noise
from app.proxy.paths import Paths
from app.proxy.pipeline import Pipeline
from app.proxy.rates import Rates
from app.proxy.record import Desk
from app.proxy.roads import Roads
from app.proxy.upstream import Upstreams
from app.proxy.watchdog import Watchdog

log = logging.getLogger(__name__)

_BACKLOG = 256
_CANCEL_S = 2.0
"""How long a cancelled exchange may take to write its end."""
_ANY_PORT_TRIES = 20
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


class PortTaken(Exception):  # noqa: N818 (the name other rooms know)
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use by another program")
        self.port = port


class ProxyServer:
    """The proxy: starts and stops listening, and owns everything that serves requests.

    `instance` is a secret of this user by which the process proves who it is; only derivations of it leave the machine.
    """

    def __init__(
        self,
        *,
        snapshot: Callable[[], Snapshot],
        recorder: Recorder,
        meter: Meter,
        clock: Clock,
        events: ProxyEvents,
        version: str,
        instance: str,
        ledger: Ledger = NO_LEDGER,
    ) -> None:
        self._snapshot = snapshot
        self._desk = Desk(recorder, meter, clock)
        self._events = events
        self._agent = f"patchbay/{version}"
        self._instance = Instance(instance)
        self._ledger = ledger
        self._fleet = Fleet(clock, ledger.price, snapshot)
        self._health_check = HealthCheck(self._fleet, events, snapshot)
        self.rates = Rates(clock)
        self.key_use = KeyUse()
        self._sockets: list[asyncio.Server] = []
        self._ports: frozenset[int] = frozenset()
        self._upstreams: Upstreams | None = None
        self._watchdog: Watchdog | None = None
        self._pipeline: Pipeline | None = None
        self._listener: Listener | None = None
        self._left: list[Listener] = []
        """Listeners of former ports, whose last requests may still run."""
        self._noise: Noise | None = None
        self._lan = Lan()

    @property
    def in_flight(self) -> int:
        """Requests that run now."""
        return self._pipeline.limiter.in_flight if self._pipeline else 0

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        pipeline = self._pipeline
        if pipeline is None:
            return Standing()
        open_now = sum(one.open_connections for one in self._listeners())
        return Standing(open_now, pipeline.limiter.waiting, pipeline.rejections.counts, self._fleet.breakers())

    @property
    def resting(self) -> tuple[Resting, ...]:
        """Which credentials are not asked at the moment, and until when."""
        return self._fleet.resting()

    @property
    def windows(self) -> tuple[ModelWindow, ...]:
        """What providers said that their models take, beside what is configured."""
        return self._fleet.windows()

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        """Why each target of a plan would be passed over for such a request, as was learned; empty where it is not."""
        return self._fleet.lacking(plan, facts)

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1 and ::1 and return the port; 0 takes any free one. Raises PortTaken or OSError.

        Where it listened on another port before, that one is left once the new one is bound; what runs there goes on.
        """
        loop = asyncio.get_running_loop()
        pipeline = self._pipeline or self._build(loop)
        sockets = _bind(port)
        taken = sockets[0].getsockname()[1]
        self._ports = frozenset((taken,))
        pipeline.names = local_names(self._ports) | self._lan.names()
        pipeline.stopping = False
        self._leave()
        listener = self._listener = self._listening_to(pipeline)
        for one in sockets:
            self._sockets.append(await loop.create_server(listener.accept, sock=one, backlog=_BACKLOG))
        return int(taken)

    async def expose(self, exposure: Exposure) -> tuple[str, ...]:
        """Listen for other machines just there, on the port of loopback; why some address cannot be, in words.

        Raises OSError or ssl.SSLError where the certificate cannot be used: it then listens where it did before.
        """
        pipeline = self._pipeline
        if pipeline is None or self._listener is None:
            return ()
        try:
            return await self._lan.listen(exposure, min(self._ports), lambda: self._listening_to(pipeline, lan=True))
        finally:
            pipeline.names = local_names(self._ports) | self._lan.names()

    async def stop(self, grace_s: float) -> None:
        """Listen no more; give what runs its grace, then end it. Every exchange has its end when this returns."""
        self._leave()
        watchdog, pipeline = self._watchdog, self._pipeline
        if not self._left or watchdog is None or pipeline is None:
            return
        if not await watchdog.idle(grace_s):
            pipeline.stopping = True
            watchdog.cancel()
            if not await watchdog.idle(_CANCEL_S):
                log.error("some requests did not end within %g s of being cancelled", _CANCEL_S)
        left, self._left = self._left, []
        await asyncio.gather(*(one.shutdown(_CANCEL_S) for one in left))
        self._ports = frozenset()

    def hurry(self) -> None:
        """Cut the grace of a `stop` that is under way: what still runs is ended now."""
        if self._pipeline is not None and self._watchdog is not None:
            self._pipeline.stopping = True
            self._watchdog.cancel()

    def forgive(self) -> None:
        """Forget which providers failed or were limited: all are asked again."""
        for one in self._snapshot().providers:
            self._fleet.forget(one.name)

    def reconnect(self) -> None:
        """Use no open connection to a provider again: the network is another one than it was."""
        self._fleet.network_changed()
        if self._upstreams is not None:
            self._upstreams.keep_only(())

    def forget(self, provider: str, account: str) -> None:
        """What was seen of a credential before says nothing: it rests no more."""
        self._fleet.forget(provider, account)

    async def check_health(self) -> None:
        """Ask one provider that was not heard of for long whether it serves, if the user wants that."""
        await self._health_check.once()

    async def close(self) -> None:
        """Stop at once and let go of every connection to a provider."""
        await self.stop(0.0)
        if self._watchdog is not None:
            self._watchdog.close()
        if self._upstreams is not None:
            await self._upstreams.close()
        if self._noise is not None:
            self._noise.restore()
        self._pipeline = self._upstreams = self._watchdog = self._noise = None

    def _build(self, loop: asyncio.AbstractEventLoop) -> Pipeline:
        self._noise = Noise(loop)
        self._upstreams = Upstreams(lambda: self._ports)
        self._watchdog = Watchdog(self._desk.clock, loop)
        memory = Memory()
        tools = Tools(
            self._upstreams,
            self._events,
            self._desk.clock,
            memory,
            lambda name: dialect(DialectName(name)),
            self._instance.via,
            self._agent,
            Roads(memory),
            CallSignatures(),
            self._fleet,
            self.rates,
            self._ledger,
        )
        self._pipeline = Pipeline(self._snapshot, self._desk, tools, Paths(DIALECTS), self._instance, self._watchdog)
        self._pipeline.key_use = self.key_use
        return self._pipeline

    def _listening_to(self, pipeline: Pipeline, *, lan: bool = False) -> Listener:
        loop = asyncio.get_running_loop()
        return Listener(pipeline, loop, lambda: self._snapshot().settings.limits, pipeline.rejections, lan=lan)

    def _leave(self) -> None:
        """Listen no more; connections close as soon as they are idle."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            one.close()
        self._left = [one for one in self._left if one.open_connections]
        for left in (self._listener, self._lan.leave()):
            if left is not None:
                left.retire()
                self._left.append(left)
        self._listener = None

    def _listeners(self) -> list[Listener]:
        return [*self._left, *filter(None, (self._listener, self._lan.listener))]


def _bind(port: int) -> list[socket.socket]:
    """Listening sockets on the same port of both families; IPv6 may be missing, but never another program's."""
    for _ in range(_ANY_PORT_TRIES):
        four = _listening(socket.AF_INET, "127.0.0.1", port)
        taken = four.getsockname()[1]
        try:
            return [four, _listening(socket.AF_INET6, "::1", taken)]
        except PortTaken:
            four.close()
            if port:
                raise
        except OSError as error:
            if error.errno in _NO_IPV6:
                return [four]
            four.close()
            raise
    raise PortTaken(port)


def _listening(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # Without it, Windows lets any other program of any user share the port.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
        made.setblocking(False)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE or (sys.platform == "win32" and error.errno == errno.EACCES):
            raise PortTaken(port) from None
        raise
    return made
