from __future__ import annotations

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest

from app.domain.errors import VaultError, VaultProblem
from app.vault import backends


def named(module):
    return type("Keyring", (), {"__module__": module})()


@pytest.fixture
def chosen(monkeypatch):
    def choose(backend):
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)

    return choose


@pytest.mark.parametrize(("module", "label", "limit"), backends.KNOWN)
def test_each_known_keyring_is_used(chosen, module, label, limit):
    chosen(backend := named(module))
    assert backends.find() == (backend, label, limit)


@pytest.mark.parametrize(
    "backend",
    [
        named("keyrings.alt.file"),
        named("keyrings.cryptfile.cryptfile"),
        named("somebody.elses"),
        keyring.backends.null.Keyring(),
        keyring.backends.fail.Keyring(),
    ],
)
def test_anything_else_counts_as_no_keyring(chosen, backend):
    chosen(backend)
    with pytest.raises(VaultError) as caught:
        backends.find()
    assert caught.value.kind is VaultProblem.UNAVAILABLE


def test_a_chain_is_bypassed_so_that_no_write_falls_through_to_a_plain_file(chosen):
    plain, service = named("keyrings.alt.file"), named("keyring.backends.SecretService")
    chain = type("ChainerBackend", (), {"__module__": "keyring.backends.chainer", "backends": (plain, service)})()
    chosen(chain)
    assert backends.find()[0] is service
    chain.__class__.backends = (plain,)
    with pytest.raises(VaultError):
        backends.find()


def test_a_keyring_that_was_started_later_is_found_unless_none_was_chosen_by_hand(chosen, monkeypatch):
    chosen(keyring.backends.fail.Keyring())
    started = type("Keyring", (), {"__module__": "keyring.backends.SecretService"})
    plain = type("PlaintextKeyring", (), {"__module__": "keyrings.alt.file"})
    monkeypatch.setattr(keyring.backend.KeyringBackend, "get_viable_backends", lambda: [plain, started])
    with pytest.raises(VaultError):
        backends.find()
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    assert type(backends.find()[0]) is started


def test_a_keyring_that_cannot_tell_counts_as_open():
    assert backends.readiness(named("keyring.backends.kwallet")) is backends.Readiness.OPEN
