from __future__ import annotations

import keyring.errors
import pytest

from app.control.default_key import DEFAULT, FALLBACK, DefaultKey
from app.domain.errors import VaultError
from app.domain.provider import Secret
from tests.fakes.keyrings import RaisingKeyring

TEXT = Secret("pb_default-key-of-a-test")


def default_key(desk):
    return DefaultKey(desk.vault, desk.core.notices, desk.folder / "client-key", desk.write)


async def test_it_is_kept_in_the_keyring_and_forgotten(desk):
    key = default_key(desk)
    assert await key.known(prompt=False) is None
    await key.keep(TEXT)
    assert desk.keyring.entries["patchbay-test", DEFAULT] == TEXT.value
    assert await key.known(prompt=False) == TEXT
    await key.forget()
    assert await key.known(prompt=False) is None
    assert not (desk.folder / "client-key").exists()


async def test_without_a_keyring_it_is_in_a_file_and_that_is_said(make_desk):
    desk = make_desk(keyring=RaisingKeyring(keyring.errors.NoKeyringError()))
    key = default_key(desk)
    await key.keep(TEXT)
    assert await key.known(prompt=False) == TEXT
    assert desk.notice(FALLBACK)
    await key.forget()
    assert await key.known(prompt=False) is None


async def test_a_keyring_that_came_later_takes_the_place_of_the_file(desk):
    key = default_key(desk)
    (desk.folder / "client-key").write_text("pb_text-of-before")
    assert await key.known(prompt=False) == Secret("pb_text-of-before")
    await key.keep(TEXT)
    assert await key.known(prompt=False) == TEXT


async def test_a_keyring_that_cannot_be_read_may_hold_one(make_desk):
    desk = make_desk(keyring=RaisingKeyring(keyring.errors.KeyringLocked()))
    with pytest.raises(VaultError):
        await default_key(desk).known(prompt=False)
