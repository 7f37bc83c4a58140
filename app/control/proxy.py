"""The proxy as people run it: start and stop, pause, and what to do when its port is taken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from app.control.background import in_thread
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.demo import Demo
from app.control.subscribers import Subscribers
from app.domain.errors import ConfigError
from app.domain.exposure import Exposure
from app.domain.key_use import KeyUse
from app.domain.routing import Facts, ModelWindow, Plan, Resting
from app.domain.snapshot import Snapshot
from app.domain.standing import Standing
from app.domain.status import NoticeAction, ProxyState, Severity
from app.system.ports import is_free, next_free_port, port_holder

_log = logging.getLogger(__name__)

PORT_TAKEN = "port-taken"
RETRY_S = 2.0


class Server(Protocol):
    """What `proxy.server.ProxyServer` does."""

    key_use: KeyUse
    """What it sees of client keys."""

    @property
    def in_flight(self) -> int:
        """How many requests run now."""

    @property
    def standing(self) -> Standing:
        """How it stands now."""

    @property
    def resting(self) -> tuple[Resting, ...]:
        """Which credentials are not asked at the moment."""

    @property
    def windows(self) -> tuple[ModelWindow, ...]:
        """What providers said that their models take, beside what is configured."""

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        """Why each target of a plan would be passed over for such a request, in words; empty where it is not."""

    async def start(self, port: int) -> int:
        """Listen, and leave the port of before; the port. Raises `proxy.server.PortTaken`, and stays where it was."""

    async def expose(self, exposure: Exposure) -> tuple[str, ...]:
        """Listen for other machines just there; why some address cannot be, in words. Raises OSError, ssl.SSLError."""

    async def stop(self, grace_s: float) -> None:
        """End listening, and running exchanges after `grace_s`."""

    def hurry(self) -> None:
        """Cut the grace of a `stop` that is under way."""

    def forgive(self) -> None:
        """Ask providers again that rest."""

    def reconnect(self) -> None:
        """Use no open connection to a provider again."""

    def forget(self, provider: str, account: str) -> None:
        """What was seen of a credential before says nothing: it rests no more."""

    async def check_health(self) -> None:
        """Ask one provider that was not heard of for long whether it serves, if the user wants that."""

    async def close(self) -> None:
        """Let go of everything."""


class ProxyControl:
    """Where the proxy stands: `state`, `port` and, where it does not run, `detail` in words."""

    def __init__(
        self,
        core: Core,
        configuration: Configuration,
        server: Server,
        demo: Demo,
        sample: Callable[[], Awaitable[None]],
    ) -> None:
        self.state = ProxyState.STOPPED
        self.port = 0
        self.detail = ""
        self._core = core
        self._configuration = configuration
        self._server = server
        self._demo = demo
        self._sample = sample
        self._is_ours = True
        self._retrying: asyncio.Task[None] | None = None
        self._binding = asyncio.Lock()
        self._subscribers: Subscribers[None] = Subscribers()
        self._listening: Subscribers[int] = Subscribers()
        core.snapshots.subscribe(self._follow_port)

    @property
    def is_ours(self) -> bool:
        """Whether it runs in this process."""
        return self._is_ours

    @property
    def in_flight(self) -> int:
        """How many requests run now."""
        return self._server.in_flight

    @property
    def resting(self) -> tuple[Resting, ...]:
        """Which credentials are not asked at the moment, and until when."""
        return self._server.resting

    @property
    def windows(self) -> tuple[ModelWindow, ...]:
        """What providers said that their models take, beside what is configured."""
        return self._server.windows

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told when the state changed."""
        return self._subscribers.add(callback)

    def on_listening(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Be told the port each time the proxy begins to accept connections."""
        return self._listening.add(callback)

    async def choose_first_port(self) -> None:
        """At the very first start: settle on the next free port from the default on, and write it down."""
        wanted = self._configuration.config.settings.port
        port = wanted if await in_thread(is_free, wanted) else await in_thread(next_free_port, wanted)
        self._configuration.change(port=port)
        await self._configuration.keep(lambda file: file.begin(port))

    async def start(self) -> None:
        """Listen on the configured port; where it is taken, say so and try again every few seconds."""
        self._set(ProxyState.STARTING, self._configuration.settings.port)
        if not await self._listen(self._configuration.settings.port):
            self._retrying = self._core.background.spawn("wait for the port", self._retry())

    async def stop(self) -> None:
        """End listening; what runs has the configured grace to end."""
        self._stop_retrying()
        await self._server.stop(self._configuration.settings.limits.quit_grace_s)
        self._set(ProxyState.STOPPED, self.port)

    def observe(self, port: int) -> None:
        """The proxy runs in another process, on that port (0: nowhere)."""
        self._is_ours = False
        self._set(ProxyState.RUNNING if port else ProxyState.STOPPED, port)

    def pause(self) -> None:
        """Refuse requests from now on; what runs goes on."""
        self._core.snapshots.pause(paused=True)

    def resume(self) -> None:
        """Serve requests again."""
        self._core.snapshots.pause(paused=False)

    async def retry_port(self) -> None:
        """Try the configured port again now; raises ConfigError if it is still taken."""
        port = self._configuration.settings.port
        if (self.state is not ProxyState.RUNNING or self.port != port) and not await self._listen(port):
            raise ConfigError(self.detail or f"Port {port} is still used by another program", key="port")

    async def use_next_port(self) -> int:
        """Move to the next free port and write it down; clients must be pointed at it anew."""
        port = await in_thread(next_free_port, self._configuration.settings.port)
        while not await self._listen(port):
            port = await in_thread(next_free_port, port)
        self._configuration.move_to_port(port)
        await self._configuration.keep(lambda file: file.set("port", port))
        return port

    async def start_demo(self) -> None:
        """Add the provider that answers by itself, and make it the active one if it is the only one."""
        await self._demo.start()

    async def send_sample(self) -> None:
        """Send one small streamed request through the proxy to the active provider; raises PatchbayError."""
        await self._sample()

    async def _listen(self, port: int) -> bool:
        from app.proxy.server import PortTaken

        async with self._binding:
            if self.state is ProxyState.RUNNING and self.port == port:
                self._core.notices.drop(PORT_TAKEN)
                return True
            try:
                bound = await self._server.start(port)
            except PortTaken as taken:
                await self._say_taken(taken.port)
                return False
            except OSError as error:
                self._say_failed(port, error)
                return False
            self._stop_retrying()
            self._core.notices.drop(PORT_TAKEN)
            self._set(ProxyState.RUNNING, bound)
        self._listening.tell(bound)
        return True

    async def _say_taken(self, port: int) -> None:
        holder = await in_thread(port_holder, port)
        by = f"{holder.name} (process {holder.pid})" if holder else "another program"
        if self.state is ProxyState.RUNNING:
            self._say_stays(f"Port {port} is used by {by}")
            return
        self._set(ProxyState.PORT_TAKEN, port, f"Port {port} is used by {by}")
        text = f"Port {port} is used by {by}, so clients cannot reach Patchbay. It tries again every few seconds."
        self._core.notices.put(PORT_TAKEN, Severity.ERROR, text, NoticeAction.USE_NEXT_PORT, "Use the next free port")

    def _say_failed(self, port: int, error: OSError) -> None:
        detail = f"Port {port} cannot be listened on ({error.strerror})"
        if self.state is ProxyState.RUNNING:
            self._say_stays(detail)
            return
        self._set(ProxyState.FAILED, port, detail)
        text = f"{detail}, so clients cannot reach Patchbay."
        self._core.notices.put(PORT_TAKEN, Severity.ERROR, text, NoticeAction.USE_NEXT_PORT, "Use the next free port")

    def _say_stays(self, why: str) -> None:
        text = f"{why}, so Patchbay still listens on port {self.port}. It moves as soon as it can."
        self._core.notices.put(PORT_TAKEN, Severity.ERROR, text, NoticeAction.USE_NEXT_PORT, "Use the next free port")

    async def _retry(self) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            if await self._listen(self._configuration.settings.port):
                return

    def _stop_retrying(self) -> None:
        if self._retrying is not None and self._retrying is not asyncio.current_task():
            self._retrying.cancel()
        self._retrying = None

    def _follow_port(self, snapshot: Snapshot) -> None:
        """Someone set another port: move there. The new one is bound first, so that nobody is ever turned away."""
        wanted = snapshot.settings.port
        moved = wanted and wanted != self.port and not self._binding.locked()
        bound_or_trying = (ProxyState.RUNNING, ProxyState.PORT_TAKEN, ProxyState.FAILED)
        if self._is_ours and self.state in bound_or_trying and moved:
            self._core.background.spawn("move to another port", self._move(wanted))

    async def _move(self, port: int) -> None:
        if self.port == port and self.state is ProxyState.RUNNING:
            return
        self._stop_retrying()
        if not await self._listen(port):
            self._retrying = self._core.background.spawn("wait for the port", self._retry())

    def _set(self, state: ProxyState, port: int, detail: str = "") -> None:
        if (self.state, self.port, self.detail) != (state, port, detail):
            self.state, self.port, self.detail = state, port, detail
            self._subscribers.tell(None)
