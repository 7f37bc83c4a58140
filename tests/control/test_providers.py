from __future__ import annotations

from dataclasses import replace

import pytest

from app.control.slots import vault_name
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError, VaultError
from app.domain.provider import Credential, CredentialState, Secret
from tests.fakes import certificates
from tests.fakes.keyrings import RaisingKeyring
from tests.fakes.upstream import upstream

KEY = Secret("sk-canary-0123456789")
ROUTER = ProviderEntry("Router", vendor="openrouter", big_models=("a/b",))


async def test_adding_stores_the_key_writes_the_file_and_serves_at_once(desk):
    await desk.begin("# mine\n")
    await desk.providers.add(ROUTER, KEY, keep="keyring")
    assert desk.providers.provider("Router").base_url == "https://openrouter.ai/api/v1"
    assert desk.providers.entries()[0].big_models == ("a/b",)
    assert desk.snapshot.credential("Router").secret == KEY
    assert desk.keyring.entries["patchbay-test", vault_name("Router")] == KEY.value
    assert desk.text().startswith("# mine\n")
    assert desk.leaked("canary") == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (ProviderEntry("", vendor="openai"), "name: is missing"),
        (ProviderEntry("a:b", vendor="openai"), "colon"),
        (ProviderEntry("router", vendor="openai"), "taken"),
        (ProviderEntry("X", vendor="nobody"), "there is no vendor 'nobody'"),
        (ProviderEntry("X", vendor="openai-compatible"), "needs the address"),
        (ProviderEntry("X", vendor="openai", base_url="ftp://x"), "must begin with https"),
        (ProviderEntry("X", vendor="openai", ca_file="mine.pem"), "ca_file: must be the whole path"),
        (
            ProviderEntry("X", vendor="openai", ca_file="/nowhere/mine.pem"),
            "ca_file: mine.pem cannot be used: there is",
        ),
    ],
)
async def test_what_cannot_be_a_provider_changes_nothing(desk, entry, words):
    await desk.begin()
    await desk.providers.add(ROUTER, KEY)
    before, entries = desk.text(), dict(desk.keyring.entries)
    with pytest.raises(ConfigError, match=words):
        await desk.providers.add(entry, KEY)
    assert (desk.text(), desk.keyring.entries) == (before, entries)


async def test_an_authority_of_its_own_is_written_and_read_again(desk, tmp_path):
    file = str(certificates.make(tmp_path).authority)
    await desk.begin()
    await desk.providers.add(replace(ROUTER, ca_file=file), KEY)
    assert desk.providers.provider("Router").ca_file == file
    assert file in desk.text()


async def test_a_key_that_cannot_be_kept_changes_nothing(make_desk):
    desk = make_desk(keyring=RaisingKeyring(OSError("no")))
    await desk.begin()
    with pytest.raises(VaultError):
        await desk.providers.add(ROUTER, KEY)
    assert desk.providers.entries() == ()
    assert not desk.file.exists


async def test_a_file_that_cannot_be_written_adds_nothing(desk):
    await desk.begin()
    desk.failing = True
    with pytest.raises(ConfigError, match="No space left"):
        await desk.providers.add(ROUTER, KEY)
    assert desk.providers.entries() == ()


async def test_editing_keeps_the_key_and_what_the_form_does_not_know(desk):
    await desk.begin('[[provider]]\nname = "Router"\nvendor = "openrouter"\nweb_search = true # theirs\n')
    await desk.providers.edit("Router", ROUTER, KEY)
    await desk.providers.set_models("Router", ("x/y",), (), ("z/z",))
    assert "web_search = true # theirs" in desk.text()
    assert desk.providers.provider("Router").small_models == ("z/z",)
    assert desk.snapshot.credential("Router").secret == KEY
    with pytest.raises(ConfigError, match="no provider"):
        await desk.providers.edit("Nobody", ROUTER, None)
    with pytest.raises(ConfigError, match="no provider"):
        await desk.providers.set_models("Nobody", (), (), ())


@pytest.mark.parametrize("keep", ["keyring", "session"])
async def test_a_new_name_takes_the_key_and_the_active_place_along(desk, keep):
    await desk.begin('[config]\nprovider = "Router"\n[[provider]]\nname = "Other"\nvendor = "openai"\n')
    await desk.providers.add(ROUTER, KEY, keep=keep)
    await desk.routes.use("Router")
    await desk.providers.edit("Router", ProviderEntry("Main", vendor="openrouter"), None)
    assert desk.snapshot.active().name == "Main"
    assert desk.snapshot.credential("Main").secret == KEY
    assert desk.providers.provider("Router") is None
    assert 'provider = "Main"' in desk.text()
    stored = [name for _, name in desk.keyring.entries]
    assert stored == ([vault_name("Main")] if keep == "keyring" else [])


