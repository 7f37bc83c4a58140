"""The key of encrypted bodies: fetched from the keyring, made when first wanted, exchanged on demand."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
from collections.abc import Callable, Sequence

from app.control.background import in_thread
from app.control.core import Core
from app.domain.errors import VaultError
from app.domain.provider import Secret
from app.domain.snapshot import Snapshot
from app.domain.status import Encryption, NoticeAction, Severity
from app.store.sealing import KEY_BYTES, Sealing
from app.vault.vault import ASK_S, READ_S

_log = logging.getLogger(__name__)

NAME = "history-key"
"""In the vault; several keys, the present one first, stand in it while they are exchanged."""
NOTICE = "body-key"


class BodyKey:
    """Follows the setting `encrypt_bodies`. From the moment it is on, no body is stored in clear text."""

    def __init__(
        self, core: Core, sealing: Sealing, rewrap: Callable[[Sequence[bytes]], int], in_use: Callable[[], bool]
    ) -> None:
        """Both block: `rewrap` gives every key of the file to the first of these and says how many stay locked.

        `in_use` tells whether the file has keys at all.
        """
        self._core = core
        self._sealing = sealing
        self._rewrap = rewrap
        self._in_use = in_use
        self._needless = False
        """There is nothing that a key would open."""
        self._asking = asyncio.Lock()
        self.may_ask = False
        """Whether the keyring may be asked; set once the proxy listens."""
        self.state = Encryption.OFF
        core.snapshots.subscribe(self.follow)

    def follow(self, snapshot: Snapshot) -> None:
        """Take over the setting if it changed."""
        wanted = snapshot.settings.encrypt_bodies
        if wanted != self._sealing.wanted:
            self._needless = False
            self._sealing.use((), wanted=wanted)
            self.state = Encryption.LOCKED if wanted else Encryption.OFF
            self.fetch()

    def fetch(self) -> None:
        """Ask the keyring, in the background, while the key is not known."""
        if self.may_ask and not self._known():
            self._core.background.spawn("read the key of the stored bodies", self.load())

    async def load(self, *, timeout_s: float = READ_S) -> None:
        """Ask the keyring for the key, and make one where it is wanted and there is none."""
        async with self._asking:
            wanted = self._sealing.wanted
            if not wanted and not await in_thread(self._in_use):
                self._needless = True
                return
            try:
                masters = _read(await self._core.vault.get(NAME, timeout_s=timeout_s))
                if not masters and wanted:
                    masters = (os.urandom(KEY_BYTES),)
                    await self._core.vault.put(NAME, _written(masters), timeout_s=ASK_S)
            except VaultError as error:
                self._stopped(error, wanted=wanted)
                return
            if wanted == self._sealing.wanted:
                self._sealing.use(masters, wanted=wanted)
                self.state = Encryption.ON if wanted else Encryption.OFF
                self._core.notices.drop(NOTICE)

    async def rotate(self) -> int:
        """Exchange the key in the keyring; how many keys of the file no known key opens. Raises VaultError.

        Both are in the keyring until the file knows the new one, so that an end in between locks nothing.
        """
        async with self._asking:
            old = _read(await self._core.vault.get(NAME, timeout_s=ASK_S, prompt=True, fresh=True))
            masters = (os.urandom(KEY_BYTES), *old)
            await self._core.vault.put(NAME, _written(masters))
            locked = await in_thread(self._rewrap, masters)
            kept = masters if locked else masters[:1]
            await self._core.vault.put(NAME, _written(kept))
            self._sealing.use(kept, wanted=self._sealing.wanted)
            return locked

    def _known(self) -> bool:
        if self._sealing.wanted:
            return self.state is Encryption.ON
        return self._needless or self._sealing.has_masters

    def _stopped(self, error: VaultError, *, wanted: bool) -> None:
        if not wanted:
            return  # nobody looks at an encrypted body; one that is opened says that it is locked
        _log.warning("the key of the stored bodies: %s", error.message)
        self.state = Encryption.LOCKED
        text = f"{error.message} Until then bodies are locked, and requests are recorded without theirs."
        self._core.notices.put(NOTICE, Severity.WARNING, text, NoticeAction.UNLOCK_KEYRING, "Unlock")


def _read(secret: Secret | None) -> tuple[bytes, ...]:
    """The keys in a secret; whatever is no key is left out."""
    found = []
    for part in secret.value.split(" ") if secret else ():
        try:
            key = base64.b64decode(part, validate=True)
        except (binascii.Error, ValueError):
            continue
        found += [key] if len(key) == KEY_BYTES else []
    return tuple(found)


def _written(masters: Sequence[bytes]) -> Secret:
    return Secret(" ".join(base64.b64encode(master).decode() for master in masters))
