from __future__ import annotations

import ctypes
import socket
import sys

import pytest

from app.system.display import NONE, display_problem

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has starts without a display")


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({}, NONE),
        ({"DISPLAY": ""}, NONE),
        ({"QT_QPA_PLATFORM": "offscreen"}, ""),
        ({"QT_QPA_PLATFORM": "xcb"}, NONE),
        ({"DISPLAY": ":4094"}, "the display :4094 cannot be opened"),
        ({"DISPLAY": "nonsense"}, "the display nonsense cannot be opened"),
        ({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/nowhere"}, "the display wayland-0 does not answer"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":4094"}, "the display :4094 cannot be opened"),
    ],
)
@linux
def test_what_cannot_be_opened_is_named(environment, problem):
    assert display_problem(environment) == problem


@linux
def test_a_compositor_that_listens_is_a_display(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("w")
    monkeypatch.chdir(folder)  # sockets have short paths
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind("wayland-9")
        compositor.listen()
        assert display_problem({"WAYLAND_DISPLAY": "wayland-9"}) == ""


@linux
def test_without_the_library_it_is_left_to_qt(monkeypatch):
    def missing(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert display_problem({"DISPLAY": ":4094"}) == ""


def test_other_systems_always_have_one(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert display_problem({}) == ""
