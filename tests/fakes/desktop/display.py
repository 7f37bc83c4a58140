"""An X display without a screen, with a window manager, on a number that the server finds free by itself."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.desktop.programs import need, started, wait_until

# Directly below the root: windows with a title bar are inside the window manager's.
_POPUP = re.compile(r'^ {5}(0x[0-9a-f]+) "[^"]*": \("[^"]*" "[Pp]atchbay"\) +(\d+)x(\d+)', re.MULTILINE)


@dataclass(frozen=True)
class Window:
    """A top-level window as the window manager lists it."""

    id: str
    title: str


@dataclass(frozen=True)
class Display:
    """A running display. `environment` is what a program needs to open windows on it."""

    name: str
    environment: dict[str, str] = field(repr=False)

    def run(self, *command: str) -> str:
        """Run a program on this display and return what it prints."""
        need(command[0])
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True, timeout=20
        ).stdout

    def windows(self) -> list[Window]:
        """The top-level windows, minimised ones too; hidden ones are not among them."""
        lines = self.run("wmctrl", "-l").split("\n")
        return [Window(line.split()[0], line.split(maxsplit=3)[3]) for line in lines if len(line.split()) > 3]

    def window(self, title: str, *, limit_s: float = 10.0) -> Window:
        """Wait for the window whose title contains `title`."""

        def find() -> Window | None:
            return next((window for window in self.windows() if title in window.title), None)

        found = wait_until(find, f"a window titled {title}", limit_s=limit_s)
        assert isinstance(found, Window)
        return found

    def menus(self) -> list[str]:
        """The ids of the pop-up windows that are shown, large enough to be a menu."""
        tree = self.run("xwininfo", "-root", "-tree")
        found = [number for number, width, height in _POPUP.findall(tree) if int(width) > 60 and int(height) > 60]
        return [number for number in found if "IsViewable" in self.run("xwininfo", "-id", number)]

    def focus(self, window: Window) -> None:
        """Give a window the keyboard, and wait until it has it."""
        self.run("wmctrl", "-i", "-a", window.id)
        wait_until(lambda: self.has_focus(window), f"{window.title} to be active")

    def has_focus(self, window: Window) -> bool:
        """Whether what is typed goes to this window."""
        return int(self.run("xdotool", "getactivewindow")) == int(window.id, 16)

    def close(self, window: Window) -> None:
        """Close a window as the title bar's button does."""
        self.run("wmctrl", "-i", "-c", window.id)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Move the pointer there and click; 1 is left, 3 is right."""
        self.run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def keys(self, *names: str) -> None:
        """Press keys one after another, by X's names: Down, Return, ctrl+q."""
        self.run("xdotool", "key", "--delay", "40", *names)


@contextlib.contextmanager
def display(directory: Path, *, size: tuple[int, int] = (1280, 800), window_manager: bool = True) -> Iterator[Display]:
    """A display while it is wanted; `directory` becomes the home of what runs on it."""
    read, write = os.pipe()
    # Without -noreset the server starts anew when its last client leaves, and ends who connects at that moment.
    server = [
        need("Xvfb"),
        "-displayfd",
        str(write),
        "-screen",
        "0",
        f"{size[0]}x{size[1]}x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(started(server, os.environ, pass_fds=[write]))
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()  # the end of the pipe, if the server ended first
        assert number, f"Xvfb ended with code {process.wait(5)}"
        environment = _environment(f":{number}", directory)
        shown = Display(f":{number}", environment)
        if window_manager:
            manager = stack.enter_context(started([need("openbox")], environment))
            wait_until(lambda: _manages(environment), "the window manager", process=manager)
        yield shown


def _environment(name: str, directory: Path) -> dict[str, str]:
    runtime = directory / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("QT_", "WAYLAND", "DBUS_"))}
    return inherited | {
        "DISPLAY": name,
        "QT_QPA_PLATFORM": "xcb",
        "HOME": str(directory),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_SESSION_TYPE": "x11",
    }


def _manages(environment: dict[str, str]) -> bool:
    return subprocess.run([need("wmctrl"), "-m"], env=environment, check=False, capture_output=True).returncode == 0
