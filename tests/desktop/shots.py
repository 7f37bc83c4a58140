"""Takes pictures of the program with believable data: python -m tests.desktop.shots OUT_DIR [SCENE ...]

For each theme and scale it runs itself again on a virtual screen of its own (Xvfb, openbox). A scene is a coroutine
that is given a `Stage`; to add one write it and put it into `SCENES`.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from app.domain.settings import Theme
from app.domain.status import Notice, NoticeAction, ProxyState, Severity
from tests.desktop.page_scenes import SCENES as PAGE_SCENES
from tests.fakes import sample
from tests.fakes.services import FakeServices

SIZE = (1280, 800)
VARIANTS = ((Theme.LIGHT, 1), (Theme.DARK, 1), (Theme.LIGHT, 2), (Theme.DARK, 2))


class Stage:
    """The desktop over fake services, on a screen; `shot` takes a picture of all of it."""

    def __init__(self, out: Path, theme: Theme, scale: int, folder: Path) -> None:
        self._out, self._theme, self._scale, self._folder = out, theme, scale, folder
        self.services = FakeServices.empty(folder)

    async def open(self, services: FakeServices) -> None:
        """Show the window over these services."""
        from app.ui.app import Desktop

        services.settings.current = replace(services.settings.current, theme=self._theme)
        self.services = services
        self.desktop = Desktop(services, layout_path=self._folder / "layout.ini", hidden=False, quit=lambda: None)
        self.desktop.start()
        async with asyncio.timeout(20):
            while self.desktop.window is None:
                await asyncio.sleep(0.02)
        self.window = self.desktop.window
        self.window.setGeometry(0, 22, SIZE[0], SIZE[1] - 22)

    def lively(self) -> FakeServices:
        """A working morning that ends now."""
        return FakeServices.lively(self._folder, now_s=time.monotonic(), now_us=time.time_ns() // 1_000)

    async def settle(self, seconds: float = 0.6) -> None:
        """Let Qt lay out and paint."""
        await asyncio.sleep(seconds)

    async def charts(self) -> None:
        """Wait until every visible chart is drawn."""
        async with asyncio.timeout(20):
            while any(dock.isVisible() and dock.chart is None for dock in self.window.charts.docks):
                await asyncio.sleep(0.05)
        await self.settle(1.5)

    def shot(self, name: str) -> None:
        """Save what is on the screen."""
        path = self._out / f"{name}-{self._theme}-{self._scale}x.png"
        pixmap = self.window.screen().grabWindow(0)
        pixmap.setDevicePixelRatio(1)
        assert pixmap.save(str(path)), path
        print(path)

    async def close(self) -> None:
        """Take everything down."""
        if hasattr(self, "desktop"):
            await self.desktop.close()
            await self.settle(0.1)


async def live(stage: Stage) -> None:
    await stage.open(stage.lively())
    await stage.charts()
    stage.shot("live")


async def live_empty(stage: Stage) -> None:
    await stage.open(FakeServices.empty())
    stage.window.go("live")
    await stage.charts()
    stage.shot("live-empty")


async def live_demo(stage: Stage) -> None:
    demo = sample.provider("Demo", vendor="demo", vendor_label="Demo", active=True, models=("demo-1",))
    await stage.open(FakeServices(sample.empty_status(providers=(demo,), active="Demo", demo=True)))
    await stage.charts()
    stage.shot("live-demo")


async def live_hover(stage: Stage) -> None:
    await stage.open(stage.lively())
    await stage.charts()
    for dock in stage.window.charts.docks:
        chart = dock.chart
        assert chart is not None
        x = None
        for _ in range(40):
            x = chart.neighbor(x, -1)
        chart.plot.pointed.emit(x)
    await stage.settle()
    stage.shot("live-hover")


async def notices(stage: Stage) -> None:
    services = stage.lively()
    services.status.set(
        proxy=ProxyState.PORT_TAKEN,
        detail="Port 8082 is used by python3 (process 4711)",
        notices=(
            Notice(
                "port",
                Severity.ERROR,
                "Port 8082 is used by python3 (process 4711), so no client reaches Patchbay. End that program, or let "
                "Patchbay listen on the next free port and copy the settings for your clients anew.",
                NoticeAction.USE_NEXT_PORT,
                "Use the next free port",
            ),
            Notice(
                "keyring",
                Severity.WARNING,
                "The system keyring is locked; OpenAI work has no key until it is open.",
                NoticeAction.UNLOCK_KEYRING,
                "Unlock the keyring",
            ),
        ),
    )
    await stage.open(services)
    await stage.charts()
    stage.shot("notices")


async def beside_history(stage: Stage) -> None:
    await stage.open(stage.lively())
    stage.window.go("history")
    await stage.settle()
    for dock in stage.window.charts.docks[:2]:
        dock.toggleViewAction().trigger()
        await stage.settle()
    await stage.charts()
    stage.shot("charts-beside-history")


async def small(stage: Stage) -> None:
    await stage.open(stage.lively())
    await stage.charts()
    stage.window.resize(1, 1)
    await stage.charts()
    stage.shot("live-small")


async def crowded(stage: Stage) -> None:
    services = stage.lively()
    names = [f"Provider with quite a long name, number {number} <b>&co</b>" for number in range(14)]
    many = tuple(sample.provider(name, color=number) for number, name in enumerate(names))
    services.status.set(providers=many, active=names[13])
    hours = services.insight.hour_costs
    services.insight.hour_costs = tuple(replace(one, provider=names[at % 14]) for at, one in enumerate(hours))
    services.insight.rows = tuple(replace(row, provider=names[at % 14]) for at, row in enumerate(services.insight.rows))
    await stage.open(services)
    await stage.charts()
    stage.shot("live-crowded")


async def switched(stage: Stage) -> None:
    from app.ui import theme

    await stage.open(stage.lively())
    await stage.charts()
    theme.use(Theme.LIGHT if theme.colors().dark else Theme.DARK)
    await stage.charts()
    stage.shot("live-theme-switched-from")


async def menus(stage: Stage) -> None:
    from PySide6.QtWidgets import QMenu

    await stage.open(stage.lively())
    await stage.charts()
    tray = stage.desktop.tray.menu
    tray.popup(stage.window.mapToGlobal(stage.window.rect().center()))
    await stage.settle()
    for sub in tray.findChildren(QMenu):
        if sub.title() == "Model":
            tray.setActiveAction(sub.menuAction())
            await stage.settle()
            sub.setActiveAction(sub.actions()[1])
    await stage.settle()
    stage.shot("tray-menu")
    tray.close()


SCENES: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "live": live,
    "live-empty": live_empty,
    "live-demo": live_demo,
    "live-hover": live_hover,
    "notices": notices,
    "charts-beside-history": beside_history,
    "tray-menu": menus,
    "live-small": small,
    "live-crowded": crowded,
    "live-theme-switched-from": switched,
    **PAGE_SCENES,
}


async def _play(out: Path, theme: Theme, scale: int, names: list[str]) -> None:
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(out, theme, scale, Path(folder))
            await SCENES[name](stage)
            await stage.close()


def _inside(out: Path, theme: Theme, scale: int, names: list[str]) -> None:
    from app.loop import run

    run(_play(out, theme, scale, names))


def _outside(out: Path, names: list[str]) -> int:
    from tests.fakes.desktop.display import display

    failed = 0
    for theme, scale in VARIANTS:
        size = (SIZE[0] * scale, SIZE[1] * scale)
        with tempfile.TemporaryDirectory(prefix="pb-") as folder, display(Path(folder), size=size) as screen:
            environment = screen.environment | {"QT_SCALE_FACTOR": str(scale)}
            again = [sys.executable, "-m", "tests.desktop.shots", str(out), *names, "--inside", theme, str(scale)]
            failed += subprocess.run(again, env=environment, check=False).returncode != 0
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("scenes", nargs="*", metavar="scene", help=", ".join(SCENES))
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = arguments.scenes or list(SCENES)
    arguments.out.mkdir(parents=True, exist_ok=True)
    if not arguments.inside:
        return _outside(arguments.out.resolve(), names)
    theme, scale = arguments.inside
    _inside(arguments.out, Theme(theme), int(scale), names)
    return 0


if __name__ == "__main__":
    sys.exit(main())
