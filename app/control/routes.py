"""Where requests go: the active provider, and the model of each tier. At once in memory, then in the file."""

from __future__ import annotations

import dataclasses

from app.control.configuration import Configuration
from app.control.core import Core
from app.domain.errors import ConfigError
from app.domain.provider import Tier
from app.store.config.file import ConfigFile

_KEYS = {Tier.BIG: "big_model", Tier.MIDDLE: "middle_model", Tier.SMALL: "small_model"}


class RouteControl:
    """Switches. The next request after a call goes the new way, whatever the disk does."""

    def __init__(self, core: Core, configuration: Configuration) -> None:
        self._core = core
        self._configuration = configuration

    async def use(self, provider: str) -> None:
        """Make a provider the active one; raises ConfigError where there is none of that name."""
        names = [one.name for one in self._core.snapshots.current.providers]
        if provider not in names:
            known = f"; there is {', '.join(names)}" if names else "; add one first"
            raise ConfigError(f"there is no provider {provider!r}{known}", key="provider")
        if self._configuration.activate(provider):
            await self._configuration.keep(lambda file: file.set("provider", provider))

    async def choose(self, tier: Tier, model: str) -> None:
        """Serve a tier of the active provider with `model`; empty is "as asked". Raises ConfigError without any."""
        active = self._core.snapshots.current.active()
        if active is None:
            raise ConfigError("there is no provider yet; add one first", key="provider")
        key = _KEYS[tier]
        overridden = bool(getattr(self._configuration.config.settings, key))
        if overridden:  # CC-Proxy's choice for every provider would win over the one made here
            self._configuration.change(**{key: ""})
        entry = next((one for one in self._configuration.entries if one.name == active.name), None)
        if entry is None:
            changed = dataclasses.replace(active, **{key: model})  # type: ignore[arg-type]
            extra = tuple(changed if one.name == active.name else one for one in self._configuration.extra)
            self._configuration.extra = extra
            self._configuration.apply(self._configuration.config)
        else:
            entry = dataclasses.replace(entry, **{key: model})  # type: ignore[arg-type]
            self._configuration.put(entry)

        def write(file: ConfigFile) -> None:
            if overridden:
                file.set(key, None)
            if entry is not None:
                file.put(entry)

        await self._configuration.keep(write)
