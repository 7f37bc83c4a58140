"""The control room over a folder of a test's own: real configuration file and client keys, a keyring in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.control.accounts import AccountControl
from app.control.adoption import Adoption
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.credentials import Credentials
from app.control.demo import Demo
from app.control.health import HealthMarks
from app.control.keys import KeyControl
from app.control.providers import ProviderControl
from app.control.proxy import ProxyControl
from app.control.routes import RouteControl
from app.control.snapshots import Snapshots
from app.control.token_bundle import TokenBundle
from app.control.tokens import Tokens
from app.domain.errors import PatchbayError
from app.domain.provider import Provider
from app.domain.routing import Facts, ModelWindow, Plan, Resting
from app.domain.snapshot import Snapshot
from app.domain.standing import Standing
from app.proxy.fleet.fitness import lacking
from app.proxy.fleet.windows import Windows
from app.store.config.file import ConfigFile
from app.store.state import ClientKeys
from app.system.files import write_atomic
from app.vault.vault import Vault
from app.vendors.resolve import resolve
from tests.fakes.clock import HandClock
from tests.fakes.keyrings import MemoryKeyring

PEPPER = b"p" * 32


class FakeServer:
    """A proxy that listens on nothing; ports in `taken` are in use."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.standing = Standing()
        self.resting: tuple[Resting, ...] = ()
        self.taken: set[int] = set()
        self.calls: list[tuple[str, Any]] = []
        self.error: OSError | None = None
        self.problems: tuple[str, ...] = ()
        self.learned = Windows()

    @property
    def windows(self) -> tuple[ModelWindow, ...]:
        return self.learned.learned

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        return lacking(plan.targets, facts, self.learned)

    async def start(self, port: int) -> int:
        from app.proxy.server import PortTaken

        self.calls.append(("start", port))
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        if port in self.taken:
            raise PortTaken(port)
        return port or 40_000

    async def expose(self, exposure):
        self.calls.append(("expose", exposure))
        return self.problems

    async def stop(self, grace_s: float) -> None:
        self.calls.append(("stop", grace_s))

    def hurry(self) -> None:
        self.calls.append(("hurry", None))

    def forgive(self) -> None:
        self.calls.append(("forgive", None))

    def reconnect(self) -> None:
        self.calls.append(("reconnect", None))

    def forget(self, provider: str, account: str) -> None:
        self.calls.append(("forget", (provider, account)))

    async def check_health(self) -> None:
        self.calls.append(("check_health", None))

    async def close(self) -> None:
        self.calls.append(("close", None))


class FakeUpstream:
    def __init__(self) -> None:
        self.running = False

    async def start(self) -> str:
        self.running = True
        return "http://127.0.0.1:9999"

    async def stop(self) -> None:
        self.running = False


@dataclass
class Desk:
    """Everything of control but the history."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    keyring: Any = field(default_factory=MemoryKeyring)
    port: int | None = None
    must_write: bool = False

    def __post_init__(self) -> None:
        self.clock = HandClock()
        self.vault = Vault("patchbay-test", backend=self.keyring)
        self.core = Core(Snapshots(Snapshot(pepper=PEPPER)), self.vault, self.clock)
        self.writes = 0
        self.failing = False
        self.file = ConfigFile(self.folder / "patchbay.toml", self.write, resolve)
        self.configuration = Configuration(self.core, self.file, port=self.port, must_write=self.must_write)
        self.renewals: list[TokenBundle] = []
        self.renewed: TokenBundle | PatchbayError | None = None
        """What the next renewal of a login brings."""
        self.tokens = Tokens(self.core, self._renew)
        self.credentials = Credentials(self.core, self.environment, self.tokens)
        self.marks = HealthMarks(self.core, self.credentials)
        self.server = FakeServer()
        self.upstream = FakeUpstream()
        self.demo = Demo(self.configuration, lambda: self.upstream)
        self.samples = 0
        self.proxy = ProxyControl(self.core, self.configuration, self.server, self.demo, self._sample)
        self.keys = KeyControl(
            self.core,
            ClientKeys(self.folder / "state.db", clock=self.clock),
            self.folder / "client-key",
            self.write,
            lambda: "http://127.0.0.1:8082",
            environment_key=self.environment.get("PATCHBAY_CLIENT_KEY", ""),
        )
        self.adoption = Adoption(self.core, self.configuration, self.credentials, self.keys)
        self.providers = ProviderControl(self.core, self.configuration, self.credentials, self.marks, self.adoption)
        self.accounts = AccountControl(self.core, self.configuration, self.credentials, self.providers)
        self.routes = RouteControl(self.core, self.configuration, self.server)
        self.configuration.on_load(self.adoption.found)

    def write(self, path: Path, data: bytes) -> None:
        self.writes += 1
        if self.failing:
            raise OSError(28, "No space left on device")
        write_atomic(path, data, keep_backup=False)

    async def _renew(self, provider: Provider, bundle: TokenBundle) -> TokenBundle:
        self.renewals.append(bundle)
        await asyncio.sleep(0)
        if isinstance(self.renewed, PatchbayError):
            raise self.renewed
        assert self.renewed is not None
        return self.renewed

    async def _sample(self) -> None:
        self.samples += 1

    async def begin(self, text: str = "") -> Desk:
        """Write the configuration and load everything, as a start does once the proxy listens."""
        if text:
            self.file.path.write_text(text, "utf-8")
        await self.configuration.load()
        await self.keys.open()
        self.credentials.may_ask = self.adoption.may_move = True
        self.credentials.fetch()
        self.adoption.move()
        await self.settle()
        return self

    async def settle(self) -> None:
        """Wait until nothing is going on in the background."""
        while tasks := [task for task in self.core.background.tasks if not task.done()]:
            await asyncio.wait(tasks, timeout=10)

    async def end(self) -> None:
        await self.core.background.close()
        self.vault.close()

    @property
    def snapshot(self) -> Snapshot:
        return self.core.snapshots.current

    def notice(self, notice_id: str) -> str:
        """The text of a notice; empty where there is none."""
        return next((one.text for one in self.core.notices.current if one.id == notice_id), "")

    def text(self) -> str:
        return self.file.path.read_text("utf-8")

    def leaked(self, canary: str) -> list[str]:
        """The files below the folder that hold the text."""
        return [str(path) for path in self.folder.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]
