"""Keyrings for tests: in memory, locked, failing, hanging, and as narrow as Windows' own."""

from __future__ import annotations

import threading


class MemoryKeyring:
    """A keyring that works; `fail_write` makes the write of that number (1-based) fail."""

    def __init__(self, *, most_bytes: int = 0) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.most_bytes = most_bytes
        self.writes = 0
        self.reads = 0
        self.fail_write = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.reads += 1
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.writes += 1
        if self.writes == self.fail_write:
            raise OSError(f"no room for {password}")
        if self.most_bytes and len(password.encode("utf-16-le")) > self.most_bytes:
            raise OSError(1783, "CredWrite", "The stub received bad data")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class RaisingKeyring:
    """A keyring whose every call raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error

    def delete_password(self, service: str, username: str) -> None:
        raise self.error


class HangingKeyring(MemoryKeyring):
    """A keyring whose service never answers, until `release` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.release.wait()
        return super().get_password(service, username)


class ForgetfulKeyring(MemoryKeyring):
    """A keyring that takes a secret and gives back another."""

    def get_password(self, service: str, username: str) -> str | None:
        value = super().get_password(service, username)
        return value and value[:-1]
