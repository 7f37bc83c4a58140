"""What Patchbay needs from a Linux distribution: Qt's shared libraries, and the programs its tests drive.

On Debian and Ubuntu, as root, they are installed; everywhere else the exact command is named. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

INSTALLERS = {
    "apt": "apt-get install",
    "dnf": "dnf install",
    "pacman": "pacman -S",
    "zypper": "zypper install",
}


class Library(NamedTuple):
    """A shared library, what Qt wants it for ("start", "x11", "wayland"), and its package by installer."""

    soname: str
    wanted: str
    apt: str
    dnf: str
    pacman: str
    zypper: str


# Read from the NEEDED entries of Qt 6.11's Core, Gui, Widgets and its xcb and wayland plugins.
LIBRARIES = (
    Library("libEGL.so.1", "start", "libegl1", "libglvnd-egl", "libglvnd", "libglvnd"),
    Library("libGL.so.1", "start", "libgl1", "libglvnd-glx", "libglvnd", "libglvnd"),
    Library("libX11.so.6", "start", "libx11-6", "libX11", "libx11", "libX11-6"),
    Library("libdbus-1.so.3", "start", "libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    Library("libfontconfig.so.1", "start", "libfontconfig1", "fontconfig", "fontconfig", "libfontconfig1"),
    Library("libfreetype.so.6", "start", "libfreetype6", "freetype", "freetype2", "libfreetype6"),
    Library("libglib-2.0.so.0", "start", "libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    Library("libgthread-2.0.so.0", "start", "libglib2.0-0", "glib2", "glib2", "libgthread-2_0-0"),
    Library("libxkbcommon.so.0", "start", "libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
    Library("libzstd.so.1", "start", "libzstd1", "libzstd", "zstd", "libzstd1"),
    Library("libX11-xcb.so.1", "x11", "libx11-xcb1", "libX11-xcb", "libx11", "libX11-xcb1"),
    Library("libxcb-cursor.so.0", "x11", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "x11", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "x11", "libxcb-image0", "xcb-util-image", "xcb-util-image", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "x11", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms", "libxcb-keysyms1"),
    Library(
        "libxcb-render-util.so.0",
        "x11",
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
        "libxcb-render-util0",
    ),
    Library("libxcb-randr.so.0", "x11", "libxcb-randr0", "libxcb", "libxcb", "libxcb-randr0"),
    Library("libxcb-shape.so.0", "x11", "libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
    Library("libxcb-sync.so.1", "x11", "libxcb-sync1", "libxcb", "libxcb", "libxcb-sync1"),
    Library("libxcb-xfixes.so.0", "x11", "libxcb-xfixes0", "libxcb", "libxcb", "libxcb-xfixes0"),
    Library("libxcb-xkb.so.1", "x11", "libxcb-xkb1", "libxcb", "libxcb", "libxcb-xkb1"),
    Library(
        "libxkbcommon-x11.so.0",
        "x11",
        "libxkbcommon-x11-0",
        "libxkbcommon-x11",
        "libxkbcommon-x11",
        "libxkbcommon-x11-0",
    ),
    Library(
        "libwayland-client.so.0", "wayland", "libwayland-client0", "libwayland-client", "wayland", "libwayland-client0"
    ),
    Library(
        "libwayland-cursor.so.0", "wayland", "libwayland-cursor0", "libwayland-cursor", "wayland", "libwayland-cursor0"
    ),
    Library("libwayland-egl.so.1", "wayland", "libwayland-egl1", "libwayland-egl", "wayland", "libwayland-egl1"),
)

# A program the tests start, and the Debian package that holds it.
TEST_PROGRAMS = (
    ("Xvfb", "xvfb"),
    ("openbox", "openbox"),
    ("tint2", "tint2"),
    ("xdotool", "xdotool"),
    ("wmctrl", "wmctrl"),
    ("xwininfo", "x11-utils"),
    ("dbus-daemon", "dbus"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("git", "git"),
)
TEST_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
TEST_FONT_PACKAGE = "fonts-dejavu-core"

_SUDO = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "


def provide_libraries(wanted: Iterable[str]) -> list[Library]:
    """See to the libraries for these purposes; returns those still missing, after naming a command that brings them."""
    purposes = set(wanted)
    missing = _missing_libraries(purposes)
    if not missing:
        return []
    print("Qt lacks shared libraries: " + ", ".join(library.soname for library in missing), flush=True)
    if _may_install() and _install(sorted({library.apt for library in missing})):
        return _missing_libraries(purposes)
    print("  bring them with: " + install_command(missing), flush=True)
    return missing


def provide_test_programs() -> list[str]:
    """See to the programs that tests start; returns the packages still missing, after naming the command."""
    missing = _missing_test_packages()
    if not missing or sys.platform != "linux":
        return []
    print("The tests lack programs: " + ", ".join(missing), flush=True)
    if _may_install() and _install(missing):
        return _missing_test_packages()
    print(f"  bring them with (names of Debian's packages): {_SUDO}{INSTALLERS['apt']} {' '.join(missing)}", flush=True)
    return missing


def install_command(libraries: list[Library]) -> str:
    """The command that installs these libraries on this distribution; all four where it is not known."""
    known = [name for name in INSTALLERS if shutil.which(INSTALLERS[name].split()[0])]
    commands = []
    for name in known[:1] or list(INSTALLERS):
        packages = sorted({str(getattr(library, name)) for library in libraries})
        commands.append(f"{_SUDO}{INSTALLERS[name]} {' '.join(packages)}")
    return "\n              or: ".join(commands)


def _missing_libraries(purposes: set[str]) -> list[Library]:
    return [library for library in LIBRARIES if library.wanted in purposes and not _loads(library.soname)]


def _missing_test_packages() -> list[str]:
    packages = [package for program, package in TEST_PROGRAMS if shutil.which(program) is None]
    return packages if TEST_FONT.exists() or shutil.which("apt-get") is None else [*packages, TEST_FONT_PACKAGE]


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _may_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def _install(packages: list[str]) -> bool:
    print(f"  {INSTALLERS['apt']} {' '.join(packages)}", flush=True)
    if _apt_get("install", *packages):
        return True
    print("  apt-get update, then once more", flush=True)
    return _apt_get("update") and _apt_get("install", *packages, show=True)


def _apt_get(action: str, *packages: str, show: bool = False) -> bool:
    done = subprocess.run(
        ["apt-get", action, "-y", "-q", *(["--no-install-recommends"] if packages else []), *packages],
        check=False,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0 and (show or action == "update"):
        print(done.stdout[-2000:], flush=True)
    return done.returncode == 0
