"""The text of the key that clients are handed: in the system keyring, or in a private file where there is none."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from app.control.background import in_thread
from app.control.notices import Notices
from app.domain.errors import VaultError, VaultProblem
from app.domain.provider import Secret
from app.domain.status import Severity
from app.vault.vault import ASK_S, READ_S, Vault

_log = logging.getLogger(__name__)

DEFAULT = "client-key/default"
FALLBACK = "client-key-file"
Write = Callable[[Path, bytes], None]


class DefaultKey:
    """Reads, keeps and forgets the text of the default key."""

    def __init__(self, vault: Vault, notices: Notices, fallback: Path, write: Write) -> None:
        self._vault = vault
        self._notices = notices
        self._fallback = fallback
        self._write = write

    async def known(self, *, prompt: bool) -> Secret | None:
        """The text, None where none was ever kept; raises VaultError where there may be one that cannot be read."""
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

    async def keep(self, secret: Secret) -> None:
        """Keep another text from now on, in one place only; raises OSError."""
        try:
            await self._vault.put(DEFAULT, secret)
        except VaultError as error:
            _log.warning("the client key goes to a file: %s", error.message)
            await in_thread(self._write, self._fallback, secret.value.encode())
            self._say_fallback()
        else:
            # A file of a time without a keyring would be read first, and hold the text of before.
            await in_thread(self._fallback.unlink, missing_ok=True)

    async def forget(self) -> None:
        """Keep none; raises VaultError and OSError."""
        await in_thread(self._fallback.unlink, missing_ok=True)
        with contextlib.suppress(VaultError):
            await self._vault.delete(DEFAULT)

    def _say_fallback(self) -> None:
        text = (
            f"There is no keyring, so the client key is in the file {self._fallback.name} of the data folder. "
            "It opens only this proxy, and only your user can read it."
        )
        self._notices.put(FALLBACK, Severity.INFO, text)


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip() or None
    except OSError:
        return None
