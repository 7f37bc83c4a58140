"""Client keys in `state.db`: names and digests, never a key. Apart from the history, which may be lost or pruned."""

from __future__ import annotations

import dataclasses
import secrets
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from peewee import PeeweeException

from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.clock import Clock
from app.store import recovery, schema
from app.store.database import connection_of, state_database, transaction
from app.store.key_columns import policy_text, read_policy, read_tags, tags_text
from app.store.migrations.state import MIGRATIONS
from app.store.tables import create_state

_ADMITTED = (
    "SELECT d.digest, k.id, k.name, k.tags, k.policy, k.expires_us, k.expired, k.created_us, d.ends_us, d.ended"
    " FROM client_key_digest d JOIN client_key k ON k.id = d.key WHERE k.revoked_us IS NULL ORDER BY k.created_us, k.id"
)
_INSERT = (
    "INSERT INTO client_key (id, name, tags, policy, expires_us, expired, created_us, used_us)"
    " VALUES (?, ?, ?, ?, ?, 0, ?, 0)"
)
_ADD_DIGEST = "INSERT INTO client_key_digest (digest, key, created_us, ends_us, ended) VALUES (?, ?, ?, 0, 0)"
_CHANGE = (
    "UPDATE client_key SET name = ?, tags = ?, policy = ?, expires_us = ?,"
    " expired = CASE WHEN expires_us = ? THEN expired ELSE 0 END WHERE id = ?"
)
_READMIT = "UPDATE client_key SET revoked_us = NULL, name = ? WHERE id = ?"
_EXPIRE = "UPDATE client_key SET expired = 1 WHERE id = ? AND expires_us = ?"
_END = "UPDATE client_key_digest SET ended = 1 WHERE key = ? AND ends_us = ?"
_NAMED = "SELECT count(*) FROM client_key WHERE name = ? COLLATE NOCASE AND id <> ? AND revoked_us IS NULL"


class StateUnavailableError(Exception):
    """The state cannot be read or written; the text says why and what to do."""


class NameTakenError(Exception):
    """Another key bears the name."""


class NoSuchKeyError(Exception):
    """There is no key of that id, or it is revoked."""


@contextmanager
def connected(path: Path) -> Generator[sqlite3.Connection]:
    """The state, for writing; raises StateUnavailableError, also for what fails inside."""
    try:
        database = state_database(path)
        try:
            database.connect()
            yield connection_of(database)
        finally:
            with suppress(PeeweeException):
                database.close()
    except (PeeweeException, sqlite3.Error, OSError) as error:
        raise _unavailable(path, error) from error


@contextmanager
def writing(path: Path) -> Generator[sqlite3.Connection]:
    """The same within a transaction."""
    with connected(path) as connection, transaction(connection):
        yield connection


def _unavailable(path: Path, error: Exception) -> StateUnavailableError:
    return StateUnavailableError(f"{path.name} cannot be used: {error}")


