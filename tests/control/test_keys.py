from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace

import keyring.errors
import pytest

from app.control.keys import DEFAULT, ENVIRONMENT, FALLBACK, UNUSABLE
from app.domain.client_key import KeyPolicy
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Secret
from app.store.state import ClientKeys
from tests.fakes.desk import PEPPER
from tests.fakes.keyrings import HangingKeyring, RaisingKeyring


def digest(secret):
    return hmac.digest(PEPPER, secret.value.encode(), hashlib.sha256)


async def test_the_first_key_is_made_kept_and_handed_out_again(desk, make_desk):
    await desk.begin()
    key = await desk.keys.default_key()
    assert re.fullmatch(r"pb_[A-Za-z0-9_-]{43}", key.value)
    assert desk.snapshot.client_keys[digest(key)].name == "default"
    assert await desk.keys.default_key() == key
    again = make_desk(keyring=desk.keyring)
    await again.begin()
    assert await again.keys.default_key() == key
    assert len(again.snapshot.client_keys) == 1
    assert desk.leaked(key.value[3:]) == []
    assert desk.vault.mask(key.value) == "[secret]"


async def test_without_a_keyring_it_lies_in_a_private_file_and_that_is_said(make_desk):
    desk = make_desk(keyring=RaisingKeyring(keyring.errors.NoKeyringError()))
    await desk.begin()
    key = await desk.keys.default_key(prompt=False)
    kept = desk.folder / "client-key"
    assert kept.read_text("utf-8") == key.value
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "client-key" in desk.notice(FALLBACK)
    assert await desk.keys.default_key() == key
    assert desk.leaked(key.value) == [str(kept)]


async def test_while_the_keyring_does_not_answer_no_second_key_is_made(make_desk):
    desk = make_desk(keyring=HangingKeyring())
    await desk.begin()
    with pytest.raises(VaultError):
        await desk.keys.default_key(prompt=False)
    assert desk.snapshot.client_keys == {}
    desk.keyring.release.set()


async def test_a_key_of_the_environment_counts_for_this_run_only(make_desk):
    desk = make_desk(environment={"PATCHBAY_CLIENT_KEY": "pb_from-the-environment"})
    await desk.begin()
    key = await desk.keys.default_key()
    assert key == Secret("pb_from-the-environment")
    assert desk.snapshot.client_keys[digest(key)].name == "environment"
    assert desk.keyring.entries == {}
    assert ClientKeys(desk.folder / "state.db", clock=desk.clock).all() == {}


async def test_a_key_of_the_environment_that_is_too_short_is_refused(make_desk):
    with pytest.raises(ConfigError, match="PATCHBAY_CLIENT_KEY: must have at least 8"):
        make_desk(environment={"PATCHBAY_CLIENT_KEY": "short"})


async def test_two_who_want_the_first_key_get_the_same(desk):
    await desk.begin()
    first, second = await asyncio.gather(desk.keys.default_key(), desk.keys.default_key())
    assert first == second
    assert len(desk.snapshot.client_keys) == 1


async def test_keys_are_created_listed_and_revoked(desk):
    await desk.begin()
    secret = await desk.keys.create("laptop")
    assert [key.name for key in desk.keys.all()] == ["laptop"]
    with pytest.raises(ConfigError, match="no other key"):
        await desk.keys.create("laptop")
    with pytest.raises(ConfigError, match="no other key"):
        await desk.keys.create(" ")
    assert desk.leaked(secret.value) == []
    revoked = await desk.keys.revoke("laptop")
    assert revoked.name == "laptop"
    assert desk.snapshot.client_keys == {}
    with pytest.raises(ConfigError, match="no client key 'laptop'"):
        await desk.keys.revoke("laptop")


async def test_a_revoked_default_key_is_replaced_and_not_revived(desk):
    await desk.begin()
    first = await desk.keys.default_key()
    await desk.keys.revoke("default")
    assert ("patchbay-test", DEFAULT) not in desk.keyring.entries
    second = await desk.keys.default_key()
    assert second != first
    assert digest(first) not in desk.snapshot.client_keys
    assert digest(second) in desk.snapshot.client_keys


async def test_a_key_made_by_another_process_is_seen_at_the_next_look(desk):
    await desk.begin()
    ClientKeys(desk.folder / "state.db", clock=desk.clock).add("elsewhere", b"d" * 32)
    await desk.keys.reload()
    assert desk.snapshot.client_keys[b"d" * 32].name == "elsewhere"


async def test_a_state_that_cannot_be_used_lets_no_one_in_and_says_so(desk):
    (desk.folder / "state.db").mkdir()
    await desk.begin()
    assert desk.snapshot.client_keys == {}
    assert "No client key is accepted" in desk.notice(UNUSABLE) or desk.notice("state-0")


