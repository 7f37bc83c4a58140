from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import stat

import keyring.errors
import pytest

from app.control.keys import DEFAULT, FALLBACK, UNUSABLE, load_pepper
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


def test_the_pepper_is_made_once_and_a_damaged_one_is_not_replaced(desk):
    path = desk.folder / "pepper"
    pepper = load_pepper(path, desk.write)
    assert len(pepper) == 32
    assert load_pepper(path, desk.write) == pepper
    path.write_bytes(b"short")
    with pytest.raises(ConfigError, match="must hold 32 bytes"):
        load_pepper(path, desk.write)
    assert path.read_bytes() == b"short"


def test_a_pepper_that_cannot_be_kept_is_said_with_its_file(desk):
    desk.failing = True
    with pytest.raises(ConfigError, match=r"pepper: cannot be read or written \(No space left"):
        load_pepper(desk.folder / "pepper", desk.write)
