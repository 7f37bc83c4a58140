"""The keys by which clients may use the proxy: made, shown once, revoked, and written into the lines people paste."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from app.clients.snippets import Shell, snippet
from app.control.background import in_thread
from app.control.core import Core
from app.control.credentials import CLIENT_KEY_PREFIX
from app.domain.client_key import ClientKey
from app.domain.errors import ConfigError, VaultError, VaultProblem
from app.domain.provider import Secret
from app.domain.status import Severity
from app.store.state import StateUnavailableError
from app.vault.vault import ASK_S, READ_S

_log = logging.getLogger(__name__)

DEFAULT = "client-key/default"
DEFAULT_NAME = "default"
ENVIRONMENT = "PATCHBAY_CLIENT_KEY"
FALLBACK = "client-key-file"
UNUSABLE = "client-keys"
KEY_BYTES = 32
PEPPER_BYTES = 32
SHORTEST_CHARS = 8


class StoredKeys(Protocol):
    """What `store.state.ClientKeys` does; blocking."""

    def open(self) -> tuple[str, ...]:
        """Make or migrate the file; what the user should know."""

    def add(self, name: str, digest: bytes) -> ClientKey:
        """Keep a key's digest."""

    def all(self) -> Mapping[bytes, ClientKey]:
        """Every key that is not revoked, by digest."""

    def revoke(self, key_id: str) -> None:
        """Forget a key."""


Write = Callable[[Path, bytes], None]


def load_pepper(path: Path, write: Write) -> bytes:
    """The bytes that client keys are hashed with, made where there are none. Blocking; raises ConfigError."""
    try:
        return _read_pepper(path) or _make_pepper(path, write)
    except OSError as error:
        raise ConfigError(
            f"cannot be read or written ({error.strerror}); see whether the disk is full or the folder is protected",
            file=str(path),
        ) from None


