from __future__ import annotations

from dataclasses import replace

import keyring.errors
import pytest

from app.control.credentials import KEYRING, MISSING
from app.control.slots import vault_name
from app.domain.errors import VaultError
from app.domain.provider import Account, CredentialState, Secret
from app.domain.status import Health
from tests.fakes.keyrings import HangingKeyring, MemoryKeyring, RaisingKeyring

TWO = """
[config]
provider = "B"

[[provider]]
name = "A"
vendor = "openai"

[[provider]]
name = "B"
vendor = "anthropic"
env_key = "KEY_OF_B"
"""
LOCAL = (
    '\n[[provider]]\nname = "L"\nvendor = "ollama"\n\n[[provider]]\nname = "C"\nvendor = "anthropic"\nauth = "client"\n'
)


def keyring_with(**keys):
    memory = MemoryKeyring()
    memory.entries = {("patchbay-test", vault_name(name)): value for name, value in keys.items()}
    return memory


class LockableKeyring(MemoryKeyring):
    locked = True
    error = keyring.errors.KeyringLocked

    def get_password(self, service, username):
        if self.locked:
            raise self.error("no")
        return super().get_password(service, username)


async def test_keys_come_from_environment_then_keyring(make_desk):
    desk = make_desk(
        environment={"KEY_OF_B": " sk-from-environment \n"}, keyring=keyring_with(A="sk-a-keyring", B="sk-b")
    )
    await desk.begin(TWO)
    mine, other = desk.snapshot.credential("A"), desk.snapshot.credential("B")
    assert (mine.state, mine.secret, mine.source) == (CredentialState.READY, Secret("sk-a-keyring"), "system keyring")
    assert other.secret == Secret("sk-from-environment")
    assert other.source == "environment variable KEY_OF_B"
    assert desk.vault.mask("sk-from-environment sk-a-keyring") == "[secret] [secret]"


async def test_a_missing_key_is_said_once_and_taken_back(desk):
    await desk.begin(TWO)
    assert {desk.snapshot.credential(name).state for name in "AB"} == {CredentialState.MISSING}
    assert desk.notice(MISSING) == "B has no key yet, so it cannot answer any request."
    desk.credentials.took(desk.providers.provider("B"), Secret("sk-12345678"), "this session only")
    assert desk.snapshot.credential("B").state is CredentialState.READY
    assert not desk.notice(MISSING)
    await desk.routes.use("A")
    assert desk.notice(MISSING).startswith("A has no key yet")


async def test_our_own_client_key_under_a_vendors_name_is_not_taken_for_a_provider_key(make_desk):
    desk = make_desk(environment={"OPENAI_API_KEY": "pb_0123456789abcdef", "KEY_OF_B": "sk-real-0123456789"})
    await desk.begin(TWO)
    assert desk.snapshot.credential("A").state is CredentialState.MISSING
    assert desk.snapshot.credential("B").state is CredentialState.READY


async def test_providers_that_need_no_key_ask_for_none(desk):
    await desk.begin(LOCAL)
    assert desk.snapshot.credential("L").state is CredentialState.NOT_NEEDED
    assert desk.snapshot.credential("C").state is CredentialState.NOT_NEEDED
    assert desk.keyring.reads == 0


async def test_nothing_is_asked_of_the_keyring_before_the_proxy_listens(make_desk):
    desk = make_desk(keyring=keyring_with(A="sk-a-keyring"))
    desk.file.path.write_text(TWO, "utf-8")
    await desk.configuration.load()
    await desk.settle()
    assert desk.keyring.reads == 0
    assert desk.snapshot.credential("A").state is CredentialState.WAITING


async def test_the_active_provider_is_looked_up_first(make_desk):
    desk = make_desk(keyring=keyring_with(A="sk-a-keyring", B="sk-b-keyring"))
    asked = []
    get = desk.keyring.get_password
    desk.keyring.get_password = lambda service, username: asked.append(username) or get(service, username)
    await desk.begin(TWO)
    assert asked == ["provider/B", "provider/A"]


async def test_a_locked_keyring_is_said_and_unlocking_brings_the_keys(make_desk):
    memory = LockableKeyring()
    memory.entries = keyring_with(A="sk-a-keyring", B="sk-b-keyring").entries
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    assert {desk.snapshot.credential(name).state for name in "AB"} == {CredentialState.LOCKED}
    assert "locked" in desk.notice(KEYRING)
    assert "B, A" in desk.notice(KEYRING)
    with pytest.raises(VaultError, match="locked"):
        await desk.providers.unlock_keyring()
    memory.locked = False
    await desk.providers.unlock_keyring()
    assert {desk.snapshot.credential(name).state for name in "AB"} == {CredentialState.READY}
    assert not desk.notice(KEYRING)


