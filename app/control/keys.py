"""The keys by which clients may use the proxy: made, shown once, changed, rotated, revoked, and their use noted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from app.clients.snippets import Shell, snippet
from app.control.background import in_thread
from app.control.core import Core
from app.control.credentials import CLIENT_KEY_PREFIX
from app.control.default_key import DEFAULT, FALLBACK, DefaultKey, Write
from app.control.key_policy import checked_name, checked_policy, checked_tags, doubts
from app.control.pepper import load_pepper
from app.control.stored_keys import StoredKeys
from app.control.subscribers import Subscribers
from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.errors import ConfigError, VaultError
from app.domain.key_use import KeyUse
from app.domain.provider import Secret
from app.domain.snapshot import Snapshot
from app.domain.status import Severity
from app.store.state import NameTakenError, NoSuchKeyError, StateUnavailableError

_log = logging.getLogger(__name__)

DEFAULT_NAME = "default"
ENVIRONMENT = "PATCHBAY_CLIENT_KEY"
UNUSABLE = "client-keys"
KEY_BYTES = 32
SHORTEST_CHARS = 8
OVERLAP_S = 86_400
_LONGEST_OVERLAP_S = 366 * 86_400
_US = 1_000_000

P = ParamSpec("P")
T = TypeVar("T")


class KeyControl:
    """Client keys. `environment_key` is one given for this run only; it stands in for the default key.

    What cannot be read or written raises ConfigError, and so does an `environment_key` that is too short to be a key.
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
        use: KeyUse | None = None,
    ) -> None:
        self._stored = stored
        self._snapshots = core.snapshots
        self._vault = core.vault
        self._notices = core.notices
        self._background = core.background
        self._clock = core.clock
        self._default = DefaultKey(core.vault, core.notices, fallback, write)
        self._base_url = base_url
        self._use = use or KeyUse()
        self._kept_ends: frozenset[tuple[str, int]] = frozenset()
        self._noted: dict[str, int] = {}
        """Uses that were handed on to be written down; the key of the environment is written nowhere."""
        self._told = core.snapshots.current.client_keys
        self._subscribers: Subscribers[None] = Subscribers()
        core.snapshots.subscribe(self._look_at)
        self.on_rename: Callable[[str, str], Awaitable[None]] | None = None
        """Awaited with the old and the new name of a key, for who knows keys by their names."""
        self.problem = ""
        """Why no key can be read or changed, in words; empty where all is well."""
        self._making = asyncio.Lock()
        if 0 < len(environment_key) < SHORTEST_CHARS:
            raise ConfigError(f"must have at least {SHORTEST_CHARS} characters, or not be set", key=ENVIRONMENT)
        self._given = Secret(environment_key) if environment_key else None
        if self._given is not None:
            self._vault.know(self._given)

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told when there are other keys than before or one may do something else; the result ends that."""
        return self._subscribers.add(callback)

    def _look_at(self, snapshot: Snapshot) -> None:
        if snapshot.client_keys is not self._told:
            self._told = snapshot.client_keys
            self._subscribers.tell(None)

    async def default_key(self, *, prompt: bool = True) -> Secret:
        """The key that clients are handed; made, and kept in the keyring, where there is none yet.

        With `prompt` the desktop may ask for the keyring's password. Raises VaultError where a key may exist but
        cannot be read: then nothing is made.
        """
        if self._given is not None:
            return self._given
        async with self._making:
            known = await self._default.known(prompt=prompt)
            if known is not None and await self._is_revoked(known):
                known = None
            secret = known or new_key()
            await self.accept(secret, DEFAULT_NAME)
            if known is None:
                await self._default.keep(secret)
            return secret

    async def snippet(self, client: str, shell: str = "posix", *, key: Secret | None = None, pin: str = "") -> str:
        """The lines that point a client here, with `key` or the default one in clear text; KeyError for no client.

        With a pin's name the client goes to the pinned target alone.
        """
        shown = key or await self.default_key()
        base_url = f"{self._base_url()}/p/{quote(pin, safe='')}" if pin else self._base_url()
        return snippet(client, base_url, shown.value, Shell(shell))

    def all(self) -> tuple[ClientKey, ...]:
        """Every key that is not revoked, disabled and expired ones too, each once.

        `ends_us` is when the last old text of a rotated key ends; 0 where only one text leads to it.
        """
        found: dict[str, ClientKey] = {}
        ends: dict[str, int] = {}
        for key in self._snapshots.current.client_keys.values():
            if not key.ends_us:
                found[key.id] = key
            elif not key.expired:
                ends[key.id] = max(key.ends_us, ends.get(key.id, 0))
        return tuple(dataclasses.replace(key, ends_us=ends.get(key.id, 0)) for key in found.values())

    async def create(self, name: str, *, policy: KeyPolicy | None = None, tags: tuple[str, ...] = ()) -> Secret:
        """A new key; it is shown this once, because only its digest is kept. Raises ConfigError for a taken name."""
        named, tagged = checked_name(name), checked_tags(tags)
        may = checked_policy(policy or KeyPolicy(), self._clock.now_us())
        secret = new_key()
        self._vault.know(secret)
        await self._do(self._stored.add, named, self._digest(secret), policy=may, tags=tagged, exactly=True)
        await self.reload()
        return secret

    def doubts(self, policy: KeyPolicy) -> tuple[str, ...]:
        """What of a policy may well fit nothing, in words."""
        return doubts(policy, self._snapshots.current.providers)

    async def change(
        self,
        id_or_name: str,
        *,
        name: str | None = None,
        policy: KeyPolicy | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> ClientKey:
        """Give a key another name, policy or tags; what runs under it is judged by the new policy at once."""
        key = await self._own(id_or_name)
        changed = dataclasses.replace(
            key,
            name=key.name if name is None or name == key.name else checked_name(name),
            tags=key.tags if tags is None else checked_tags(tags),
            policy=(key.policy if policy is None else checked_policy(policy, self._clock.now_us(), before=key.policy)),
        )
        await self._do(self._stored.change, changed)
        await self.reload()
        if changed.name != key.name and self.on_rename is not None:
            await self.on_rename(key.name, changed.name)
        return next((one for one in self.all() if one.id == key.id), changed)

    async def rotate(self, id_or_name: str, *, overlap_s: int = OVERLAP_S) -> Secret:
        """Another text for a key, shown this once; the old one opens for so long still.

        Raises VaultError where it may be the default key but the keyring cannot be read.
        """
        if not 0 <= overlap_s <= _LONGEST_OVERLAP_S:
            raise ConfigError("must be 0 to 366 days", key="overlap")
        key = await self._own(id_or_name)
        async with self._making:
            is_default = await self._is_default(key)
            secret = new_key()
            self._vault.know(secret)
            await self._do(self._stored.rotate, key.id, self._digest(secret), overlap_us=overlap_s * _US)
            await self.reload()
            if is_default:
                await self._default.keep(secret)
        return secret

    async def accept(self, secret: Secret, name: str) -> None:
        """Have clients that show this key served from now on."""
        digest = self._digest(secret)
        self._vault.know(secret)
        if digest not in self._snapshots.current.client_keys:
            await self._do(self._stored.add, name, digest)
            await self.reload()

    async def revoke(self, id_or_name: str) -> ClientKey:
        """Refuse a key from now on; raises ConfigError where there is none of that id or name."""
        key = await self._own(id_or_name)
        with contextlib.suppress(VaultError):
            if await self._is_default(key):
                await self._default.forget()
        await self._do(self._stored.revoke, key.id)
        await self.reload()
        return key

    @property
    def uses(self) -> Mapping[str, int]:
        """When keys were used in this run, that of the environment too: key id -> UTC microseconds."""
        return MappingProxyType({**self._noted, **self._use.used})

    async def used_lately(self) -> Mapping[str, int]:
        """When each key was last used: key id -> UTC microseconds, 0 for never."""
        stored = await self._do(self._stored.last_used)
        sources = (stored, self.uses)
        known = stored.keys() | {key.id for key in self.all()}
        return MappingProxyType({key: max(source.get(key, 0) for source in sources) for key in known})

    async def open(self, *, rescue: bool = True) -> None:
        """Open the store of keys; without it only the key of the environment counts, and a notice says why.

        `rescue`: see `store.state.ClientKeys.open`.
        """
        try:
            notices = await in_thread(self._stored.open, rescue=rescue)
        except StateUnavailableError as error:
            self.problem = f"No client key is accepted: {error}"
            self._notices.put(UNUSABLE, Severity.ERROR, self.problem)
        else:
            for number, text in enumerate(notices):
                self._notices.put(f"state-{number}", Severity.WARNING, text)
        await self.reload()

    async def reload(self) -> None:
        """Take over the keys as they are stored now; another process may have changed them."""
        try:
            keys = {} if self.problem else dict(await in_thread(self._stored.all))
        except StateUnavailableError as error:
            _log.warning("the client keys were not reloaded: %s", error)
            return
        if self._given is not None:
            keys[self._digest(self._given)] = ClientKey(ENVIRONMENT, "environment")
        self._snapshots.client_keys(keys)

    def look(self) -> None:
        """Has a key come to its end, was one used the first time? To be called every second; both is written down.

        What ended stays so. A key that was used is not one that was never used, however the program ends.
        """
        if self._use.used.keys() - self._noted.keys():
            self.keep_uses()
        now_us = self._clock.now_us()
        for key in self._snapshots.current.client_keys.values():
            if not key.expired:
                self._use.is_over(key, now_us)
        if not self._use.ended <= self._kept_ends:
            self._kept_ends = frozenset(self._use.ended)
            self._background.spawn("note the ends of client keys", self._keep_ends(self._kept_ends))

    def keep_uses(self) -> None:
        """Write down when keys were used, in the background."""
        if self._use.used:
            self._background.spawn("note the use of client keys", self.save())

    async def save(self) -> None:
        """Write down when keys were used; what cannot be written is not worth an error."""
        used = self._use.take()
        self._noted.update(used)
        if used and not self.problem:
            try:
                await in_thread(self._stored.used, used)
            except StateUnavailableError as error:
                _log.warning("the use of client keys was not noted: %s", error)

    async def _keep_ends(self, ends: frozenset[tuple[str, int]]) -> None:
        try:
            await in_thread(self._stored.expire, ends)
        except StateUnavailableError as error:
            _log.warning("the end of a client key was not noted: %s", error)
            self._kept_ends = frozenset()
        await self.reload()

    async def _own(self, id_or_name: str) -> ClientKey:
        """A key of the list, as it is stored now."""
        await self.reload()
        found = [one for one in self.all() if id_or_name in (one.id, one.name)]
        key = next((one for one in found if one.id == id_or_name), next(iter(found), None))
        if key is None:
            raise ConfigError(self.problem or f"there is no client key {id_or_name[:100]!r}", key="key")
        if key.id == ENVIRONMENT:
            raise ConfigError(f"this key is given by {ENVIRONMENT} and cannot be changed here", key="key")
        return key

    async def _is_default(self, key: ClientKey) -> bool:
        known = await self._default.known(prompt=False)
        leads_to = self._snapshots.current.client_keys.get(self._digest(known)) if known else None
        return leads_to is not None and leads_to.id == key.id

    async def _is_revoked(self, known: Secret) -> bool:
        digest = self._digest(known)
        if digest in self._snapshots.current.client_keys:
            return False
        return await self._do(self._stored.is_revoked, digest)

    async def _do(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.problem:
            raise ConfigError(self.problem)
        try:
            return await in_thread(call, *args, **kwargs)
        except NameTakenError:
            raise ConfigError("must be a name that no other key bears", key="name") from None
        except NoSuchKeyError:
            raise ConfigError("this client key was revoked meanwhile", key="key") from None
        except StateUnavailableError as error:
            raise ConfigError(str(error)) from None

    def _digest(self, secret: Secret) -> bytes:
        return hmac.digest(self._snapshots.current.pepper, secret.value.encode(), hashlib.sha256)


def new_key() -> Secret:
    """A client key: 256 random bits behind a prefix that tells people and scanners what it is."""
    return Secret(CLIENT_KEY_PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=").decode())


__all__ = ["DEFAULT", "ENVIRONMENT", "FALLBACK", "KeyControl", "StoredKeys", "load_pepper", "new_key"]
