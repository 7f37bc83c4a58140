"""The older kind of tray, where a program's icon is a small window inside the panel's: tint2 as the panel."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.desktop.display import Display
from tests.fakes.desktop.programs import need, started, wait_until

_CONFIG = """panel_items = S
panel_size = 100% 32
panel_position = bottom center horizontal
panel_layer = top
wm_menu = 0
systray = 1
systray_padding = 4 2 4
systray_icon_size = 24
"""
_LINE = re.compile(
    r'^\s+(0x[0-9a-f]+) (?:"([^"]*)"|\(has no name\)).*?(\d+)x(\d+)\+-?\d+\+-?\d+\s+\+(-?\d+)\+(-?\d+)', re.MULTILINE
)


@dataclass(frozen=True)
class Icon:
    """A tray icon's window: where its middle is."""

    id: str
    x: int
    y: int


@dataclass(frozen=True)
class Panel:
    """The panel with the tray."""

    display: Display

    def icons(self) -> list[Icon]:
        """The icons that programs have put into the tray, left to right."""
        found = []
        for number, _, width, height, left, top in _LINE.findall(self._below_panel()):
            if 10 <= int(width) <= 40 and 10 <= int(height) <= 40 and self._is_shown(number):
                found.append(Icon(number, int(left) + int(width) // 2, int(top) + int(height) // 2))
        return sorted(found, key=lambda icon: icon.x)

    def icon(self, limit_s: float = 20.0) -> Icon:
        """Wait for the first icon."""
        found = wait_until(self.icons, "an icon in the tray", limit_s=limit_s)
        assert isinstance(found, list)
        return found[0]

    def click(self, icon: Icon, button: int = 1) -> None:
        """Click the icon; 1 is left, 3 is right."""
        self.display.click(icon.x, icon.y, button)

    def _below_panel(self) -> str:
        """The part of the window tree that is inside the panel: what is indented deeper than its own line."""
        lines = self.display.run("xwininfo", "-root", "-tree").split("\n")
        panel = next((place for place, line in enumerate(lines) if '"tint2"' in line), len(lines))
        inside = itertools.takewhile(lambda line: _indent(line) > _indent(lines[panel]), lines[panel + 1 :])
        return "\n".join(inside)

    def _is_shown(self, number: str) -> bool:
        return "IsViewable" in self.display.run("xwininfo", "-id", number)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


@contextlib.contextmanager
def panel(display: Display, directory: Path) -> Iterator[Panel]:
    """A panel on the display while it is wanted."""
    config = directory / "tint2rc"
    config.write_text(_CONFIG, encoding="utf-8")
    with started([need("tint2"), "-c", str(config)], display.environment) as process:
        wait_until(
            lambda: '"tint2"' in display.run("xwininfo", "-root", "-tree"), "the panel's window", process=process
        )
        yield Panel(display)
