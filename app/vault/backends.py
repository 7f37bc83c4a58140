"""Which keyrings may hold secrets; everything else counts as none. Runs in the vault's thread only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from enum import Enum
from typing import Any, Protocol

from app.domain.errors import VaultError, VaultProblem

KNOWN: tuple[tuple[str, str, int], ...] = (
    ("keyring.backends.SecretService", "the desktop's Secret Service (GNOME Keyring, KeePassXC, KDE Wallet)", 0),
    ("keyring.backends.libsecret", "the desktop's Secret Service (GNOME Keyring, KeePassXC, KDE Wallet)", 0),
    ("keyring.backends.kwallet", "KDE Wallet", 0),
    ("keyring.backends.Windows", "Windows Credential Manager", 1200),
    ("keyring.backends.macOS", "macOS Keychain", 0),
)
"""Module of the backend, its name for people, and how many characters fit into one entry (0: any number).

Windows keeps 2,560 bytes in UTF-16, which is 1,280 characters (github.com/jaraco/keyring issue 355).
"""
_CHAINER = "keyring.backends.chainer"
_NONE = "keyring.backends.fail"
NO_KEYRING = (
    "This system has no keyring that keeps secrets safely. "
    "Start one (GNOME Keyring, KDE Wallet, KeePassXC with its Secret Service switched on), or give the key as an "
    "environment variable, or keep it for this session only."
)


class Backend(Protocol):
    """What we use of a `keyring` backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget the secret; raises where there is none."""


def find() -> tuple[Backend, str, int]:
    """The keyring to use, its name for people, and its limit of characters; raises VaultError UNAVAILABLE."""
    import keyring

    chosen = keyring.get_keyring()
    for candidate in (*_unchained(chosen), *_started_since(chosen)):
        for module, label, limit in KNOWN:
            if type(candidate).__module__.startswith(module):
                return candidate, label, limit
    raise VaultError(VaultProblem.UNAVAILABLE, NO_KEYRING)


def _started_since(chosen: Any) -> Iterable[Any]:
    """The keyrings of now, where there was none when `keyring` looked: it looks once, and services start later.

    What someone chose by hand (PYTHON_KEYRING_BACKEND, keyringrc.cfg) stands.
    """
    from keyring import backend, core

    if type(chosen).__module__ != _NONE or core.load_env() or core.load_config():
        return ()
    known = tuple(module for module, _, _ in KNOWN)
    return [made() for made in backend.KeyringBackend.get_viable_backends() if made.__module__.startswith(known)]


def _unchained(backend: Any) -> Iterable[Any]:
    """A chain's members: we speak to one that we know, so that no write can fall through to a plain file."""
    return backend.backends if type(backend).__module__ == _CHAINER else (backend,)


class Readiness(Enum):
    """What reading from a keyring would do right now."""

    OPEN = "open"
    LOCKED = "locked"
    """The desktop would ask for a password."""
    EMPTY = "empty"
    """It was never used; keeping the first secret would ask for a new password."""


def readiness(backend: Backend) -> Readiness:
    """Whether the keyring can be read without a prompt; only the Secret Service tells, the others count as open."""
    if type(backend).__module__ != "keyring.backends.SecretService":
        return Readiness.OPEN
    import secretstorage

    with contextlib.closing(secretstorage.dbus_init()) as bus:
        try:
            return Readiness.LOCKED if secretstorage.Collection(bus).is_locked() else Readiness.OPEN
        except secretstorage.exceptions.ItemNotFoundException:
            return Readiness.EMPTY


def explain(error: BaseException) -> VaultError:
    """What a backend raised, as a kind and words; the backend's own text is left out where it could quote a secret."""
    if isinstance(error, VaultError):
        return error
    from keyring import errors

    if isinstance(error, errors.KeyringLocked):
        return VaultError(VaultProblem.LOCKED, "The system keyring is locked. Unlock it and try again.")
    if isinstance(error, errors.NoKeyringError | errors.InitError):
        return VaultError(VaultProblem.UNAVAILABLE, NO_KEYRING)
    return VaultError(
        VaultProblem.FAILED,
        f"The system keyring failed ({type(error).__name__}). Try again, or keep the key for this session only.",
    )
