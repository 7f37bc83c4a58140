from __future__ import annotations

import importlib
import subprocess

import pytest


@pytest.fixture
def programs(root, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(root / "installer"))
    module = importlib.reload(importlib.import_module("npm_programs"))
    monkeypatch.setattr(module, "CACHE", tmp_path / ".cache")
    return module


@pytest.fixture
def npm(programs, monkeypatch):
    """A stand-in that installs by touching what npm would make; notes what was asked of it."""
    asked = []

    def run(command, **_):
        if command[1:] == ["--version"]:
            return subprocess.CompletedProcess(command, 0, "v22.1.0\n")
        asked.append(command[-1])
        one = next(one for one in programs.PROGRAMS if command[-1] == f"{one.package}@{one.version}")
        one.executable.parent.mkdir(parents=True)
        one.executable.touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(programs.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(programs.subprocess, "run", run)
    return asked


def test_each_program_is_installed_once(programs, npm):
    programs.provide()
    assert npm == [f"{one.package}@{one.version}" for one in programs.PROGRAMS]
    programs.provide()
    assert len(npm) == len(programs.PROGRAMS)


def test_an_installation_that_was_broken_off_is_done_again(programs, npm):
    programs.provide()
    programs.CODEX.stamp.unlink()
    programs.CODEX.executable.unlink()
    programs.CODEX.executable.parent.rmdir()
    programs.provide()
    assert npm[-1].startswith("@openai/codex@")
    assert len(npm) == len(programs.PROGRAMS) + 1


@pytest.mark.parametrize("missing", ["node", "npm"])
def test_without_node_or_npm_the_message_says_what_to_do(programs, monkeypatch, missing):
    monkeypatch.setattr(programs.shutil, "which", lambda name: None if name == missing else f"/bin/{name}")
    with pytest.raises(SystemExit, match="Node.js 20 or newer and npm: install both"):
        programs.provide()


def test_a_node_that_is_too_old_is_named(programs, npm, monkeypatch):
    old = subprocess.CompletedProcess([], 0, "v18.19.0\n")
    monkeypatch.setattr(programs.subprocess, "run", lambda *_, **__: old)
    with pytest.raises(SystemExit, match="This one is v18.19.0"):
        programs.provide()


def test_what_npm_could_not_install_is_named(programs, npm, monkeypatch):
    monkeypatch.setattr(programs, "find_npm", lambda: "npm")
    monkeypatch.setattr(programs.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    with pytest.raises(SystemExit, match="npm could not install @anthropic-ai/claude-code"):
        programs.provide()