async def test_whoever_is_gone_lacks_no_key_any_more(make_desk):
    memory = LockableKeyring()
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    desk.file.path.write_text('[[provider]]\nname = "A"\nvendor = "openai"\n', "utf-8")
    await desk.configuration.reload()
    await desk.settle()
    assert desk.notice(KEYRING).endswith("Without it there is no key for A.")
    desk.file.path.write_text("# nobody\n", "utf-8")
    await desk.configuration.reload()
    await desk.settle()
    assert not desk.notice(KEYRING)


async def test_a_keyring_that_was_unlocked_elsewhere_is_noticed(make_desk):
    memory = LockableKeyring()
    memory.entries = keyring_with(A="sk-a-keyring", B="sk-b-keyring").entries
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    memory.locked = False
    desk.credentials.retry()
    await desk.settle()
    assert desk.snapshot.credential("A").state is CredentialState.READY
    reads = memory.reads
    desk.credentials.retry()
    await desk.settle()
    assert memory.reads == reads


async def test_a_keyring_that_starts_late_is_noticed_and_its_absence_logged_once(make_desk, caplog):
    memory = LockableKeyring()
    memory.entries = keyring_with(A="sk-a-keyring", B="sk-b-keyring").entries
    memory.error = keyring.errors.NoKeyringError
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    for _ in range(3):
        desk.credentials.retry()
        await desk.settle()
    assert desk.snapshot.credential("A").state is CredentialState.UNAVAILABLE
    assert len([one for one in caplog.records if "the keyring:" in one.getMessage()]) == 1
    memory.locked = False
    desk.credentials.retry()
    await desk.settle()
    assert {desk.snapshot.credential(name).state for name in "AB"} == {CredentialState.READY}
    assert not desk.notice(KEYRING)


async def test_without_a_keyring_a_session_key_works_and_nothing_is_written(make_desk):
    desk = make_desk(keyring=RaisingKeyring(keyring.errors.NoKeyringError()))
    await desk.begin(TWO)
    assert desk.snapshot.credential("A").state is CredentialState.UNAVAILABLE
    entry = next(one for one in desk.providers.entries() if one.name == "A")
    with pytest.raises(VaultError, match="environment variable"):
        await desk.providers.edit("A", entry, Secret("sk-canary-0123456789"), keep="keyring")
    await desk.providers.edit("A", entry, Secret("sk-canary-0123456789"), keep="session")
    found = desk.snapshot.credential("A")
    assert (found.state, found.source) == (CredentialState.READY, "this session only")
    assert desk.leaked("canary") == []
    other = next(one for one in desk.providers.entries() if one.name == "B")
    await desk.providers.edit("B", other, Secret("sk-canary-1123456789"), keep="session")
    assert not desk.notice(KEYRING)


async def test_a_hanging_keyring_marks_every_key_after_one_deadline(make_desk):
    desk = make_desk(keyring=HangingKeyring())
    desk.file.path.write_text(TWO, "utf-8")
    await desk.configuration.load()
    error = await desk.credentials.load(timeout_s=0.1)
    assert error.kind == "timeout"
    assert {desk.snapshot.credential(name).state for name in "AB"} == {CredentialState.UNAVAILABLE}
    desk.keyring.release.set()


async def test_a_rejected_key_stays_so_until_it_changes_or_works(make_desk):
    desk = make_desk(keyring=keyring_with(A="sk-a-keyring", B="sk-b-keyring"))
    await desk.begin(TWO)
    desk.marks.credential_rejected("A", "invalid x-api-key")
    desk.marks.credential_rejected("A", "invalid x-api-key")
    assert desk.snapshot.credential("A").state is CredentialState.REJECTED
    assert desk.snapshot.credential("A").secret == Secret("sk-a-keyring")
    assert desk.notice("key/A") == "A rejected its key (system keyring): invalid x-api-key"
    desk.marks.provider_answered("A")
    assert desk.snapshot.credential("A").state is CredentialState.READY
    assert not desk.notice("key/A")
    desk.marks.credential_rejected("A", "invalid x-api-key")
    entry = next(one for one in desk.providers.entries() if one.name == "A")
    await desk.providers.edit("A", entry, Secret("sk-a-better-key"))
    assert desk.snapshot.credential("A").secret == Secret("sk-a-better-key")
    assert not desk.notice("key/A")


