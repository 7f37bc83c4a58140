"""The provider that answers by itself: in memory only, never written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.control.configuration import Configuration
from app.domain.provider import Provider
from app.vendors.presets import DEMO

NAME = "Demo"


class Upstream(Protocol):
    """What `proxy.demo.DemoUpstream` does."""

    async def start(self) -> str:
        """Listen on a loopback port of the system's choice; the base URL."""

    async def stop(self) -> None:
        """End."""


class Demo:
    """Starts the upstream at most once and keeps its provider in the configuration's memory."""

    def __init__(self, configuration: Configuration, make: Callable[[], Upstream]) -> None:
        self._configuration = configuration
        self._make = make
        self._upstream: Upstream | None = None

    async def start(self, *, activate: bool = False) -> None:
        """Add the provider; make it the active one if asked, or if there is no other."""
        if self._upstream is None:
            self._upstream = self._make()
            taken = {entry.name.lower() for entry in self._configuration.entries}
            name = NAME if NAME.lower() not in taken else f"{NAME} (built in)"
            self._configuration.extra = (demo_provider(name, await self._upstream.start()),)
        if activate or not self._configuration.entries:
            self._configuration.activate(self._configuration.extra[0].name)
        else:
            self._configuration.apply(self._configuration.config)

    async def stop(self) -> None:
        """Take it out again."""
        if self._upstream is not None:
            self._configuration.extra = ()
            upstream, self._upstream = self._upstream, None
            await upstream.stop()


def demo_provider(name: str, base_url: str) -> Provider:
    """The provider for an upstream that listens there."""
    return Provider(
        name=name,
        vendor=DEMO.name,
        base_url=base_url,
        dialect=DEMO.dialect,
        auth=DEMO.auth,
        profile=DEMO.profile,
        big_models=DEMO.big_models,
        middle_models=DEMO.middle_models,
        small_models=DEMO.small_models,
        local=True,
        failover=False,  # what it makes up must not stand in for a real answer
    )
