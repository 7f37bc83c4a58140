"""The program's commands and its start against real Secret Services: unlocked, locked, silent."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.fakes.desktop.secret_service import hanging_secret_service, keyring, locked_keyring

CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture
def patchbay(bus, short_path, root):
    """Runs the program on the test's bus; `patchbay(...)` waits for its end, `patchbay.start(...)` does not."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"},
        "QT_QPA_PLATFORM": "",
        "HOME": str(short_path),
        **bus.environment,
    }

    def command(*arguments):
        return [sys.executable, "-m", "app", *arguments, "--data-dir", str(short_path / "data")]

    def run(*arguments, stdin=""):
        return subprocess.run(
            command(*arguments),
            cwd=root,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    run.start = lambda *arguments: subprocess.Popen(
        command("--headless", "--port", "0", *arguments), cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    )
    return run


def files_with(folder, canary):
    return [path for path in (folder / "data").rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]


def test_keys_go_to_the_desktops_keyring_and_nowhere_else(patchbay, bus, short_path):
    with keyring(bus, short_path / "keyring"):
        added = patchbay("provider", "add", "Router", "--vendor", "openrouter", stdin=f"{CANARY}\n")
        assert added.returncode == 0, added.stderr
        (one,) = json.loads(patchbay("provider", "list", "--json").stdout)
        assert (one["credential"], one["credential_source"]) == ("ready", "system keyring")
        lines = patchbay("env").stdout
        key = re.search(r"pb_[\w-]{43}", lines)[0]
        assert patchbay("env").stdout == lines
        assert files_with(short_path, CANARY) == files_with(short_path, key) == []
        assert patchbay("provider", "remove", "Router").returncode == 0


def test_a_locked_keyring_is_said_at_once_and_nothing_pops_up(patchbay, bus, short_path):
    with locked_keyring(bus, short_path / "keyring"):
        began = time.monotonic()
        checks = {one["what"]: one for one in json.loads(patchbay("doctor", "--json").stdout)}
        assert time.monotonic() - began < 10
    assert not checks["keyring"]["ok"]
    assert "locked" in checks["keyring"]["found"]


def test_a_silent_keyring_delays_neither_start_nor_end(patchbay, bus, short_path):
    with hanging_secret_service(bus):
        began = time.monotonic()
        running = patchbay.start()
        assert running.stdout.readline().startswith("Patchbay listening")
        started_s = time.monotonic() - began
        time.sleep(0.5)  # now the keyring is being asked
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        ended_s = time.monotonic() - began
        running.stdout.close()
    assert started_s < 5
    assert ended_s < 1.5