async def test_a_changed_way_of_signing_changes_what_is_needed(make_desk):
    desk = make_desk(keyring=keyring_with(A="sk-a-keyring"))
    await desk.begin('[[provider]]\nname = "A"\nvendor = "openai"\nauth = "none"\n')
    assert desk.snapshot.credential("A").state is CredentialState.NOT_NEEDED
    desk.file.path.write_text('[[provider]]\nname = "A"\nvendor = "openai"\n', "utf-8")
    await desk.configuration.reload()
    await desk.settle()
    assert desk.snapshot.credential("A").secret == Secret("sk-a-keyring")
    desk.file.path.write_text('[[provider]]\nname = "A"\nvendor = "openai"\nauth = "client"\n', "utf-8")
    await desk.configuration.reload()
    assert desk.snapshot.credential("A").state is CredentialState.NOT_NEEDED
    assert desk.snapshot.credential("A").secret is None


@pytest.mark.parametrize("how", ["its address", "its key entered again", "its address in the file"])
async def test_a_provider_that_is_changed_is_tried_again(make_desk, how):
    """A wrong address answers 401 as well, and a provider may refuse a good key for a minute."""
    desk = make_desk(keyring=keyring_with(A="sk-a-keyring", B="sk-b-keyring"))
    await desk.begin(TWO)
    desk.marks.credential_rejected("A", "invalid x-api-key")
    entry = next(one for one in desk.providers.entries() if one.name == "A")
    if how == "its key entered again":
        await desk.providers.edit("A", entry, Secret("sk-a-keyring"))
    elif how == "its address":
        await desk.providers.edit("A", replace(entry, base_url="https://gateway.example/v1"), None)
    else:
        text = desk.file.path.read_text("utf-8").replace('name = "A"', 'name = "A"\nbase_url = "https://a.example/v1"')
        desk.file.path.write_text(text, "utf-8")
        await desk.configuration.reload()
    assert desk.snapshot.credential("A").state is CredentialState.READY
    assert not desk.notice("key/A")


@pytest.mark.parametrize("state", [CredentialState.REJECTED, CredentialState.MISSING])
async def test_a_key_that_someone_else_changed_in_the_keyring_is_read_anew(make_desk, state):
    memory = keyring_with(A="sk-old") if state is CredentialState.REJECTED else keyring_with()
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    memory.entries["patchbay-test", vault_name("A")] = "sk-new"
    if state is CredentialState.REJECTED:
        desk.credentials.rejected("A", "invalid x-api-key")
    assert desk.snapshot.credential("A").state is state
    desk.credentials.retry()
    await desk.settle()
    known = desk.snapshot.credential("A")
    assert (known.state, known.secret) == (CredentialState.READY, Secret("sk-new"))
    assert desk.notice("key/A") == ""


async def test_a_rejected_key_that_is_still_the_same_or_gone_stays_rejected(make_desk):
    memory = keyring_with(A="sk-old")
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    desk.credentials.rejected("A", "invalid x-api-key")
    await desk.settle()
    memory.entries.clear()
    desk.credentials.retry()
    await desk.settle()
    known = desk.snapshot.credential("A")
    assert (known.state, known.secret) == (CredentialState.REJECTED, Secret("sk-old"))


def with_accounts(desk, *accounts, provider=0):
    """The configuration as loaded, with further accounts for one of its providers."""
    present = list(desk.snapshot.providers)
    present[provider] = replace(present[provider], accounts=accounts)
    desk.core.snapshots.configure(desk.snapshot.settings, tuple(present))


def account_keyring(*accounts, **keys):
    memory = keyring_with(**keys)
    for account in accounts:
        memory.entries["patchbay-test", vault_name("A", account)] = f"sk-a-{account}-0123456789"
    return memory


async def test_every_account_has_a_credential_of_its_own_read_after_the_own_keys(make_desk):
    desk = make_desk(keyring=account_keyring("work", A="sk-a", B="sk-b"), environment={"KEY_OF_HOME": "sk-home-012345"})
    asked = []
    get = desk.keyring.get_password
    desk.keyring.get_password = lambda service, username: asked.append(username) or get(service, username)
    await desk.begin(TWO)
    asked.clear()
    with_accounts(desk, Account("work"), Account("home", env_key="KEY_OF_HOME"), Account("none"))
    await desk.settle()
    found = {name: desk.snapshot.credential("A", name) for name in ("work", "home", "none")}
    assert (found["work"].secret, found["work"].source) == (Secret("sk-a-work-0123456789"), "system keyring")
    assert (found["home"].secret, found["home"].source) == (
        Secret("sk-home-012345"),
        "environment variable KEY_OF_HOME",
    )
    assert found["none"].state is CredentialState.MISSING
    assert asked == ["provider/A/account/work", "provider/A/account/none"]
    assert desk.snapshot.credential("A").secret == Secret("sk-a")