async def test_lines_for_a_client_hold_address_and_key(desk):
    await desk.begin()
    lines = await desk.keys.snippet("claude-code")
    key = await desk.keys.default_key()
    assert lines == f"export ANTHROPIC_BASE_URL=http://127.0.0.1:8082\nexport ANTHROPIC_AUTH_TOKEN={key.value}\n"
    assert "$env:" in await desk.keys.snippet("openai", "powershell")
    with pytest.raises(KeyError):
        await desk.keys.snippet("telnet")
    fresh = await desk.keys.create("laptop")
    assert f"API_KEY={fresh.value}" in await desk.keys.snippet("openai", key=fresh)


DAY_S = 86_400
DAY_US = DAY_S * 1_000_000


async def test_a_key_is_made_with_its_policy_and_changed_in_parts(desk):
    await desk.begin()
    policy = KeyPolicy(models=("claude-*",), networks=("10.1.2.3/8",), requests_per_minute=5)
    secret = await desk.keys.create("laptop", policy=policy, tags=("work",))
    key = desk.snapshot.client_keys[digest(secret)]
    assert (key.tags, key.policy) == (("work",), replace(policy, networks=("10.0.0.0/8",)))
    assert await desk.keys.change("laptop", tags=()) == replace(key, tags=())
    off = await desk.keys.change(key.id, policy=replace(key.policy, enabled=False))
    assert desk.snapshot.client_keys[digest(secret)] == off
    assert not off.policy.enabled
    renamed = await desk.keys.change("laptop", name="tower")
    assert [one.name for one in desk.keys.all()] == ["tower"]
    assert renamed.policy == off.policy
    with pytest.raises(ConfigError, match="no client key 'laptop'"):
        await desk.keys.change("laptop", name="other")


async def test_a_name_is_taken_until_its_key_is_revoked(desk):
    await desk.begin()
    await desk.keys.create("laptop")
    await desk.keys.create("tower")
    with pytest.raises(ConfigError, match="name: must be a name that no other key bears"):
        await desk.keys.change("tower", name="Laptop")
    with pytest.raises(ConfigError, match="dialects: there is no dialect"):
        await desk.keys.create("other", policy=KeyPolicy(dialects=("klingon",)))
    assert len(desk.keys.all()) == 2
    await desk.keys.revoke("laptop")
    await desk.keys.create("laptop")


async def test_a_rotated_key_opens_with_both_texts_until_the_overlap_is_over(desk):
    await desk.begin()
    old = await desk.keys.create("laptop", tags=("work",))
    new = await desk.keys.rotate("laptop", overlap_s=60)
    keys = desk.snapshot.client_keys
    assert keys[digest(old)].id == keys[digest(new)].id
    assert keys[digest(old)].ends_us == desk.clock.now_us() + 60_000_000
    (shown,) = desk.keys.all()
    assert (shown.name, shown.tags, shown.ends_us) == ("laptop", ("work",), keys[digest(old)].ends_us)
    assert desk.leaked(new.value) == []
    desk.clock.forward(60)
    await desk.keys.reload()
    assert desk.snapshot.client_keys[digest(old)].expired
    assert not desk.snapshot.client_keys[digest(new)].expired
    (shown,) = desk.keys.all()
    assert (shown.ends_us, shown.expired) == (0, False)
    for overlap_s in (-1, 367 * DAY_S):
        with pytest.raises(ConfigError, match="overlap"):
            await desk.keys.rotate("laptop", overlap_s=overlap_s)


@pytest.mark.parametrize("has_keyring", [True, False])
async def test_the_default_key_rotates_too_and_clients_are_handed_the_new_one(make_desk, has_keyring):
    missing = {} if has_keyring else {"keyring": RaisingKeyring(keyring.errors.NoKeyringError())}
    desk = make_desk(**missing)
    await desk.begin()
    first = await desk.keys.default_key()
    second = await desk.keys.rotate("default")
    assert second != first
    assert await desk.keys.default_key() == second
    keys = desk.snapshot.client_keys
    assert keys[digest(first)].id == keys[digest(second)].id
    assert keys[digest(first)].ends_us == desk.clock.now_us() + DAY_US
    again = make_desk(**(missing or {"keyring": desk.keyring}))
    await again.begin()
    assert await again.keys.default_key() == second
    assert len(again.keys.all()) == 1


async def test_a_key_that_may_be_the_default_one_is_not_rotated_while_the_keyring_is_silent(make_desk):
    desk = make_desk(keyring=HangingKeyring())
    await desk.begin()
    await desk.keys.create("laptop")
    with pytest.raises(VaultError):
        await desk.keys.rotate("laptop")
    assert len(desk.snapshot.client_keys) == 1
    desk.keyring.release.set()


async def test_a_default_key_that_was_revoked_while_the_keyring_was_silent_is_not_revived(desk, make_desk):
    await desk.begin()
    first = await desk.keys.default_key()
    ClientKeys(desk.folder / "state.db", clock=desk.clock).revoke(desk.keys.all()[0].id)
    again = make_desk(keyring=desk.keyring)
    await again.begin()
    second = await again.keys.default_key()
    assert second != first
    assert digest(first) not in again.snapshot.client_keys


