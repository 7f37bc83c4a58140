"""Building the program: every part once, each handed what it needs. Nothing here starts anything."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.control import health_checks
from app.control.accounts import AccountControl
from app.control.adoption import Adoption
from app.control.body_key import BodyKey
from app.control.budgets import BudgetControl
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.credentials import Credentials
from app.control.demo import Demo, Upstream
from app.control.exports import ExportControl
from app.control.health import HealthMarks
from app.control.imports import ImportControl
from app.control.insight import Insight
from app.control.key_names import key_names
from app.control.keys import ENVIRONMENT, KeyControl, load_pepper
from app.control.lan import LanControl
from app.control.ledger import BudgetLedger
from app.control.login import renewer
from app.control.price_rules import PriceControl
from app.control.prices import Prices
from app.control.providers import ProviderControl
from app.control.proxy import ProxyControl, Server
from app.control.routes import RouteControl
from app.control.services import Services
from app.control.settings import SettingsControl
from app.control.snapshots import Snapshots
from app.control.status import StatusBoard
from app.control.today import Today
from app.control.tokens import Tokens
from app.control.upkeep import Upkeep
from app.control.version import version
from app.control.watch import Watch
from app.domain.exposure import Exposure
from app.domain.key_use import KeyUse
from app.domain.ledger import Ledger
from app.domain.measure import Meter
from app.domain.money import Price
from app.domain.provider import DialectName
from app.domain.recorder import Recorder
from app.domain.routing import Facts, ModelWindow, Plan, Resting
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.domain.standing import Standing
from app.proxy.fleet.fitness import lacking
from app.proxy.fleet.windows import Windows
from app.store.config.file import ConfigFile
from app.store.history import History
from app.store.ledger.file import Balance, LedgerFile
from app.store.ledger.writer import LedgerWriter
from app.store.queries.reader import HistoryReader
from app.store.sealing import Sealing
from app.store.state import ClientKeys
from app.system.clock import SystemClock
from app.system.files import write_atomic
from app.system.paths import Paths
from app.vault.vault import Vault
from app.vendors.resolve import resolve

RETRY_KEYRING_S = 15
ADDRESSES_S = 15
"""How often the machine is asked for its addresses, where other machines may connect."""
USES_S = 30
"""How often it is written down when client keys were used."""
_DEFAULTS = Settings()
_write = partial(write_atomic, keep_backup=False)


@dataclass(slots=True)
class Program:
    """Every part that has a beginning or an end."""

    core: Core
    services: Services
    configuration: Configuration
    credentials: Credentials
    adoption: Adoption
    demo: Demo
    server: Server
    today: Today
    watch: Watch
    body_key: BodyKey
    upkeep: Upkeep
    ledger: LedgerWriter


def build(
    paths: Paths,
    vault: Vault,
    *,
    recorder: Recorder | None,
    port: int | None = None,
    base_url: Callable[[], str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Program:
    """All parts below one data folder; without a `recorder` the proxy is one that cannot listen (the terminal's).

    `port` is the command line's; `base_url` tells where clients reach a proxy that runs in another process. Raises
    ConfigError and OSError if the folder cannot be used.
    """
    core = Core(Snapshots(Snapshot(pepper=load_pepper(paths.pepper, _write))), vault, SystemClock())
    file = ConfigFile(paths.config, _write, resolve)
    configuration = Configuration(core, file, port=port, must_write=recorder is None)
    credentials = Credentials(core, environment, Tokens(core, renewer(core.clock)))
    marks = HealthMarks(core, credentials)
    meter = Meter()
    reader, upkeep, body_key = _keepers(core, paths, recorder)
    budgets, ledger, written = _budgets(core, paths, configuration, reader, recorder)
    server = _Elsewhere() if recorder is None else _server(core, recorder, meter, marks, ledger)
    demo = Demo(configuration, _demo_upstream)
    reached = base_url or (lambda: f"http://127.0.0.1:{services.proxy.port}")
    keys = _keys(core, paths, environment, server, reached)
    proxy = ProxyControl(core, configuration, server, demo, lambda: _send_sample(services))
    today = Today(core, reader.totals)
    adoption = Adoption(core, configuration, credentials, keys)
    providers = ProviderControl(core, configuration, credentials, marks, adoption)
    services = Services(
        proxy=proxy,
        providers=providers,
        accounts=AccountControl(core, configuration, credentials, providers),
        routes=RouteControl(core, configuration, server),
        keys=keys,
        budgets=budgets,
        prices=PriceControl(configuration),
        insight=Insight(reader, meter, today),
        exports=ExportControl(reader),
        imports=ImportControl(core, configuration, providers, keys),
        settings=SettingsControl(core, configuration, paths.data_dir),
        status=StatusBoard(core, proxy, marks, today, version()),
        upkeep=upkeep,
        lan=LanControl(core, configuration, server.expose, lambda: proxy.port if proxy.is_ours else 0),
    )
    parts = (services, configuration, credentials, adoption, demo, server, today)
    return _watched(Program(core, *parts, Watch(), body_key, upkeep, written), paths)


def _keepers(core: Core, paths: Paths, recorder: Recorder | None) -> tuple[HistoryReader, Upkeep, BodyKey]:
    """Those that work on the history beside the recorder."""
    sealing = recorder.sealing if isinstance(recorder, History) else Sealing()
    upkeep = Upkeep(paths, texts, core.clock.now_us)
    body_key = BodyKey(core, sealing, upkeep.rewrap, upkeep.has_body_keys)
    return HistoryReader(paths.history, texts=texts, sealing=sealing), upkeep, body_key


def _keys(
    core: Core, paths: Paths, environment: Mapping[str, str], server: Server, base_url: Callable[[], str]
) -> KeyControl:
    stored = ClientKeys(paths.state, clock=core.clock)
    given = environment.get(ENVIRONMENT, "").strip()
    return KeyControl(core, stored, paths.client_key, _write, base_url, environment_key=given, use=server.key_use)


def _budgets(
    core: Core, paths: Paths, configuration: Configuration, reader: HistoryReader, recorder: Recorder | None
) -> tuple[BudgetControl, BudgetLedger, LedgerWriter]:
    """Those that keep within budgets and know prices; where no requests are served they only look."""
    writer, serving = LedgerWriter(paths.state), recorder is not None
    prices = Prices(lambda: configuration.config.prices, core.background, core.clock)
    if isinstance(recorder, History):
        recorder.price_by(prices.at)
    ledger = BudgetLedger(writer if serving else _Unwritten(), prices, core.clock, key_names(core.snapshots))
    return BudgetControl(core, LedgerFile(paths.state), ledger, reader.spent, serving=serving), ledger, writer


def _watched(program: Program, paths: Paths) -> Program:
    program.configuration.on_load(program.adoption.found)
    program.upkeep.shrunk = program.services.insight.shrunk
    program.services.status.encryption = lambda: program.body_key.state
    services = program.services
    services.status.budgets = services.budgets.standing
    services.status.reach = lambda: services.lan.reach
    services.lan.subscribe(lambda _: services.status.touch())
    services.keys.on_rename = services.routes.key_renamed
    services.proxy.on_listening(lambda _: services.lan.refresh())
    watch = program.watch
    watch.file(program.configuration.reload_if_changed, paths.config)
    state = (paths.state, paths.state.with_name(f"{paths.state.name}-wal"))
    watch.file(lambda: _reload_state(services), *state)
    watch.every(1, services.budgets.tick)
    watch.every(1, program.services.keys.look)
    watch.every(USES_S, program.services.keys.keep_uses)
    watch.every(RETRY_KEYRING_S, program.credentials.retry)
    watch.every(1, program.credentials.tokens.tick)
    watch.every(RETRY_KEYRING_S, program.body_key.fetch)
    watch.every(ADDRESSES_S, services.lan.refresh)
    services.providers.found_well = program.server.forget
    watch.every(health_checks.EVERY_S, health_checks.HealthChecks(program.core, program.server).tick)
    watch.every(1, program.today.tick)
    watch.every(1, program.services.status.touch)
    return program


def make_history(paths: Paths, vault: Vault) -> History:
    """The recorder of a running program; its bounds follow the settings once they are read."""
    return History(
        paths.history,
        clock=SystemClock(),
        split=split,
        texts=texts,
        price=_unpriced,
        redactor=lambda: vault.redactor,
        budget_bytes=_DEFAULTS.history_mib * 1024 * 1024,
        keep_days=_DEFAULTS.history_days,
    )


def _unpriced(_vendor: str, _model: str, _at_us: int, _prompt_tokens: int, _provider: str) -> Price | None:
    """Until the program is built, which knows the user's own prices."""
    return None


def split(dialect: str, body: bytes) -> Sequence[bytes]:
    """A request body in pieces that the next turn of its conversation shares."""
    from app.dialects import dialect as named

    return named(DialectName(dialect)).split(body)


def texts(dialect: str, piece: bytes) -> Sequence[str]:
    """The readable texts of such a piece."""
    from app.dialects import dialect as named

    return named(DialectName(dialect)).prompt_texts(piece)


async def _reload_state(services: Services) -> None:
    await services.keys.reload()
    await services.budgets.reload()


class _Unwritten:
    """Stands for the account of budgets on the disk where another process may be the one that writes it."""

    problem = ""

    async def hold(self, hold: int, lines: tuple[tuple[str, int, int], ...]) -> bool:
        raise RuntimeError(f"this process serves no requests, not number {hold} over {len(lines)} budgets either")

    def keep(self, balances: tuple[tuple[str, Balance], ...], *, over: int = 0) -> None:
        pass


class _Elsewhere:
    """Stands for the proxy where this process runs none."""

    key_use = KeyUse()
    in_flight = 0
    resting: tuple[Resting, ...] = ()
    windows: tuple[ModelWindow, ...] = ()
    standing = Standing()

    def lacking(self, plan: Plan, facts: Facts) -> tuple[str, ...]:
        return lacking(plan.targets, facts, Windows())

    async def start(self, port: int) -> int:
        raise RuntimeError(f"this process does not listen, not on port {port} either")

    async def expose(self, exposure: Exposure) -> tuple[str, ...]:
        return ()

    async def stop(self, grace_s: float) -> None:
        pass

    def hurry(self) -> None:
        pass

    def forgive(self) -> None:
        pass

    def reconnect(self) -> None:
        pass

    def forget(self, provider: str, account: str) -> None:
        pass

    async def check_health(self) -> None:
        pass

    async def close(self) -> None:
        pass


def _server(core: Core, recorder: Recorder, meter: Meter, marks: HealthMarks, ledger: Ledger) -> Server:
    from app.proxy.server import ProxyServer

    return ProxyServer(
        snapshot=core.snapshots,
        recorder=recorder,
        meter=meter,
        clock=core.clock,
        events=marks,
        version=version(),
        ledger=ledger,
        # Known to this user's files only, and of no use for anything else.
        instance=hashlib.blake2b(core.snapshots.current.pepper, digest_size=16, person=b"patchbay").hexdigest(),
    )


def _demo_upstream() -> Upstream:
    from app.proxy.demo import DemoUpstream

    return DemoUpstream()


async def _send_sample(services: Services) -> None:
    from app.proxy.sample import send_sample

    await send_sample(f"http://127.0.0.1:{services.proxy.port}", await services.keys.default_key())
