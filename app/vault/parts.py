"""Secrets longer than one entry of a keyring holds: kept in parts, with an entry that names them written last.

The parts of a new value have names of their own, so the old value stays whole until the new one is complete.
"""

from __future__ import annotations

import contextlib
import secrets

from app.vault.backends import Backend

_MARK = "patchbay-parts:"


def read(backend: Backend, service: str, name: str) -> str | None:
    """The secret, put together; None where there is none. Raises ValueError where a part is missing."""
    entry = backend.get_password(service, name)
    if entry is None or not entry.startswith(_MARK):
        return entry
    parts = [backend.get_password(service, part) for part in _names(name, entry)]
    if any(part is None for part in parts):
        raise ValueError("a part of the secret is gone")
    return "".join(part for part in parts if part is not None)


def write(backend: Backend, service: str, name: str, value: str, limit: int) -> None:
    """Keep the secret, in parts if it is longer than `limit` characters (0: never); an older one is replaced."""
    before = backend.get_password(service, name)
    if (limit and len(value) > limit) or value.startswith(_MARK):
        size = limit or len(value)
        pieces = [value[at : at + size] for at in range(0, len(value), size)]
        entry = f"{_MARK}{secrets.token_hex(4)}:{len(pieces)}"
        for part, piece in zip(_names(name, entry), pieces, strict=True):
            backend.set_password(service, part, piece)
    else:
        entry = value
    backend.set_password(service, name, entry)
    _forget_parts(backend, service, name, before)


def delete(backend: Backend, service: str, name: str) -> None:
    """Forget the secret and its parts; nothing happens where there is none."""
    before = backend.get_password(service, name)
    if before is not None:
        backend.delete_password(service, name)
        _forget_parts(backend, service, name, before)


def _names(name: str, entry: str) -> tuple[str, ...]:
    generation, _, count = entry.removeprefix(_MARK).partition(":")
    return tuple(f"{name}#{generation}.{number}of{count}" for number in range(1, int(count) + 1))


def _forget_parts(backend: Backend, service: str, name: str, entry: str | None) -> None:
    if entry is None or not entry.startswith(_MARK):
        return
    for part in _names(name, entry):
        with contextlib.suppress(Exception):  # an orphaned part is harmless, a failed replacement is not
            backend.delete_password(service, part)
