"""Client keys in `state.db`: names and digests, never a key. Apart from the history, which may be lost or pruned."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from peewee import EXCLUDED, PeeweeException, SqliteDatabase

from app.domain.client_key import ClientKey
from app.domain.clock import Clock
from app.store import recovery, schema
from app.store.database import state_database
from app.store.migrations.state import MIGRATIONS
from app.store.tables import ClientKeyRow, create_state


class StateUnavailableError(Exception):
    """The state cannot be read or written; the text says why and what to do."""


class ClientKeys:
    """The client keys that may use the proxy. Every method but the first blocks: executor threads."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def open(self) -> tuple[str, ...]:
        """Make or migrate the file; what the user should know, in words. Raises StateUnavailableError."""
        try:
            notice = recovery.rescue(self._path, self._clock.now_us())
        except OSError as error:
            raise StateUnavailableError(f"{self._path.name} cannot be opened: {error}") from error
        with self._connected() as database:
            try:
                migrated = schema.prepare(database, self._path, create_state, MIGRATIONS)
            except schema.TooNewError as error:
                text = f"{self._path.name} was written by a newer Patchbay ({error})."
                raise StateUnavailableError(f"{text} Start that one, or move the file away.") from error
            except schema.ForeignFileError as error:
                raise StateUnavailableError(f"{self._path.name} is not Patchbay's. Move the file away.") from error
        lost = " The client keys in it are lost: make new ones." if notice else ""
        return tuple(text for text in (notice + lost, migrated) if text)

    def add(self, name: str, digest: bytes) -> ClientKey:
        """Admit the key with that digest (HMAC-SHA256 of pepper and key); one that is known is admitted again."""
        key = {
            ClientKeyRow.id: secrets.token_hex(4),
            ClientKeyRow.name: name,
            ClientKeyRow.digest: digest,
            ClientKeyRow.created_us: self._clock.now_us(),
        }
        again = {ClientKeyRow.name: EXCLUDED.name, ClientKeyRow.revoked_us: None}
        with self._connected() as database:
            insert = ClientKeyRow.insert(key).on_conflict(conflict_target=[ClientKeyRow.digest], update=again)
            database.execute(insert)
            known = ClientKeyRow.select(ClientKeyRow.id).where(ClientKeyRow.digest == digest)
            (key_id,) = database.execute(known).fetchone()
        return ClientKey(id=key_id, name=name)

    def all(self) -> Mapping[bytes, ClientKey]:
        """The keys that are admitted, by digest."""
        query = ClientKeyRow.select(ClientKeyRow.digest, ClientKeyRow.id, ClientKeyRow.name).where(
            ClientKeyRow.revoked_us.is_null()
        )
        with self._connected() as database:
            found = {digest: ClientKey(id=key_id, name=name) for digest, key_id, name in database.execute(query)}
        return MappingProxyType(found)

    def revoke(self, key_id: str) -> None:
        """Admit that key no more; one that is not there is none already."""
        revoked = {ClientKeyRow.revoked_us: self._clock.now_us()}
        with self._connected() as database:
            database.execute(ClientKeyRow.update(revoked).where(ClientKeyRow.id == key_id))

    @contextmanager
    def _connected(self) -> Generator[SqliteDatabase]:
        try:
            database = state_database(self._path)
            try:
                database.connect()
                yield database
            finally:
                with suppress(PeeweeException):
                    database.close()
        except (PeeweeException, sqlite3.Error, OSError) as error:
            raise StateUnavailableError(f"{self._path.name} cannot be used: {error}") from error