async def test_prices_follow_a_provider_to_its_new_name(desk):
    price = '[[price]]\nmodel = "x"\nprovider = "A"\ninput = 1\noutput = 2  # as agreed\n'
    await desk.begin(f'[[provider]]\nname = "A"\nvendor = "ollama"\n{price}')
    await desk.providers.edit("A", replace(desk.providers.entries()[0], name="B"), None)
    assert [one.provider for one in desk.configuration.config.prices] == ["B"]
    assert [one.provider for one in desk.file.load().prices] == ["B"]
    assert "# as agreed" in desk.text()
    assert "prices-lost" not in {one.id for one in desk.core.notices.current}


async def test_removing_the_only_one_lets_others_serve_again_and_tells_what_leads_nowhere(desk):
    two = "".join(f'[[provider]]\nname = "{name}"\nvendor = "ollama"\n' for name in ("A", "B"))
    await desk.begin(f'{two}[[route]]\nto = "Gone"\n[[pin]]\nname = "site"\nto = "B"\n')
    await desk.routes.use("B")
    await desk.routes.only(True)
    assert await desk.providers.remove("B") == ("pin site, to: there is no provider 'B'",)
    assert not desk.snapshot.routing.only
    assert "only" not in desk.text()


async def test_removing_takes_provider_and_key_away(desk):
    await desk.begin()
    await desk.providers.add(ROUTER, KEY)
    await desk.providers.remove("Router")
    assert desk.providers.entries() == ()
    assert desk.keyring.entries == {}
    assert "Router" not in desk.snapshot.credentials
    with pytest.raises(ConfigError, match="no provider"):
        await desk.providers.remove("Router")


async def test_a_key_that_will_not_go_is_said(make_desk):
    desk = make_desk()
    await desk.begin()
    await desk.providers.add(ROUTER, KEY)

    def refuse(service, username):
        raise OSError("no")

    desk.keyring.delete_password = refuse
    await desk.providers.remove("Router")
    assert "still in the system keyring" in desk.notice("key-left/Router")


async def test_a_test_without_any_key_asks_for_one(desk):
    await desk.begin()
    result = await desk.providers.test(ROUTER, None)
    assert not result.ok
    assert "enter one" in result.message


@pytest.mark.parametrize(
    ("state", "words"),
    [(CredentialState.LOCKED, "is locked; unlock it"), (CredentialState.UNAVAILABLE, "cannot be read; enter a key")],
)
async def test_a_test_without_a_keyring_says_that_it_is_the_keyring(desk, state, words):
    await desk.begin()
    await desk.providers.add(ROUTER, KEY, keep="keyring")
    desk.core.snapshots.credentials({"Router": Credential(state)})
    result = await desk.providers.test(ROUTER, None)
    assert not result.ok
    assert words in result.message


async def test_a_test_uses_the_key_just_entered(desk):
    await desk.begin()
    entry = ProviderEntry("Local", vendor="openai-compatible", base_url="http://127.0.0.1:9")
    result = await desk.providers.test(entry, KEY)
    assert not result.ok
    assert KEY.value not in result.message
    assert desk.snapshot.credential("Local").state is CredentialState.WAITING


async def test_a_test_that_works_lifts_what_was_said_of_the_key(desk):
    async with upstream() as local:
        entry = ProviderEntry("Local", vendor="anthropic-compatible", base_url=local.base_url)
        await desk.begin()
        await desk.providers.add(entry, KEY)
        desk.marks.credential_rejected("Local", "no")
        elsewhere = replace(entry, base_url=local.base_url.replace("127.0.0.1", "localhost"))
        assert (await desk.providers.test(elsewhere, None)).ok
        assert desk.snapshot.credential("Local").state is CredentialState.REJECTED
        assert (await desk.providers.test(entry, Secret("sk-another-0123456789"))).ok
        assert desk.snapshot.credential("Local").state is CredentialState.REJECTED
        found = []
        desk.providers.found_well = lambda *names: found.append(names)
        assert (await desk.providers.test(entry, None)).ok
        assert found == [(entry.name, "")]
        assert desk.snapshot.credential("Local").state is CredentialState.READY
        assert not desk.notice("key/Local")


def test_the_presets_begin_with_the_best_known(desk):
    assert [one.name for one in desk.providers.presets()][:2] == ["anthropic", "openai"]
