"""A display, a bus, a panel and keyrings for the tests of this folder; import them elsewhere from here."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # X, D-Bus and the Secret Service are Linux's
else:
    from tests.desktop.upstreams import Scripted, scripted
    from tests.e2e.program import base_environment
    from tests.fakes.desktop.dbus_session import Bus, session_bus
    from tests.fakes.desktop.display import Display, display

    @pytest.fixture
    def short_path() -> Iterator[Path]:
        """A folder with a path short enough for sockets, which pytest's own may not be."""
        path = Path(tempfile.mkdtemp(prefix="pb-"))
        yield path
        shutil.rmtree(path, ignore_errors=True)

    @pytest.fixture
    def bus(short_path: Path) -> Iterator[Bus]:
        """A session bus with nothing on it."""
        with session_bus(short_path) as bus:
            yield bus

    @pytest.fixture
    def screen(short_path: Path) -> Iterator[Display]:
        """A display with a window manager."""
        with display(short_path / "home") as shown:
            yield shown

    @pytest.fixture
    def desk(screen: Display, bus: Bus) -> dict[str, str]:
        """What a program is started with on this display and this bus; it looks for a keyring by itself."""
        environment = base_environment(screen.environment | bus.environment)
        del environment["PYTHON_KEYRING_BACKEND"]
        return environment

    @pytest.fixture
    async def upstream() -> AsyncIterator[Scripted]:
        """A provider that answers in a few words."""
        async with scripted() as made:
            yield made

    @pytest.fixture
    async def other() -> AsyncIterator[Scripted]:
        """A second provider."""
        async with scripted() as made:
            yield made
