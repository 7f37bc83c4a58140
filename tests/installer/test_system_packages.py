from __future__ import annotations

import importlib
import subprocess

import pytest


@pytest.fixture
def packages(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "installer"))
    return importlib.reload(importlib.import_module("system_packages"))


@pytest.fixture
def apt(packages, monkeypatch):
    """A distribution with apt-get that records what it is asked; `apt.there` is what the linker finds."""

    class Apt:
        calls, there, works_after_update = [], set(), False

    def run(command, **_):
        Apt.calls.append(command)
        fails = (
            Apt.works_after_update and command[1] == "install" and ["apt-get", "update", "-y", "-q"] not in Apt.calls
        )
        if command[1] == "install" and not fails:
            Apt.there = {library.soname for library in packages.LIBRARIES}
        return subprocess.CompletedProcess(command, 100 if fails else 0, stdout="")

    monkeypatch.setattr(packages.subprocess, "run", run)
    monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    monkeypatch.setattr(packages.os, "geteuid", lambda: 0)
    monkeypatch.setattr(packages, "_loads", lambda soname: soname in Apt.there)
    return Apt


def test_nothing_is_done_where_nothing_is_missing(packages, apt):
    apt.there = {library.soname for library in packages.LIBRARIES}
    assert packages.provide_libraries({"start", "x11"}) == []
    assert apt.calls == []


def test_root_on_debian_gets_them_installed_after_an_update_if_need_be(packages, apt):
    apt.works_after_update = True
    assert packages.provide_libraries({"start"}) == []
    assert [call[1] for call in apt.calls] == ["install", "update", "install"]
    assert "libegl1" in apt.calls[0]
    assert "libxcb-cursor0" not in apt.calls[0]


def test_anyone_else_is_told_the_command(packages, apt, monkeypatch, capsys):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages, "_SUDO", "sudo ")
    missing = packages.provide_libraries({"x11"})
    assert {library.wanted for library in missing} == {"x11"}
    assert apt.calls == []
    assert "sudo apt-get install" in capsys.readouterr().out


def test_an_unknown_distribution_is_told_all_four(packages, apt, monkeypatch):
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    command = packages.install_command(list(packages.LIBRARIES))
    assert all(installer in command for installer in packages.INSTALLERS.values())


def test_test_programs_that_are_missing_are_installed(packages, apt):
    packages.provide_test_programs()
    assert {"xvfb", "gnome-keyring", "dbus"} <= set(apt.calls[0])
