"""Whether other machines may use the proxy: only where it is safe enough, and never without saying so."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import ipaddress
import logging
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app.control.background import in_thread
from app.control.configuration import Configuration
from app.control.core import Core
from app.control.subscribers import Subscribers
from app.domain.errors import ConfigError
from app.domain.exposure import NO_REACH, NOWHERE, Exposure, Reach
from app.domain.settings import AuthMode, Lan
from app.domain.snapshot import Snapshot
from app.domain.status import NoticeAction, Severity
from app.store.config.file import ConfigFile
from app.store.config.lan_reading import KEYS, lan_value
from app.store.config.values import BadValueError
from app.system.own_addresses import own_addresses

_log = logging.getLogger(__name__)

REFUSED = "refused_insecure_lan"
OPEN_TO_ALL = (
    'Other machines cannot connect while nobody is asked for a client key (auth = "open"). Ask for one under Settings, '
    'or write auth = "key" in patchbay.toml.'
)
NO_KEYS = "Other machines cannot connect: there is no client key yet that they could show. Create one under Keys."
_FAMILY = {4: "{0}", 6: "[{0}]"}


class LanControl:
    """Follows the settings, the client keys and the machine's addresses; `reach` says what came of it."""

    def __init__(
        self,
        core: Core,
        configuration: Configuration,
        expose: Callable[[Exposure], Awaitable[tuple[str, ...]]],
        port: Callable[[], int],
        addresses: Callable[[], tuple[str, ...]] = own_addresses,
    ) -> None:
        self.reach = NO_REACH
        self._core = core
        self._configuration = configuration
        self._expose = expose
        self._port = port
        self._addresses = addresses
        self._wanted: tuple[object, ...] = ()
        self._changing = asyncio.Lock()
        self._subscribers: Subscribers[None] = Subscribers()
        core.snapshots.subscribe(self._follow)

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told when other machines can or cannot connect any more."""
        return self._subscribers.add(callback)

    async def change(self, **values: Any) -> None:
        """Change settings of `[lan]` by their names, at once and then in the file; raises ConfigError for a bad one."""
        good = {key: _judged(key, value) for key, value in values.items()}
        lan = dataclasses.replace(self._core.snapshots.current.settings.lan, **good)
        self._configuration.change(lan=lan)

        def write(file: ConfigFile) -> None:
            for key, value in good.items():
                plain = list(value) if isinstance(value, tuple) else value
                file.set(key, plain or None, table="lan")

        await self._configuration.keep(write)
        await self.look()

    def refresh(self) -> None:
        """Look soon: the port or the machine's addresses may have changed."""
        wanted = self._core.snapshots.current.settings.lan.enabled or self.reach != NO_REACH
        if wanted and self._port():
            self._core.background.spawn("listen for other machines", self.look())

    async def look(self) -> None:
        """Listen where the settings say and the machine has addresses now; called again as those come and go."""
        async with self._changing:
            snapshot, port = self._core.snapshots.current, self._port()
            lan = snapshot.settings.lan
            problem = _unsafe(snapshot) if lan.enabled else ""
            if not lan.enabled or problem or not port:
                await self._listen(NOWHERE)
                self._say(Reach(problem=problem), refused=bool(problem))
                return
            here = await in_thread(self._addresses)
            exposure = Exposure(lan.addresses or here, (*lan.names, *_also(lan)), lan.cert_file, lan.key_file)
            self._say(await self._listen_and_tell(exposure, port), refused=False)

    def _follow(self, snapshot: Snapshot) -> None:
        wanted = (snapshot.settings.lan, snapshot.settings.auth, bool(snapshot.client_keys))
        if wanted != self._wanted:
            self._wanted = wanted
            self.refresh()

    async def _listen_and_tell(self, exposure: Exposure, port: int) -> Reach:
        try:
            problems = await self._listen(exposure)
            fingerprint = await in_thread(_fingerprint, exposure.cert_file) if exposure.cert_file else ""
        except (OSError, ssl.SSLError, ValueError) as error:
            await self._listen(NOWHERE)
            words = getattr(error, "strerror", None) or str(error)
            return Reach(problem=f"Other machines cannot connect: the certificate or its key cannot be used ({words}).")
        failed = tuple(one.partition(": ")[0] for one in problems)
        scheme = "https" if exposure.cert_file else "http"
        urls = tuple(f"{scheme}://{_host(one)}:{port}" for one in exposure.addresses if one not in failed)
        if not urls:
            why = "; ".join(problems) or "this machine has no address in a network"
            return Reach(problem=f"Other machines cannot connect: {why}.")
        return Reach(urls, f"Not at {'; '.join(problems)}." if problems else "", fingerprint)

    async def _listen(self, exposure: Exposure) -> tuple[str, ...]:
        return await self._expose(exposure)

    def _say(self, reach: Reach, *, refused: bool) -> None:
        changed, self.reach = reach != self.reach, reach
        notices = self._core.notices
        if refused or (reach.problem and not reach.urls):
            notices.put("lan", Severity.ERROR, reach.problem, NoticeAction.OPEN_SETTINGS, "Open the settings")
        elif reach.urls:
            clear = "" if reach.fingerprint else " What they send and get can be read on the way, keys included."
            more = f" {reach.problem}" if reach.problem else ""
            text = f"Other machines can use Patchbay at {', '.join(reach.urls[:4])}.{clear}{more}"
            notices.put("lan", Severity.WARNING if clear else Severity.INFO, text)
        else:
            notices.drop("lan")
        if changed:
            _log.info("other machines: %s", ", ".join(reach.urls) or reach.problem or "not wanted")
            self._subscribers.tell(None)


def _judged(key: str, value: object) -> Any:
    if key not in KEYS:
        raise ConfigError("there is no such setting", key=f"lan.{key}")
    try:
        return lan_value(key, value)
    except BadValueError as error:
        raise ConfigError(str(error), key=key) from None


def _unsafe(snapshot: Snapshot) -> str:
    if snapshot.settings.auth is AuthMode.OPEN:
        return OPEN_TO_ALL
    return "" if snapshot.client_keys else NO_KEYS


def _also(lan: Lan) -> tuple[str, ...]:
    """Names that were written with brackets or capitals are the same names."""
    return tuple(one.strip("[]").lower() for one in lan.names if one != one.strip("[]").lower())


def _host(address: str) -> str:
    with contextlib.suppress(ValueError):
        return _FAMILY[ipaddress.ip_address(address).version].format(address)
    return address


def _fingerprint(cert_file: str) -> str:
    der = ssl.PEM_cert_to_DER_cert(_first_certificate(Path(cert_file).read_text("utf-8")))
    digest = hashlib.sha256(der).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _first_certificate(text: str) -> str:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    inner = text.partition(begin)[2].partition(end)[0]
    if not inner:
        raise ValueError("it holds no certificate")
    return f"{begin}{inner}{end}\n"