def _read_pepper(path: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        pepper = path.read_bytes()
        if len(pepper) == PEPPER_BYTES:
            return pepper
        raise ConfigError(
            f"must hold {PEPPER_BYTES} bytes but holds {len(pepper)}; "
            "put back the file from a backup, or delete it to have every client key made anew",
            file=str(path),
        )
    return b""


def _make_pepper(path: Path, write: Write) -> bytes:
    pepper = secrets.token_bytes(PEPPER_BYTES)
    write(path, pepper)
    return pepper


class KeyControl:
    """Client keys. `environment_key` is one given for this run only; it stands in for the default key.

    Raises ConfigError for one that is too short to be a key.
    """

    def __init__(
        self,
        core: Core,
        stored: StoredKeys,
        fallback: Path,
        write: Write,
        base_url: Callable[[], str],
        *,
        environment_key: str = "",
    ) -> None:
        self._stored = stored
        self._snapshots = core.snapshots
        self._vault = core.vault
        self._notices = core.notices
        self._fallback = fallback
        self._write = write
        self._base_url = base_url
        self._unavailable = False
        self._making = asyncio.Lock()
        if 0 < len(environment_key) < SHORTEST_CHARS:
            raise ConfigError(f"must have at least {SHORTEST_CHARS} characters, or not be set", key=ENVIRONMENT)
        self._given = Secret(environment_key) if environment_key else None
        if self._given is not None:
            self._vault.know(self._given)

    async def default_key(self, *, prompt: bool = True) -> Secret:
        """The key that clients are handed; made, and kept in the keyring, where there is none yet.

        With `prompt` the desktop may ask for the keyring's password. Raises VaultError where a key may exist but
        cannot be read: then nothing is made.
        """
        if self._given is not None:
            return self._given
        async with self._making:
            known = await self._known_default(prompt=prompt)
            secret = known or new_key()
            await self.accept(secret, DEFAULT_NAME)
            if known is None:
                await self._keep_default(secret)
            return secret

    async def snippet(self, client: str, shell: str = "posix") -> str:
        """The lines that point a client here, with the key in clear text; KeyError for an unknown client."""
        key = await self.default_key()
        return snippet(client, self._base_url(), key.value, Shell(shell))

    def all(self) -> tuple[ClientKey, ...]:
        """Every key that clients may show now."""
        return tuple(self._snapshots.current.client_keys.values())

    async def create(self, name: str) -> Secret:
        """A new key; it is shown this once, because only its digest is kept. Raises ConfigError for a taken name."""
        if not name.strip() or name in {key.name for key in self.all()}:
            raise ConfigError("must be a name that no other key bears", key="name")
        secret = new_key()
        await self.accept(secret, name)
        return secret

    async def accept(self, secret: Secret, name: str) -> None:
        """Have clients that show this key served from now on."""
        digest = self._digest(secret)
        self._vault.know(secret)
        if digest not in self._snapshots.current.client_keys:
            await in_thread(self._stored.add, name, digest)
            await self.reload()

    async def revoke(self, id_or_name: str) -> ClientKey:
        """Refuse a key from now on; raises ConfigError where there is none of that id or name."""
        key = next((one for one in self.all() if id_or_name in (one.id, one.name)), None)
        if key is None or key.id == ENVIRONMENT:
            raise ConfigError(f"there is no client key {id_or_name!r}", key="key")
        digests = {one.id: digest for digest, one in self._snapshots.current.client_keys.items()}
        with contextlib.suppress(VaultError):
            known = await self._known_default(prompt=False)
            if known is not None and self._digest(known) == digests[key.id]:
                await self._forget_default()
        await in_thread(self._stored.revoke, key.id)
        await self.reload()
        return key

    async def open(self) -> None:
        """Open the store of keys; without it only the key of the environment counts, and a notice says why."""
        try:
            notices = await in_thread(self._stored.open)
        except StateUnavailableError as error:
            self._unavailable = True
            self._notices.put(UNUSABLE, Severity.ERROR, f"No client key is accepted: {error}")
        else:
            for number, text in enumerate(notices):
                self._notices.put(f"state-{number}", Severity.WARNING, text)
        await self.reload()

    async def reload(self) -> None:
        """Take over the keys as they are stored now; another process may have changed them."""
        try:
            keys = {} if self._unavailable else dict(await in_thread(self._stored.all))
        except StateUnavailableError as error:
            _log.warning("the client keys were not reloaded: %s", error)
            return
        if self._given is not None:
            keys[self._digest(self._given)] = ClientKey(ENVIRONMENT, "environment")
        self._snapshots.client_keys(keys)

    def _digest(self, secret: Secret) -> bytes:
        return hmac.digest(self._snapshots.current.pepper, secret.value.encode(), hashlib.sha256)

    async def _known_default(self, *, prompt: bool) -> Secret | None:
        if (kept := await in_thread(_read_text, self._fallback)) is not None:
            self._say_fallback()
            self._vault.know(Secret(kept))
            return Secret(kept)
        try:
            return await self._vault.get(DEFAULT, timeout_s=ASK_S if prompt else READ_S, prompt=prompt)
        except VaultError as error:
            if error.kind is VaultProblem.UNAVAILABLE:
                return None  # nothing can be in a keyring that is not there
            raise

    async def _keep_default(self, secret: Secret) -> None:
        try:
            await self._vault.put(DEFAULT, secret)
        except VaultError as error:
            _log.warning("the client key goes to a file: %s", error.message)
            await in_thread(self._write, self._fallback, secret.value.encode())
            self._say_fallback()

    async def _forget_default(self) -> None:
        await in_thread(self._fallback.unlink, missing_ok=True)
        await self._vault.delete(DEFAULT)

    def _say_fallback(self) -> None:
        text = (
            f"There is no keyring, so the client key is in the file {self._fallback.name} of the data folder. "
            "It opens only this proxy, and only your user can read it."
        )
        self._notices.put(FALLBACK, Severity.INFO, text)


def new_key() -> Secret:
    """A client key: 256 random bits behind a prefix that tells people and scanners what it is."""
    return Secret(CLIENT_KEY_PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=").decode())


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip() or None
    except OSError:
        return None


__all__ = ["DEFAULT", "ENVIRONMENT", "KeyControl", "StoredKeys", "load_pepper", "new_key"]
