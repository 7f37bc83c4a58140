from __future__ import annotations

import subprocess
import sys

import pytest

from tests.fakes.desktop.secret_service import NAME, hanging_secret_service, keyring, locked_keyring

ROUND_TRIP = """
import keyring
keyring.set_password("patchbay-test", "provider/demo", "a secret \\u4e2d")
assert keyring.get_password("patchbay-test", "provider/demo") == "a secret \\u4e2d"
keyring.delete_password("patchbay-test", "provider/demo")
assert keyring.get_password("patchbay-test", "provider/demo") is None
print("kept")
"""


def ask(bus, home, *, limit_s=20):
    """Use the keyring library from a process of its own, as the program would."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), **bus.environment}
    return subprocess.run(
        [sys.executable, "-c", ROUND_TRIP],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=limit_s,
    )


def test_nothing_starts_by_itself_on_the_bus(bus, tmp_path):
    assert not bus.has(NAME)
    assert "NoKeyringError" in ask(bus, tmp_path).stderr
    assert not bus.has(NAME)


def test_an_unlocked_keyring_keeps_secrets(bus, short_path):
    with keyring(bus, short_path):
        done = ask(bus, short_path)
        assert done.stdout == "kept\n", done.stderr
    with keyring(bus, short_path / "other"):
        assert ask(bus, short_path).stdout == "kept\n"


def test_a_locked_keyring_says_so(bus, short_path):
    with locked_keyring(bus, short_path):
        assert "KeyringLocked" in ask(bus, short_path).stderr


def test_a_hanging_service_is_there_and_never_answers(bus, tmp_path):
    with hanging_secret_service(bus):
        assert bus.has(NAME)
        with pytest.raises(subprocess.TimeoutExpired):
            ask(bus, tmp_path, limit_s=1.5)