async def test_a_key_of_the_environment_is_not_ours_to_change(make_desk):
    desk = make_desk(environment={ENVIRONMENT: "pb_from-the-environment"})
    await desk.begin()
    for change in (desk.keys.revoke, desk.keys.rotate, desk.keys.change):
        with pytest.raises(ConfigError, match=ENVIRONMENT):
            await change("environment")


async def test_b07_what_was_seen_expired_stays_so_though_the_clock_goes_back(desk, make_desk):
    await desk.begin()
    secret = await desk.keys.create("laptop", policy=KeyPolicy(expires_us=desk.clock.now_us() + DAY_US))
    desk.clock.forward(DAY_S)
    desk.keys.look()
    desk.clock.us -= 2 * DAY_US  # before it is written down
    await asyncio.gather(*desk.core.background.tasks)
    assert desk.snapshot.client_keys[digest(secret)].expired
    again = make_desk(keyring=desk.keyring)
    again.clock.us = desk.clock.us
    await again.begin()
    assert again.snapshot.client_keys[digest(secret)].expired
    revived = await desk.keys.change("laptop", policy=KeyPolicy(expires_us=desk.clock.now_us() + 5 * DAY_US))
    assert not revived.expired


async def test_looking_writes_nothing_while_nothing_ends(desk):
    await desk.begin()
    await desk.keys.create("laptop", policy=KeyPolicy(expires_us=desk.clock.now_us() + DAY_US))
    desk.keys.look()
    assert not desk.core.background.tasks


async def test_when_keys_were_used_is_written_down(desk, make_desk):
    await desk.begin()
    await desk.keys.create("laptop")
    (key,) = desk.keys.all()
    assert await desk.keys.used_lately() == {key.id: 0}
    desk.keys.keep_uses()
    assert not desk.core.background.tasks
    desk.keys._use.used[key.id] = 7
    assert await desk.keys.used_lately() == {key.id: 7}
    desk.keys.keep_uses()
    await asyncio.gather(*desk.core.background.tasks)
    again = make_desk(keyring=desk.keyring)
    await again.begin()
    assert await again.keys.used_lately() == {key.id: 7}


async def test_the_first_use_of_a_key_is_written_down_at_the_next_look(desk, make_desk):
    await desk.begin()
    await desk.keys.create("laptop")
    (key,) = desk.keys.all()
    desk.keys._use.used[key.id] = 7
    desk.keys.look()
    await asyncio.gather(*desk.core.background.tasks)
    again = make_desk(keyring=desk.keyring)
    await again.begin()
    assert await again.keys.used_lately() == {key.id: 7}
    desk.keys._use.used[key.id] = 8
    desk.keys.look()
    assert not desk.core.background.tasks, "later uses are written down together"
    assert desk.keys.uses == {key.id: 8}


async def test_without_its_store_nothing_can_be_done_with_keys_and_that_is_said(desk):
    (desk.folder / "state.db").write_bytes(b"no database" * 1_000)
    await desk.configuration.load()
    await desk.keys.open(rescue=False)
    assert "No client key is accepted" in desk.keys.problem
    for work in (desk.keys.create("a"), desk.keys.revoke("a"), desk.keys.used_lately(), desk.keys.default_key()):
        with pytest.raises(ConfigError, match="No client key is accepted"):
            await work
    assert (desk.folder / "state.db").read_bytes() == b"no database" * 1_000


async def test_a_key_whose_policy_cannot_be_read_opens_nothing(desk):
    await desk.begin()
    secret = await desk.keys.create("laptop", policy=KeyPolicy(models=("claude-*",)))
    with closing(sqlite3.connect(desk.folder / "state.db")) as connection:
        connection.execute("UPDATE client_key SET policy = '{\"models\": 1}'")
        connection.commit()
    await desk.keys.reload()
    assert desk.snapshot.client_keys[digest(secret)].policy == KeyPolicy(enabled=False)


async def test_the_use_of_the_environments_key_is_known_for_this_run(make_desk):
    desk = make_desk(environment={"PATCHBAY_CLIENT_KEY": "pb_from-the-environment"})
    await desk.begin()
    assert await desk.keys.used_lately() == {ENVIRONMENT: 0}
    desk.keys._use.used[ENVIRONMENT] = 7
    assert (await desk.keys.used_lately())[ENVIRONMENT] == 7
    await desk.keys.save()
    assert (await desk.keys.used_lately())[ENVIRONMENT] == 7


async def test_who_shows_keys_is_told_when_they_change(desk, make_desk):
    await desk.begin()
    told = []
    stop = desk.keys.subscribe(lambda _: told.append([key.name for key in desk.keys.all()]))
    desk.core.snapshots.pause(paused=True)
    await desk.keys.reload()
    assert told == []
    await desk.keys.create("laptop")
    assert told == [["laptop"]]
    stop()
    await desk.keys.revoke("laptop")
    assert len(told) == 1
