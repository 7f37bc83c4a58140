from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture
def installer(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "installer"))
    monkeypatch.delitem(sys.modules, "bootstrap", raising=False)
    return importlib.import_module("bootstrap")


def test_without_a_command_it_says_what_there_is(root):
    done = subprocess.run(
        [sys.executable, root / "installer/bootstrap.py", "dance"], check=False, capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 2
    assert "bootstrap.py run" in done.stdout


def test_an_unsupported_python_without_another_is_told_what_to_do(installer, monkeypatch):
    monkeypatch.setattr(installer.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(installer.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 to 3\.14\. This is 3\.9"):
        installer.use_a_supported_python(["run"])


def test_an_unsupported_python_hands_over_to_a_supported_one(installer, monkeypatch, tmp_path):
    other = tmp_path / "python3.13"
    other.write_text(f'#!/bin/sh\n[ "$1" = -c ] || echo "$@" > {tmp_path}/called\nexit 0\n')
    other.chmod(0o755)
    monkeypatch.setattr(installer.sys, "version_info", (3, 10, 0))
    monkeypatch.setattr(installer.shutil, "which", lambda name: str(other) if name == other.name else None)
    with pytest.raises(SystemExit) as left:
        installer.use_a_supported_python(["run", "--port", "9000"])
    assert left.value.code == 0
    assert (tmp_path / "called").read_text().endswith("bootstrap.py run --port 9000\n")


def test_the_stamp_saves_the_second_installation(installer, monkeypatch, tmp_path):
    calls = []
    (tmp_path / "installer").mkdir()
    lock = tmp_path / "installer/requirements.lock"
    lock.write_text("one==1\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(installer, "ROOT", tmp_path)
    monkeypatch.setattr(installer, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(installer, "_works", lambda python: True)
    monkeypatch.setattr(installer, "_make_app_importable", lambda: None)
    monkeypatch.setattr(
        installer.subprocess,
        "run",
        lambda command, **_: calls.append(command) or subprocess.CompletedProcess(command, 0),
    )
    installer.set_up(lock.name)
    installer.set_up(lock.name)
    assert len(calls) == 1
    assert "--require-hashes" in calls[0]
    assert not any("index" in word for word in calls[0])
    lock.write_text("one==2\n")
    installer.set_up(lock.name)
    assert len(calls) == 2


def test_a_failed_installation_leaves_no_stamp(installer, monkeypatch, tmp_path):
    (tmp_path / "installer").mkdir()
    (tmp_path / "installer/requirements.lock").write_text("one==1\n")
    monkeypatch.setattr(installer, "ROOT", tmp_path)
    monkeypatch.setattr(installer, "VENV", tmp_path)
    monkeypatch.setattr(installer, "_works", lambda python: True)
    monkeypatch.setattr(installer.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit, match="pip could not install"):
        installer.set_up("requirements.lock")
    assert not list(tmp_path.glob("*.stamp"))


def test_all_checks_run_and_one_that_fails_is_named(installer, monkeypatch, capfd):
    ran = []

    def check(name, command):
        ran.append(name)
        return name != "mypy"

    monkeypatch.setattr(installer, "set_up_for_tests", lambda: None)
    monkeypatch.setattr(installer, "_check", check)
    assert installer.test(["-x"]) == 1
    assert ran == ["ruff check", "ruff format", "mypy", "pytest"]
    assert capfd.readouterr().err.strip() == "failed: mypy"


@pytest.mark.parametrize(("rooms", "programs", "timed"), [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_every_share_of_the_tests_counts_and_is_shown(installer, monkeypatch, capfd, tmp_path, rooms, programs, timed):
    """A stand-in for Python says which share it was given, and ends as it is told."""
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *--ignore=tests/acceptance*) echo rooms; exit {rooms};; '
        f"*tests/acceptance*) echo programs; exit {programs};; *tests/desktop*) echo desktop;; "
        f"*'and timed'*) echo timed; exit {timed};; esac\n"
    )
    python.chmod(0o755)
    monkeypatch.setattr(installer, "PYTHON", python)
    assert installer._every_test() is (rooms == programs == timed == 0)
    said = capfd.readouterr().out.split("\n")
    assert [line for line in said if line in ("rooms", "programs", "desktop", "timed")][-1] == "timed"
    assert {"rooms", "programs", "desktop"} < set(said)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves Qt's libraries to the distribution")
@pytest.mark.parametrize(
    ("arguments", "environment", "purposes"),
    [
        ([], {}, set()),
        ([], {"DISPLAY": ":0"}, {"x11"}),
        (["--port", "9000"], {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, {"x11", "wayland"}),
        (["--headless"], {"DISPLAY": ":0"}, set()),
        (["env", "--client", "codex"], {"DISPLAY": ":0"}, set()),
    ],
)
def test_qt_libraries_are_wanted_only_where_a_window_may_open(installer, monkeypatch, arguments, environment, purposes):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert installer._what_qt_is_for(arguments) == purposes


def test_the_locks_pin_every_package_by_hash_and_name_no_place(root):
    for lock in sorted((root / "installer").glob("*.lock")):
        lines = lock.read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if "==" in line and not line.startswith(" ")]
        assert len(pins) > 40
        assert all(line.endswith("\\") for line in pins), lock.name
        assert not [line for line in lines if "://" in line or line.startswith(("-i ", "-f ", "--index", "--find"))]
        bindings = {line.split(" ")[0] for line in pins if line.startswith("pyside6-essentials")}
        assert bindings == {"pyside6-essentials==6.11.3"}


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("dev",))])
def test_the_locks_hold_what_the_project_asks_for(root, lock, extras):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    text = (root / "installer" / lock).read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", text, re.MULTILINE))
    for requirement in map(Requirement, asked):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{lock} lacks {requirement.name}: make the locks again, see [tool.uv] in pyproject.toml"
        assert requirement.specifier.contains(version), f"{lock} has {requirement.name} {version}"


def test_the_developers_lock_contains_the_users(root):
    def pins(name):
        text = Path(root / "installer" / name).read_text(encoding="utf-8")
        return {line.split(" ")[0] for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))}

    assert pins("requirements.lock") < pins("requirements-dev.lock")


def test_the_run_of_everything_takes_what_pytest_takes_by_itself(installer):
    options = tomllib.loads((installer.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert options["addopts"][-2:] == ["-m", installer.EVERY_RUN]
