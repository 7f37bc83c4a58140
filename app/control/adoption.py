"""Keys that stand in clear text in `patchbay.toml`: into the keyring, and only then out of the file."""

from __future__ import annotations

import logging

from app.control.configuration import Configuration
from app.control.core import Core
from app.control.credentials import IN_THE_FILE, SYSTEM_KEYRING, Credentials
from app.control.keys import KeyControl
from app.control.slots import label, vault_name
from app.domain.config import Config, FoundSecret
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Secret
from app.domain.status import NoticeAction, Severity
from app.vault.vault import ASK_S

_log = logging.getLogger(__name__)

IN_CLEAR = "config-secrets"
MOVED = "config-secrets-moved"


class Adoption:
    """Moves found keys. Each can be used from the first moment; it leaves the file once it is safe elsewhere."""

    def __init__(self, core: Core, configuration: Configuration, credentials: Credentials, keys: KeyControl) -> None:
        self._configuration = configuration
        self._snapshots = core.snapshots
        self._credentials = credentials
        self._keys = keys
        self._vault = core.vault
        self._notices = core.notices
        self._background = core.background
        self.may_move = False
        """Whether keys may be moved; set once the proxy listens, so that no keyring delays that."""
        self._left: tuple[FoundSecret, ...] = ()

    def found(self, config: Config) -> None:
        """A configuration was loaded: use its keys now, and move them in the background."""
        self._left = config.secrets
        for one in config.secrets:
            secret = Secret(one.value)
            self._vault.know(secret)
            provider = next((known for known in self._snapshots.current.providers if known.name == one.provider), None)
            if provider is not None:
                self._vault.put_session(vault_name(one.provider, one.account), secret)
                self._credentials.took(provider, secret, IN_THE_FILE, one.account)
        self.move()

    def move(self) -> None:
        """Try to move what is left, in the background."""
        if self._left and self.may_move:
            self._background.spawn("move keys into the keyring", self._move_all())
        elif not self._left:
            self._notices.drop(IN_CLEAR)

    async def _move_all(self) -> None:
        moved, problem = [], ""
        for one in self._left:
            try:
                await self._move(one)
            except (VaultError, ConfigError) as error:
                problem = str(error)
                _log.warning("a key stays in the configuration: %s", error)
            else:
                moved.append(one)
        self._left = tuple(one for one in self._left if one not in moved)
        if moved:
            text = f"Moved {_names(moved)} out of {self._configuration.file.path.name} to where keys are safe."
            self._notices.put(MOVED, Severity.INFO, text)
        if self._left:
            text = f"{_names(self._left)} in {self._configuration.file.path.name} can be read by any program. {problem}"
            self._notices.put(IN_CLEAR, Severity.WARNING, text, NoticeAction.OPEN_CONFIG, "Open the file")
        else:
            self._notices.drop(IN_CLEAR)

    async def _move(self, one: FoundSecret) -> None:
        secret = Secret(one.value)
        if one.provider:
            await self._vault.put(vault_name(one.provider, one.account), secret, timeout_s=ASK_S)
        else:
            await self._keys.accept(secret, "from patchbay.toml")
        await self._configuration.write(lambda file: file.drop_secret(one.provider, one.account))
        provider = next((known for known in self._snapshots.current.providers if known.name == one.provider), None)
        if provider is not None:
            self._credentials.took(provider, secret, SYSTEM_KEYRING, one.account)


def _names(secrets: list[FoundSecret] | tuple[FoundSecret, ...]) -> str:
    names = [f"the key of {label(one.provider, one.account)}" if one.provider else "the client key" for one in secrets]
    return ", ".join(names)
