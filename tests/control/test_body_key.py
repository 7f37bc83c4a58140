from __future__ import annotations

import asyncio

import pytest

from app.control.body_key import NAME, NOTICE, BodyKey
from app.domain.status import Encryption
from app.store.sealing import Sealing


class Rig:
    def __init__(self, desk, *, in_use=False):
        self.desk = desk
        self.sealing = Sealing()
        self.rewrapped = []
        self.locked = 0
        self.key = BodyKey(desk.core, self.sealing, self._rewrap, lambda: in_use)

    def _rewrap(self, masters):
        self.rewrapped.append(tuple(masters))
        return self.locked

    async def settle(self):
        while self.desk.core.background.tasks:
            await asyncio.gather(*self.desk.core.background.tasks, return_exceptions=True)

    async def kept(self):
        found = await self.desk.core.vault.get(NAME, fresh=True)
        return found.value.split(" ") if found else []


@pytest.fixture
def rig(desk):
    return Rig(desk)


async def test_a_key_is_made_when_it_is_first_wanted_and_found_again(desk, rig):
    await desk.begin("[config]\nencrypt_bodies = true\n")
    assert (rig.key.state, rig.sealing.wanted, rig.sealing.has_masters) == (Encryption.LOCKED, True, False)
    rig.key.may_ask = True
    rig.key.fetch()
    await rig.settle()
    assert (rig.key.state, rig.sealing.has_masters) == (Encryption.ON, True)
    (kept,) = await rig.kept()
    again = Rig(desk)
    again.key.may_ask = True
    again.key.follow(desk.snapshot)
    await again.settle()
    assert again.sealing._masters == rig.sealing._masters
    assert await rig.kept() == [kept]


async def test_without_encryption_the_keyring_is_asked_only_for_what_is_encrypted_already(desk):
    await desk.begin("")
    needless, needed = Rig(desk), Rig(desk, in_use=True)
    await needed.key.rotate()
    for rig in (needless, needed):
        rig.sealing.use((), wanted=False)
        rig.key.may_ask = True
        rig.key.fetch()
        await rig.settle()
    assert not needless.sealing.has_masters
    assert needed.sealing.has_masters
    assert needed.key.state is Encryption.OFF


async def test_a_keyring_that_cannot_be_reached_locks_bodies_until_it_can(desk, rig):
    desk.keyring.fail_write = 1
    await desk.begin("[config]\nencrypt_bodies = true\n")
    rig.key.may_ask = True
    rig.key.fetch()
    await rig.settle()
    assert (rig.key.state, rig.sealing.wanted) == (Encryption.LOCKED, True)
    assert "without theirs" in desk.notice(NOTICE)
    rig.key.fetch()
    await rig.settle()
    assert rig.key.state is Encryption.ON
    assert not desk.notice(NOTICE)


async def test_the_old_key_stays_until_the_file_knows_the_new_one(desk, rig):
    await desk.begin("[config]\nencrypt_bodies = true\n")
    await rig.key.load()
    (old,) = await rig.kept()
    assert await rig.key.rotate() == 0
    (masters,) = rig.rewrapped
    assert len(masters) == 2
    (new,) = await rig.kept()
    assert new != old
    rig.locked = 1
    assert await rig.key.rotate() == 1
    assert len(await rig.kept()) == 2


async def test_turning_it_off_stores_in_clear_text_and_still_opens_the_older_ones(desk):
    rig = Rig(desk, in_use=True)
    await desk.begin("[config]\nencrypt_bodies = true\n")
    rig.key.may_ask = True
    rig.key.fetch()
    await rig.settle()
    desk.configuration.change(encrypt_bodies=False)
    await rig.settle()
    assert (rig.sealing.wanted, rig.sealing.has_masters, rig.key.state) == (False, True, Encryption.OFF)
