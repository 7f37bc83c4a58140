"""From `patchbay.toml` to the present settings and providers, and back: loading, hot reload, changes that are kept."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.control.background import in_thread
from app.control.core import Core
from app.control.subscribers import Subscribers
from app.domain.config import Config, ProviderEntry, Unused
from app.domain.errors import ConfigError
from app.domain.idle_rules import idle
from app.domain.provider import Provider
from app.domain.renaming import dangling, keyless, renamed, repriced, uncounted
from app.domain.routing import Routing
from app.domain.settings import AuthMode, Settings
from app.domain.snapshot import Snapshot
from app.domain.status import NoticeAction, Severity
from app.store.config.broken import Kept
from app.store.config.file import ConfigFile
from app.store.config.rows import ChangedMeanwhileError
from app.vendors.presets import VENDOR_NAMES
from app.vendors.resolve import resolve

_log = logging.getLogger(__name__)

BROKEN = "config-broken"
UNWRITTEN = "config-unwritten"
IGNORED = "config-ignored"
CONFIGURATION = frozenset(
    {UNWRITTEN, IGNORED, "config-active", "routes-lost", "keys-lost", "prices-lost", "rules-idle"}
)
"""Notices about what the file says."""
_MOST_LOST = 5
_MOST_UNUSED = 8


class Configuration:
    """The configuration in force. What is changed here holds at once; `keep` then writes it down.

    `port` is one from the command line: it wins over the file's and is never written. `extra` are providers that live
    in memory only (the demo). With `must_write` a change that cannot be written down is an error: a command of the
    terminal ends at once, and with it what is only in memory.
    """

    def __init__(self, core: Core, file: ConfigFile, *, port: int | None = None, must_write: bool = False) -> None:
        self.file = file
        self.config = Config()
        self.extra: tuple[Provider, ...] = ()
        self._snapshots = core.snapshots
        self._notices = core.notices
        self._port = port
        self._must_write = must_write
        self._active = ""
        self._writing = asyncio.Lock()
        self._loaded: Subscribers[Config] = Subscribers()
        self._latest: dict[str, Callable[[ConfigFile], None]] = {}
        core.snapshots.subscribe(self._look_at_keys)
        self._keys: frozenset[str] = frozenset()
        self._made = 0
        """How many changes were made here; one that is made while the file is read is not in what was read."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._snapshots.current.settings

    @property
    def entries(self) -> tuple[ProviderEntry, ...]:
        """The providers as the file writes them."""
        return self.config.providers

    @property
    def names(self) -> tuple[str, ...]:
        """What the providers are called."""
        return tuple(one.name for one in self._snapshots.current.providers)

    def on_load(self, callback: Callable[[Config], None]) -> Callable[[], None]:
        """Be told each time a configuration was taken over from the file."""
        return self._loaded.add(callback)

    @property
    def broken(self) -> str:
        """What is wrong with the file as it is, in words; empty where nothing is."""
        return next((notice.text for notice in self._notices.current if notice.id == BROKEN), "")

    async def load(self) -> bool:
        """Take over the file at the start, or its last good content if it is broken; whether this is a first start."""
        first = not self.file.exists
        try:
            await self._take_over()
        except ConfigError as error:
            await self._fall_back(error)
        return first

    async def reload(self) -> None:
        """Take over the file now; one that is broken or gone changes nothing but a notice. Raises ConfigError."""
        try:
            self._refuse_its_absence()
            await self._take_over()
        except ConfigError as error:
            self._say_broken(error, "Patchbay goes on with what it had.")
            raise

    async def reload_if_changed(self) -> None:
        """The same if someone else changed the file; never raises."""
        try:
            if await in_thread(self.file.is_changed):
                await self.reload()
        except ConfigError as error:
            _log.warning("the configuration was not reloaded: %s", error)

    def apply(self, config: Config) -> None:
        """Take over a configuration, in memory."""
        self.config = config
        before = {provider.name: provider for provider in self._snapshots.current.providers}
        found = (resolve(entry) for entry in config.providers)
        # The same object where nothing changed: the proxy knows its connections by it.
        providers = tuple(before[one.name] if before.get(one.name) == one else one for one in found)
        settings = config.settings if self._port is None else dataclasses.replace(config.settings, port=self._port)
        if self._active:
            settings = dataclasses.replace(settings, provider=self._active)
        self._snapshots.configure(settings, (*providers, *self.extra), config.routing)
        self._say_what_is_odd(config)

    def activate(self, name: str) -> bool:
        """Make a provider the active one, in memory; whether that is something to write down."""
        in_memory = name in {provider.name for provider in self.extra}
        self._active = name if in_memory else ""
        if not in_memory:
            self.config = dataclasses.replace(
                self.config, settings=dataclasses.replace(self.config.settings, provider=name)
            )
        self.apply(self.config)
        return not in_memory

    def change(self, **values: Any) -> None:
        """Change settings, in memory."""
        self.apply(dataclasses.replace(self.config, settings=dataclasses.replace(self.config.settings, **values)))

    def move_to_port(self, port: int) -> None:
        """Change the port, in memory; one from the command line no longer counts."""
        self._port = None
        self.change(port=port)

    def put(self, entry: ProviderEntry, replaces: str = "") -> None:
        """Add or replace a provider, in memory; raises ConfigError if it cannot be one."""
        old = replaces or entry.name
        kept = [entry if one.name == old else one for one in self.entries]
        if entry.name.lower() in {one.name.lower() for one in self.entries if one.name != old}:
            raise ConfigError(f"there is already a provider {entry.name!r}; choose another name", key="name")
        if not any(one.name == old for one in self.entries):
            kept.append(entry)
        resolve(entry)
        routing = self.config.routing if old == entry.name else renamed(self.config.routing, old, entry.name)
        prices = repriced(self.config.prices, old, entry.name)
        self.apply(dataclasses.replace(self.config, providers=tuple(kept), routing=routing, prices=prices))

    def remove(self, name: str) -> None:
        """Take a provider out, in memory; where it was preferred, none is, and where nothing else served, others do."""
        kept = tuple(one for one in self.entries if one.name != name)
        settings, routing = self.config.settings, self.config.routing
        if settings.provider == name:
            settings = dataclasses.replace(settings, provider="")
            routing = dataclasses.replace(routing, only=False)
        order = tuple(one for one in routing.order if one != name)
        routing = dataclasses.replace(routing, order=order)
        self.apply(dataclasses.replace(self.config, providers=kept, settings=settings, routing=routing))

    def reroute(self, routing: Routing) -> None:
        """Change the ways, in memory."""
        self.apply(dataclasses.replace(self.config, routing=routing))

    async def keep(self, write: Callable[[ConfigFile], None], *, instead: str = "") -> bool:
        """Write a change down; where that fails it holds until the program ends, and a notice says so.

        A change that still waits to be written is left out where a later one names the same as `instead`. Raises
        ConfigError only where everything must be written, and where the file was changed at the same time: what stands
        there counts then.
        """
        if instead:
            self._latest[instead] = write
        self._made += 1
        try:
            await self.write(write, instead=instead)
        except ChangedMeanwhileError:
            await self.reload_if_changed()
            raise
        except ConfigError as error:
            if self._must_write:
                raise
            self._notices.put(
                UNWRITTEN,
                Severity.WARNING,
                f"The change holds until Patchbay ends, but could not be written down. {error}",
                NoticeAction.OPEN_CONFIG,
                "Open the file",
            )
            return False
        return True

    async def write(self, write: Callable[[ConfigFile], None], *, instead: str = "") -> None:
        """Write a change down; raises ConfigError, and nothing is written then."""
        async with self._writing:
            if instead and self._latest.get(instead) is not write:
                return  # a later one is written, or about to be
            await in_thread(write, self.file)
            await in_thread(self.file.mark_good)
        self._notices.drop(UNWRITTEN)

    def _refuse_its_absence(self) -> None:
        """Some editors take a file away for a moment to save it."""
        if not self.file.exists:
            raise ConfigError("is gone; put it back, or quit to start afresh", file=self.file.path.name)

    async def _take_over(self) -> None:
        self.apply(await self._settled())
        for one in self.config.ignored:
            _log.log(logging.WARNING if one.like else logging.INFO, "%s: %s is not used", self.file.path.name, one)
        self._notices.drop(BROKEN)
        try:
            await in_thread(self.file.mark_good)
        except ConfigError as error:
            _log.warning("the last good configuration could not be kept: %s", error)
        self._loaded.tell(self.config)

    async def _settled(self) -> Config:
        """What the file says once everything that was changed here is in it: an older word must not undo a later."""
        while True:
            made = self._made
            async with self._writing:
                config = await in_thread(self.file.load)
            if made == self._made:
                return config

    async def _fall_back(self, error: ConfigError) -> None:
        try:
            config = await in_thread(self.file.load_last_good)
        except ConfigError:
            config = None
        kept = None if self._must_write else await self._set_aside()  # a command of the terminal only looks
        copy = f" A copy is {kept.path.name}." if kept and not kept.moved else ""
        if config is None:
            nothing = "There is no earlier content to go back to, so no provider is set up."
            self.apply(self.config)  # the port of the command line holds all the same
            self._say_broken(error, f"{nothing}{copy}")
            return
        self.apply(config)
        if kept is not None and kept.moved:
            text = f"{error}. Patchbay put its last good content back; what stood there is {kept.path.name} now."
            self._notices.put(BROKEN, Severity.WARNING, text, NoticeAction.OPEN_CONFIG, "Open the file")
        else:
            self._say_broken(error, f"Patchbay uses its last good content, and leaves the file as it is.{copy}")

    async def _set_aside(self) -> Kept | None:
        try:
            return await in_thread(self.file.set_aside)
        except ConfigError as error:
            _log.warning("the broken configuration could not be kept: %s", error)
            return None

    def _say_broken(self, error: ConfigError, meanwhile: str) -> None:
        said = str(error)
        text = f"{said}{'' if said.endswith('?') else '.'} {meanwhile}"
        self._notices.put(BROKEN, Severity.ERROR, text, NoticeAction.OPEN_CONFIG, "Open the file")

    def _look_at_keys(self, snapshot: Snapshot) -> None:
        """Keys are no part of the file, and may come and go at any time."""
        keys = frozenset(key.name for key in snapshot.client_keys.values())
        if keys != self._keys:
            self._keys = keys
            self._say_keyless()

    def _say_keyless(self) -> None:
        """Before the first key is known, none is missed."""
        lost = keyless(self.config.routing, self._keys) if self._keys else ()
        self._say_lost("keys-lost", "waits for client keys that are not there", lost)

    def _say_lost(self, notice_id: str, what: str, found: Iterable[str]) -> None:
        lost = tuple(found)
        if lost:
            others = f" and {len(lost) - _MOST_LOST} more" if len(lost) > _MOST_LOST else ""
            text = f"{self.file.path.name} {what}: {'; '.join(lost[:_MOST_LOST])}{others}."
            self._notices.put(notice_id, Severity.WARNING, text, NoticeAction.OPEN_CONFIG, "Open the file")
        else:
            self._notices.drop(notice_id)

    def _say_what_is_odd(self, config: Config) -> None:
        wanted = config.settings.provider
        if wanted and wanted not in {entry.name for entry in config.providers}:
            text = f"There is no provider {wanted!r}, which the configuration prefers; Patchbay chooses by itself."
            self._notices.put("config-active", Severity.WARNING, text, NoticeAction.OPEN_PROVIDERS, "Show providers")
        else:
            self._notices.drop("config-active")
        self._say_lost(
            "routes-lost", "leads nowhere in places", dangling(config.routing, self._snapshots.current.providers)
        )
        self._say_keyless()
        self._say_lost("rules-idle", "holds rules that do not what they seem to", idle(config.routing))
        lost = uncounted(config.prices, self.names, VENDOR_NAMES)
        self._say_lost("prices-lost", "holds prices that never count", lost)
        if config.settings.auth is AuthMode.OPEN:
            text = "Any program on this computer may use your providers: no client key is asked for."
            self._notices.put("auth-open", Severity.WARNING, text, NoticeAction.OPEN_SETTINGS, "Ask for a key")
        else:
            self._notices.drop("auth-open")
        self._say_unused(config.ignored)

    def _say_unused(self, found: Sequence[Unused]) -> None:
        """What is like a key of ours is a warning, and comes first; the rest may be another tool's or version's."""
        if not found:
            self._notices.drop(IGNORED)
            return
        mistyped = [one for one in found if one.like]
        told = [str(one) for one in (*mistyped, *(one for one in found if not one.like))]
        others = f" and {len(told) - _MOST_UNUSED} more" if len(told) > _MOST_UNUSED else ""
        text = f"{self.file.path.name} holds what Patchbay does not use: {', '.join(told[:_MOST_UNUSED])}{others}."
        severity = Severity.WARNING if mistyped else Severity.INFO
        self._notices.put(IGNORED, severity, text, NoticeAction.OPEN_CONFIG, "Open the file")