async def test_a_rejected_account_is_its_own_affair_and_its_notice_names_it(make_desk):
    desk = make_desk(keyring=account_keyring("work", "home", A="sk-a", B="sk-b"))
    await desk.begin(TWO)
    with_accounts(desk, Account("work"), Account("home"))
    await desk.settle()
    desk.marks.credential_rejected("A", "invalid x-api-key", "work")
    desk.marks.credential_rejected("A", "invalid x-api-key", "work")
    states = {name: desk.snapshot.credential("A", name).state for name in ("", "work", "home")}
    ready, rejected = CredentialState.READY, CredentialState.REJECTED
    assert states == {"": ready, "work": rejected, "home": ready}
    words = "A, account work: the provider rejected this key (system keyring): invalid x-api-key"
    assert desk.notice("key/A/work") == words
    assert not desk.notice("key/A")
    assert desk.marks.marks["A"].health is Health.DEGRADED
    desk.marks.provider_answered("A", "home")
    assert desk.snapshot.credential("A", "work").state is rejected
    desk.marks.provider_answered("A", "work")
    assert desk.snapshot.credential("A", "work").state is ready
    assert not desk.notice("key/A/work")


async def test_an_account_that_comes_clears_no_verdict_on_another_and_one_that_changes_clears_its_own(make_desk):
    desk = make_desk(keyring=account_keyring("work", "home", A="sk-a", B="sk-b"))
    await desk.begin(TWO)
    with_accounts(desk, Account("work"))
    await desk.settle()
    desk.marks.credential_rejected("A", "no", "work")
    desk.marks.credential_rejected("A", "no")
    with_accounts(desk, Account("work"), Account("home"))
    await desk.settle()
    assert {desk.snapshot.credential("A", name).state for name in ("", "work")} == {CredentialState.REJECTED}
    with_accounts(desk, Account("work", weight=2), Account("home"))
    assert desk.snapshot.credential("A", "work").state is CredentialState.READY
    assert desk.snapshot.credential("A").state is CredentialState.REJECTED


async def test_what_was_said_of_an_account_goes_with_it(make_desk):
    desk = make_desk(keyring=account_keyring("work", A="sk-a", B="sk-b"))
    await desk.begin(TWO)
    with_accounts(desk, Account("work"))
    await desk.settle()
    desk.marks.credential_rejected("A", "no", "work")
    assert desk.notice("key/A/work")
    with_accounts(desk)
    assert not desk.notice("key/A/work")


async def test_a_provider_without_an_own_key_but_with_a_ready_account_is_not_said_to_have_no_key(make_desk):
    desk = make_desk(keyring=account_keyring("work"))
    await desk.begin(TWO.replace('provider = "B"', 'provider = "A"'))
    assert desk.notice(MISSING).startswith("A has no key yet")
    with_accounts(desk, Account("work"))
    await desk.settle()
    assert desk.snapshot.credential("A").state is CredentialState.MISSING
    assert not desk.notice(MISSING)


async def test_a_locked_keyring_names_the_accounts_it_keeps(make_desk):
    memory = LockableKeyring()
    memory.entries = account_keyring("work", A="sk-a", B="sk-b").entries
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    with_accounts(desk, Account("work"))
    await desk.settle()
    assert desk.snapshot.credential("A", "work").state is CredentialState.LOCKED
    assert "B, A, A, account work" in desk.notice(KEYRING)
    memory.locked = False
    await desk.providers.unlock_keyring()
    assert desk.snapshot.credential("A", "work").state is CredentialState.READY


async def test_an_account_of_a_provider_that_asks_for_no_key_is_read_all_the_same(make_desk):
    desk = make_desk(keyring=keyring_with())
    desk.keyring.entries["patchbay-test", vault_name("L", "work")] = "sk-local-work"
    await desk.begin(LOCAL)
    with_accounts(desk, Account("work"))
    await desk.settle()
    known = desk.snapshot.credential("L", "work")
    assert (known.state, known.secret) == (CredentialState.NOT_NEEDED, Secret("sk-local-work"))


async def test_an_accounts_key_that_someone_else_changed_in_the_keyring_is_read_anew(make_desk):
    memory = account_keyring("work", A="sk-a", B="sk-b")
    desk = make_desk(keyring=memory)
    await desk.begin(TWO)
    with_accounts(desk, Account("work"))
    await desk.settle()
    desk.credentials.rejected("A", "no", "work")
    memory.entries["patchbay-test", vault_name("A", "work")] = "sk-new-0123456789"
    desk.credentials.retry()
    await desk.settle()
    assert desk.snapshot.credential("A", "work").secret == Secret("sk-new-0123456789")
