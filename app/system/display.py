"""Whether a window could be shown, found out before Qt is asked: Qt ends the process where none can be.

A shell over ssh or a service may hold the name of a display that is long gone.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

NONE = "there is no display"
_SOCKET_S = 2.0


def display_problem(environment: Mapping[str, str] = os.environ) -> str:
    """Why no window can be shown, in words; empty where one can. Blocking, some milliseconds.

    Only Linux has starts without a display. A platform that is named for Qt and is neither X11 nor Wayland is believed.
    """
    named = environment.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or (named and not named.startswith(("xcb", "wayland"))):
        return ""
    problem = NONE
    if wayland := environment.get("WAYLAND_DISPLAY"):
        if _answers(Path(environment.get("XDG_RUNTIME_DIR", ""), wayland)):
            return ""
        problem = f"the display {wayland} does not answer"
    if x11 := environment.get("DISPLAY"):
        if _opens(x11):
            return ""
        problem = f"the display {x11} cannot be opened"
    return problem


def _answers(path: Path) -> bool:
    """Whether a compositor listens on its socket."""
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(_SOCKET_S)
        try:
            trial.connect(str(path))
        except OSError:
            return False
    return True


def _opens(name: str) -> bool:
    """Whether the X server lets us in, asked with the library that Qt asks with.

    Where that is not to be found by its name (some systems keep libraries elsewhere) Qt has to find out by itself.
    """
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(name.encode(), None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused
