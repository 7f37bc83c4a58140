"""Credentials on their way to where they are kept: the system keyring, or memory until the program ends."""

from __future__ import annotations

import logging
from typing import Literal

from app.control.core import Core
from app.control.credentials import SESSION, SYSTEM_KEYRING
from app.control.slots import label, vault_name
from app.domain.errors import VaultError
from app.domain.provider import Secret
from app.domain.status import Severity

_log = logging.getLogger(__name__)

Keep = Literal["keyring", "session"]
"""Where a key goes: the system keyring, or memory until the program ends."""


def source(keep: Keep) -> str:
    """The place in words."""
    return SESSION if keep == "session" else SYSTEM_KEYRING


async def store(core: Core, secret: Secret, keep: Keep, provider: str, account: str = "") -> None:
    """Keep a credential; raises VaultError."""
    if keep == "session":
        core.vault.put_session(vault_name(provider, account), secret)
    else:
        await core.vault.put(vault_name(provider, account), secret)


async def stored(core: Core, provider: str, account: str = "") -> tuple[Secret | None, Keep]:
    """A credential, and where it is kept; raises VaultError."""
    name = vault_name(provider, account)
    secret = await core.vault.get(name, prompt=True)
    return secret, "session" if core.vault.session_only(name) else "keyring"


async def forget(core: Core, provider: str, account: str = "") -> None:
    """Delete a credential; where that fails, a notice says that it is still there."""
    try:
        await core.vault.delete(vault_name(provider, account))
    except VaultError as error:
        _log.warning("a key stays in the keyring: %s", error.message)
        what = f"The account {account} of {provider}" if account else f"The provider {provider}"
        text = f"{what} is gone, but its key is still in the system keyring: {error.message}"
        core.notices.put(f"key-left/{label(provider, account)}", Severity.WARNING, text)
