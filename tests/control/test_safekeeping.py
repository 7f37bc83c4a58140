from __future__ import annotations

from app.control.safekeeping import forget, source, store, stored
from app.control.slots import vault_name
from app.domain.provider import Secret
from tests.fakes.keyrings import RaisingKeyring

KEY = Secret("sk-canary-0123456789")


async def test_where_a_credential_goes_it_is_found(desk):
    await store(desk.core, KEY, "keyring", "A", "work")
    await store(desk.core, KEY, "session", "A", "home")
    assert await stored(desk.core, "A", "work") == (KEY, "keyring")
    assert await stored(desk.core, "A", "home") == (KEY, "session")
    assert list(desk.keyring.entries) == [("patchbay-test", vault_name("A", "work"))]
    await forget(desk.core, "A", "work")
    assert desk.keyring.entries == {}


async def test_a_key_that_cannot_be_deleted_is_said_to_be_left(make_desk):
    desk = make_desk(keyring=RaisingKeyring(OSError("no")))
    await forget(desk.core, "A", "work")
    assert desk.notice("key-left/A, account work").startswith("The account work of A is gone, but its key is still")
    await forget(desk.core, "A")
    assert desk.notice("key-left/A").startswith("The provider A is gone, but its key is still")


def test_the_place_in_words():
    assert (source("keyring"), source("session")) == ("system keyring", "this session only")