class ClientKeys:
    """The client keys that may use the proxy. Every method but the first blocks: executor threads.

    All raise StateUnavailableError.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def open(self, *, rescue: bool = True) -> tuple[str, ...]:
        """Make or migrate the file; what the user should know, in words.

        With `rescue` a file that cannot be used is moved aside and a new one begun; that is for the program alone,
        which is sure that no other uses it.
        """
        try:
            notice = recovery.rescue(self._path, self._clock.now_us()) if rescue else ""
        except OSError as error:
            raise StateUnavailableError(f"{self._path.name} cannot be opened: {error}") from error
        try:
            database = state_database(self._path)
            with database.connection_context():
                migrated = schema.prepare(database, self._path, create_state, MIGRATIONS)
        except schema.TooNewError as error:
            text = f"{self._path.name} was written by a newer Patchbay ({error})."
            raise StateUnavailableError(f"{text} Start that one, or move the file away.") from error
        except schema.ForeignFileError as error:
            raise StateUnavailableError(f"{self._path.name} is not Patchbay's. Move the file away.") from error
        except (PeeweeException, sqlite3.Error, OSError) as error:
            raise _unavailable(self._path, error) from error
        lost = " The client keys in it are lost, and so are the budgets: make new ones." if notice else ""
        return tuple(text for text in (notice + lost, migrated) if text)

    def all(self) -> Mapping[bytes, ClientKey]:
        """The keys that are not revoked, by digest. What is past its end by now stays so from here on."""
        now_us = self._clock.now_us()
        with connected(self._path) as connection:
            found = {row[0]: _key(row) for row in connection.execute(_ADMITTED)}
        over = {digest: key for digest, key in found.items() if not key.expired and key.is_over(now_us)}
        if over:
            with suppress(StateUnavailableError):  # what a full disk does not take is tried again with the next look
                self.expire([(key.id, end) for key in over.values() for end in key.ends if end <= now_us])
            found |= {digest: dataclasses.replace(key, expired=True) for digest, key in over.items()}
        return MappingProxyType(found)

    def add(
        self,
        name: str,
        digest: bytes,
        *,
        policy: KeyPolicy | None = None,
        tags: tuple[str, ...] = (),
        exactly: bool = False,
    ) -> ClientKey:
        """Admit the key with that digest (HMAC-SHA256 of pepper and key); one that is known is admitted again.

        Where another key bears the name it gets a number; with `exactly` that raises NameTakenError.
        """
        may = policy or KeyPolicy()
        with writing(self._path) as connection:
            known = connection.execute("SELECT key FROM client_key_digest WHERE digest = ?", (digest,)).fetchone()
            key_id = known[0] if known else secrets.token_hex(4)
            mine = _free_name(connection, name, key_id, exactly=exactly)
            if known:
                connection.execute(_READMIT, (mine, key_id))
            else:
                now_us = self._clock.now_us()
                values = (key_id, mine, tags_text(tags), policy_text(may), may.expires_us, now_us)
                connection.execute(_INSERT, values)
                connection.execute(_ADD_DIGEST, (digest, key_id, now_us))
        return self.all()[digest]

    def change(self, key: ClientKey) -> None:
        """Take over name, tags and policy of a key; raises NameTakenError and NoSuchKeyError."""
        ends = key.policy.expires_us
        values = (key.name, tags_text(key.tags), policy_text(key.policy), ends, ends, key.id)
        with writing(self._path) as connection:
            _look_up(connection, key.id)
            _free_name(connection, key.name, key.id, exactly=True)
            connection.execute(_CHANGE, values)

    def rotate(self, key_id: str, digest: bytes, *, overlap_us: int) -> None:
        """Have another text lead to the key, and those of before for so long still; raises NoSuchKeyError."""
        now_us = self._clock.now_us()
        ends_us = now_us + overlap_us
        with writing(self._path) as connection:
            _look_up(connection, key_id)
            connection.execute("DELETE FROM client_key_digest WHERE key = ? AND ended = 1", (key_id,))
            sooner = "UPDATE client_key_digest SET ends_us = ? WHERE key = ? AND (ends_us = 0 OR ends_us > ?)"
            connection.execute(sooner, (ends_us, key_id, ends_us))
            connection.execute(_ADD_DIGEST, (digest, key_id, now_us))

    def revoke(self, key_id: str) -> None:
        """Admit that key no more; one that is not there is none already."""
        with writing(self._path) as connection:
            revoke = "UPDATE client_key SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL"
            connection.execute(revoke, (self._clock.now_us(), key_id))

    def is_revoked(self, digest: bytes) -> bool:
        """Whether that text once led to a key that is revoked."""
        asked = (
            "SELECT 1 FROM client_key_digest d JOIN client_key k ON k.id = d.key"
            " WHERE d.digest = ? AND k.revoked_us IS NOT NULL"
        )
        with connected(self._path) as connection:
            return connection.execute(asked, (digest,)).fetchone() is not None

    def expire(self, ends: Iterable[tuple[str, int]]) -> None:
        """Have these keys be over for good: (id, the end that was seen to be past); another end since then stands."""
        pairs = list(ends)
        with writing(self._path) as connection:
            connection.executemany(_EXPIRE, pairs)
            connection.executemany(_END, pairs)

    def used(self, moments: Mapping[str, int]) -> None:
        """Note when keys were last used: key id -> UTC microseconds."""
        with writing(self._path) as connection:
            later = "UPDATE client_key SET used_us = ? WHERE id = ? AND used_us < ?"
            connection.executemany(later, [(at_us, key_id, at_us) for key_id, at_us in moments.items()])

    def last_used(self) -> Mapping[str, int]:
        """When each key was last used, 0 for never; key id -> UTC microseconds."""
        with connected(self._path) as connection:
            return dict(connection.execute("SELECT id, used_us FROM client_key WHERE revoked_us IS NULL").fetchall())


def _key(row: tuple[bytes, str, str, str, str, int, int, int, int, int]) -> ClientKey:
    _, key_id, name, tags, policy, expires_us, expired, created_us, ends_us, ended = row
    may = read_policy(policy, expires_us)
    return ClientKey(key_id, name, read_tags(tags), may, created_us, ends_us, expired=bool(expired or ended))


def _look_up(connection: sqlite3.Connection, key_id: str) -> None:
    alive = "SELECT 1 FROM client_key WHERE id = ? AND revoked_us IS NULL"
    if connection.execute(alive, (key_id,)).fetchone() is None:
        raise NoSuchKeyError


def _free_name(connection: sqlite3.Connection, name: str, key_id: str, *, exactly: bool) -> str:
    """The name, or the next one with a number that no other key bears; raises NameTakenError."""
    free, number = name, 1
    while connection.execute(_NAMED, (free, key_id)).fetchone()[0]:
        if exactly:
            raise NameTakenError(name)
        number += 1
        free = f"{name} {number}"
    return free
