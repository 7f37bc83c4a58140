from __future__ import annotations

import keyring.errors
import pytest

from app.control.adoption import IN_CLEAR, MOVED
from app.control.slots import vault_name
from app.domain.provider import CredentialState, Secret
from tests.fakes.keyrings import ForgetfulKeyring, RaisingKeyring

CLEAR = """
[config]
anthropic_api_key = "sk-client-canary-0123456789"

[[provider]]
name = "A" # mine
vendor = "openai"
api_key = "sk-provider-canary-0123456789"
"""


async def test_keys_leave_the_file_once_the_keyring_has_them(desk):
    await desk.begin(CLEAR)
    assert desk.keyring.entries["patchbay-test", vault_name("A")] == "sk-provider-canary-0123456789"
    assert desk.snapshot.credential("A").source == "system keyring"
    assert desk.leaked("canary") == []
    assert 'name = "A" # mine' in desk.text()
    assert desk.notice(MOVED) == "Moved the client key, the key of A out of patchbay.toml to where keys are safe."
    assert [key.name for key in desk.keys.all()] == ["from patchbay.toml"]


@pytest.mark.parametrize("broken", [RaisingKeyring(keyring.errors.NoKeyringError()), ForgetfulKeyring()], ids=type)
async def test_a_key_stays_in_the_file_and_works_while_no_keyring_can_have_it(make_desk, broken):
    desk = make_desk(keyring=broken)
    await desk.begin(CLEAR.replace('anthropic_api_key = "sk-client-canary-0123456789"', ""))
    assert 'api_key = "sk-provider-canary-0123456789"' in desk.text()
    found = desk.snapshot.credential("A")
    assert (found.state, found.secret) == (CredentialState.READY, Secret("sk-provider-canary-0123456789"))
    assert found.source == "patchbay.toml, in clear text"
    assert "the key of A in patchbay.toml can be read by any program" in desk.notice(IN_CLEAR)


async def test_a_key_stays_in_the_file_when_the_file_cannot_be_written(desk):
    desk.file.path.write_text(CLEAR, "utf-8")
    desk.failing = True
    await desk.begin()
    assert "sk-provider-canary-0123456789" in desk.text()
    assert desk.notice(IN_CLEAR)
    desk.failing = False
    desk.adoption.move()
    await desk.settle()
    assert desk.leaked("canary") == []
    assert not desk.notice(IN_CLEAR)


async def test_a_key_written_into_the_file_later_replaces_the_older_one(desk):
    await desk.begin(CLEAR)
    desk.file.path.write_text(CLEAR.replace("provider-canary", "provider-newer"), "utf-8")
    await desk.configuration.reload_if_changed()
    await desk.settle()
    assert desk.snapshot.credential("A").secret == Secret("sk-provider-newer-0123456789")
    assert desk.keyring.entries["patchbay-test", vault_name("A")] == "sk-provider-newer-0123456789"


async def test_the_key_of_an_account_leaves_the_file_as_a_providers_own_does(desk):
    text = CLEAR + '\n[[provider.account]]\nname = "work"\napi_key = "sk-work-canary-0123456789"\n'
    await desk.begin(text)
    assert desk.keyring.entries["patchbay-test", vault_name("A", "work")] == "sk-work-canary-0123456789"
    assert desk.snapshot.credential("A", "work").secret == Secret("sk-work-canary-0123456789")
    assert desk.snapshot.credential("A").secret == Secret("sk-provider-canary-0123456789")
    assert desk.leaked("canary") == []
    assert "the key of A, account work out of patchbay.toml" in desk.notice(MOVED)
