from __future__ import annotations

from dataclasses import replace

import pytest

from app.control.slots import vault_name
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Account, CredentialState, Secret
from tests.fakes.keyrings import MemoryKeyring, RaisingKeyring
from tests.fakes.upstream import upstream

CONFIG = """\
# mine
[[provider]]
name = "Router"
vendor = "openrouter"
env_key = "ROUTER_KEY"

# paid by the firm
[[provider.account]]
name = "work"

[[provider]]
name = "Other"
vendor = "openai"
"""
KEY, OTHER = Secret("sk-or-canary-0123456789"), Secret("sk-or-second-0123456789")


def kept(desk, account, provider="Router"):
    return desk.keyring.entries.get(("patchbay-test", vault_name(provider, account)))


def keyring_of(*accounts):
    memory = MemoryKeyring()
    for account in accounts:
        memory.entries["patchbay-test", vault_name("Router", account)] = f"sk-or-{account}-0123456789"
    return memory


async def test_an_added_account_is_stored_written_and_ready_at_once(desk):
    await desk.begin(CONFIG)
    await desk.accounts.add("Router", Account("home", priority=2, weight=3), KEY, keep="keyring")
    assert desk.providers.entries()[0].accounts == (Account("work"), Account("home", priority=2, weight=3))
    assert kept(desk, "home") == KEY.value
    found = desk.snapshot.credential("Router", "home")
    assert (found.state, found.secret, found.source) == (CredentialState.READY, KEY, "system keyring")
    assert desk.leaked("canary") == []
    assert desk.text().startswith("# mine\n")
    assert "# paid by the firm" in desk.text()


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Account(""), "is missing"),
        (Account("Work"), "is taken by another account of Router"),
        (Account("a/b"), "without /"),
        (Account("x" * 33), "at most 32"),
        (Account("a\nb"), "printable"),
    ],
)
async def test_a_name_that_cannot_be_changes_nothing(desk, account, words):
    await desk.begin(CONFIG)
    before = desk.text()
    with pytest.raises(ConfigError, match=words):
        await desk.accounts.add("Router", account, KEY)
    assert (desk.text(), desk.keyring.entries) == (before, {})


async def test_what_is_not_there_is_named(desk):
    await desk.begin(CONFIG)
    with pytest.raises(ConfigError, match="there is no provider 'Gone'"):
        await desk.accounts.add("Gone", Account("work"), KEY)
    for change in (desk.accounts.edit("Router", "gone", Account("x")), desk.accounts.remove("Router", "gone")):
        with pytest.raises(ConfigError, match="Router has no account 'gone'"):
            await change


async def test_a_key_that_cannot_be_kept_adds_nothing(make_desk):
    desk = make_desk(keyring=RaisingKeyring(OSError("no")))
    await desk.begin(CONFIG)
    before = desk.text()
    with pytest.raises(VaultError):
        await desk.accounts.add("Router", Account("home"), KEY)
    assert desk.text() == before
    await desk.accounts.add("Router", Account("home"), KEY, keep="session")
    assert desk.snapshot.credential("Router", "home").source == "this session only"


async def test_a_renamed_account_takes_its_key_along(make_desk):
    desk = make_desk(keyring=keyring_of("work"))
    await desk.begin(CONFIG)
    await desk.accounts.edit("Router", "work", Account("job", weight=4))
    assert (kept(desk, "work"), kept(desk, "job")) == (None, "sk-or-work-0123456789")
    assert desk.snapshot.credential("Router", "job").state is CredentialState.READY
    assert "# paid by the firm" in desk.text()


async def test_a_new_key_replaces_a_rejected_one(make_desk):
    desk = make_desk(keyring=keyring_of("work"))
    await desk.begin(CONFIG)
    desk.marks.credential_rejected("Router", "no credit", "work")
    await desk.accounts.edit("Router", "work", Account("work"), OTHER)
    assert (desk.snapshot.credential("Router", "work").secret, kept(desk, "work")) == (OTHER, OTHER.value)
    assert not desk.notice("key/Router/work")


async def test_a_removed_account_leaves_nothing(make_desk):
    desk = make_desk(keyring=keyring_of("work"))
    await desk.begin(CONFIG)
    desk.marks.credential_rejected("Router", "no credit", "work")
    await desk.accounts.remove("Router", "work")
    assert desk.keyring.entries == {}
    assert desk.providers.entries()[0].accounts == ()
    assert "Router\nwork" not in desk.snapshot.credentials
    assert not desk.notice("key/Router/work")


async def test_accounts_go_where_their_provider_goes(make_desk):
    desk = make_desk(keyring=keyring_of("work"))
    await desk.begin(CONFIG)
    await desk.accounts.add("Router", Account("home"), KEY, keep="session")
    await desk.providers.edit("Router", replace(desk.providers.entries()[0], name="Route 2"), None)
    assert list(desk.keyring.entries) == [("patchbay-test", vault_name("Route 2", "work"))]
    work, home = (desk.snapshot.credential("Route 2", name) for name in ("work", "home"))
    assert (work.state, work.source) == (CredentialState.READY, "system keyring")
    assert (home.secret, home.source) == (KEY, "this session only")
    await desk.providers.remove("Route 2")
    assert desk.keyring.entries == {}
    await desk.settle()
    assert not desk.vault.session_only(vault_name("Route 2", "home"))


async def test_an_account_that_an_edit_of_the_provider_drops_takes_its_key_along(make_desk):
    desk = make_desk(keyring=keyring_of("work"))
    await desk.begin(CONFIG)
    await desk.providers.edit("Router", replace(desk.providers.entries()[0], accounts=()), None)
    assert desk.keyring.entries == {}


async def test_each_account_is_tried_with_its_own_key(make_desk):
    desk = make_desk(keyring=keyring_of("work"))
    async with upstream() as local:
        compatible = f'vendor = "anthropic-compatible"\nbase_url = "{local.base_url}"'
        await desk.begin(CONFIG.replace('vendor = "openrouter"', compatible))
        assert (await desk.accounts.test("Router", "work")).ok
        assert (await desk.accounts.test("Router", "work", OTHER)).ok
        assert local.listed_for == ["sk-or-work-0123456789", OTHER.value]
    result = await desk.accounts.test("Router")
    assert (result.ok, result.message) == (False, "There is no key to test with; enter one.")


async def test_which_vendors_and_providers_offer_a_login(desk):
    await desk.begin(CONFIG)
    assert desk.accounts.logins("openrouter")
    assert not desk.accounts.logins("openai")
    assert not desk.accounts.logins("nobody")
    assert [desk.accounts.login_with(name) for name in ("Router", "Other", "Gone")] == ["OpenRouter", "", ""]
