"""Logins from the address to the credential in use, against a login server on loopback and a browser that is played."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import keyring.errors
import pytest

from app.control import login as logins
from app.control.login import address, log_in, renewer
from app.control.slots import vault_name
from app.control.token_bundle import read_bundle
from app.domain.errors import ConfigError, ErrorKind, PatchbayError, VaultError
from app.domain.provider import Account, CredentialState, Grant, Login, LoginWay, Secret
from tests.fakes.keyrings import HangingKeyring, RaisingKeyring
from tests.fakes.oauth import login_server

CONFIG = '[[provider]]\nname = "Router"\nvendor = "openrouter"\n'
OWN = """
[[provider]]
name = "Own"
vendor = "openai"

[provider.login]
authorize_url = "URL/authorize"
token_url = "URL/token"
client_id = "patchbay"
scopes = ["models"]
"""


@pytest.fixture
async def server():
    async with login_server() as made:
        yield made


class Browser:
    """Is given the address, and comes back as told."""

    def __init__(self, server):
        self.server, self.addresses, self.opened = server, [], asyncio.Event()

    def __call__(self, where):
        self.addresses.append(where)
        self.opened.set()

    async def come_back(self, **how):
        async with asyncio.timeout(10):
            await self.opened.wait()
        return await self.server.browse(self.addresses[-1], **how)


async def both(login, browser, **how):
    """A login, and a browser that comes back; the page that the person sees in the end."""
    async with asyncio.timeout(10):
        page = asyncio.get_running_loop().create_task(browser.come_back(**how), name="the browser")
        try:
            await login
        finally:
            shown = await page
    return shown


async def router(desk, server, grant=Grant.KEY):
    """A provider whose login leads to the server."""
    await desk.begin(CONFIG + OWN.replace("URL", server.url))
    changed = replace(desk.providers.provider("Router"), login=server.way(grant, "localhost"))
    desk.core.snapshots.configure(desk.snapshot.settings, (changed, *desk.snapshot.providers[1:]))
    return Browser(server)


def test_the_address_holds_the_challenge_and_never_the_verifier():
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # RFC 7636, appendix B
    way = LoginWay("https://h/authorize?tenant=1", "https://h/token", "me", ("a", "b"))
    made = address(way, "http://127.0.0.1:5/callback", "the-state", verifier)
    fields = dict(parse_qsl(urlsplit(made).query))
    assert made.startswith("https://h/authorize?tenant=1&response_type=code&")
    assert fields["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert (fields["code_challenge_method"], fields["state"], fields["scope"]) == ("S256", "the-state", "a b")
    assert verifier.value not in made


def test_openrouter_gets_the_state_back_in_the_address_that_it_returns_to():
    way = LoginWay("https://openrouter.ai/auth", "https://openrouter.ai/api/v1/auth/keys", grant=Grant.KEY)
    fields = dict(parse_qsl(urlsplit(address(way, "http://localhost:5/callback", "s", Secret("v"))).query))
    assert fields.keys() == {"callback_url", "code_challenge", "code_challenge_method"}
    assert fields["callback_url"] == "http://localhost:5/callback?state=s"


async def test_a_login_brings_an_own_key_that_serves_at_once(desk, server):
    browser = await router(desk, server)
    page = await both(desk.accounts.login("Router", opened=browser), browser)
    assert page[0] == 200
    assert "This window can be closed" in page[1]
    found = desk.snapshot.credential("Router")
    assert (found.state, found.secret) == (CredentialState.READY, Secret("sk-or-canary-1-0123456789"))
    assert desk.keyring.entries["patchbay-test", vault_name("Router")] == "sk-or-canary-1-0123456789"
    assert desk.leaked("canary") == []


async def test_a_login_for_an_account_that_is_not_there_yet_makes_it(desk, server):
    browser = await router(desk, server)
    await both(desk.accounts.login("Router", "work", opened=browser), browser)
    assert desk.providers.entries()[0].accounts == (Account("work", login=Login.OAUTH),)
    assert desk.snapshot.credential("Router", "work").state is CredentialState.READY
    assert 'login = "oauth"' in desk.text()


async def test_tokens_are_kept_as_one_secret_and_renewed_with_the_real_requests(desk, server, caplog):
    caplog.set_level(logging.DEBUG)
    browser = await router(desk, server)
    await both(desk.accounts.login("Own", "work", opened=browser), browser)
    assert desk.snapshot.credential("Own", "work").secret == Secret("access-canary-1-0123456789")
    kept = read_bundle(Secret(desk.keyring.entries["patchbay-test", vault_name("Own", "work")]))
    assert kept.refresh == Secret("refresh-canary-1-0123456789")
    assert kept.token_url == f"{server.url}/token"
    desk.tokens.may_renew, desk.tokens._ask = True, renewer(desk.clock)
    desk.clock.forward(3600)
    desk.tokens.tick()
    await desk.settle()
    assert desk.snapshot.credential("Own", "work").secret == Secret("access-canary-2-0123456789")
    server.script = "refused"
    desk.clock.forward(3600)
    desk.tokens.tick()
    await desk.settle()
    assert server.asked[-1]["refresh_token"] == "refresh-canary-2-0123456789"
    assert desk.snapshot.credential("Own", "work").state is CredentialState.REJECTED
    assert "Log in again." in desk.notice("key/Own/work")
    assert desk.leaked("canary") == []
    assert "canary" not in caplog.text + desk.notice("key/Own/work")


async def test_an_answer_with_another_state_is_told_so_and_the_login_goes_on(desk, server):
    browser = await router(desk, server)

    async def twice():
        strange = await browser.come_back(state="another")
        assert strange[0] == 400
        return await server.browse(browser.addresses[0])

    task = asyncio.get_running_loop().create_task(twice(), name="the browser")
    await desk.accounts.login("Router", opened=browser)
    assert (await task)[0] == 200
    assert len(server.asked) == 1


async def test_a_login_that_is_declined_changes_nothing(desk, server):
    browser = await router(desk, server)
    before = desk.text()
    with pytest.raises(PatchbayError, match="The login with Router was declined there") as caught:
        await both(desk.accounts.login("Router", "work", opened=browser), browser, declined=True)
    assert caught.value.kind is ErrorKind.CREDENTIAL_REJECTED
    assert (server.asked, desk.text(), desk.keyring.entries) == ([], before, {})


@pytest.mark.parametrize("script", ["refused", "wrong_json", "not_json", "no_token", "busy", "portal"])
async def test_an_exchange_that_fails_changes_nothing_and_tells_no_secret(desk, server, script):
    browser = await router(desk, server)
    before, server.script = desk.text(), script
    with pytest.raises(PatchbayError) as caught:
        await both(desk.accounts.login("Own", "work", opened=browser), browser)
    assert "canary" not in caught.value.message
    assert (desk.text(), desk.keyring.entries) == (before, {})


async def test_two_logins_at_once_are_kept_apart(desk, server):
    await router(desk, server)
    first, second = Browser(server), Browser(server)
    await asyncio.gather(
        both(desk.accounts.login("Router", "one", opened=first), first),
        both(desk.accounts.login("Router", "two", opened=second), second),
    )
    held = {name: desk.snapshot.credential("Router", name).secret.value for name in ("one", "two")}
    assert len(set(held.values())) == 2
    assert [one.name for one in desk.providers.entries()[0].accounts] in (["one", "two"], ["two", "one"])


async def test_a_browser_that_never_comes_back_has_a_deadline(desk, server):
    browser = await router(desk, server)
    provider = desk.providers.provider("Router")
    with pytest.raises(PatchbayError, match="was not finished within") as caught:
        await log_in(provider, provider.login, desk.clock, browser, timeout_s=0.05)
    assert caught.value.kind is ErrorKind.UPSTREAM_TIMEOUT
    assert logins.TIMEOUT_S == 300


async def test_a_login_can_be_given_up(desk, server):
    browser = await router(desk, server)
    task = asyncio.get_running_loop().create_task(desk.accounts.login("Router", opened=browser), name="the login")
    await browser.opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(OSError):
        await server.browse(browser.addresses[0])


async def test_a_login_that_no_keyring_takes_holds_until_the_end(make_desk, server):
    desk = make_desk(keyring=RaisingKeyring(keyring.errors.KeyringLocked("locked")))
    browser = await router(desk, server)
    with pytest.raises(VaultError, match="The login worked, but holds only until Patchbay ends"):
        await both(desk.accounts.login("Router", "work", opened=browser), browser)
    found = desk.snapshot.credential("Router", "work")
    assert (found.state, found.source) == (CredentialState.READY, "this session only")


async def test_a_keyring_that_hangs_leaves_the_login_in_memory(make_desk, server, monkeypatch):
    desk, browser = make_desk(keyring=HangingKeyring()), Browser(server)
    desk.file.path.write_text(OWN.replace("URL", server.url), "utf-8")
    await desk.configuration.load()
    put = desk.vault.put
    monkeypatch.setattr(desk.vault, "put", lambda name, secret: put(name, secret, timeout_s=0.05))
    with pytest.raises(VaultError, match="did not answer"):
        await both(desk.accounts.login("Own", "work", opened=browser), browser)
    found = desk.snapshot.credential("Own", "work")
    assert (found.state, found.source) == (CredentialState.READY, "login, this session only")
    desk.keyring.release.set()


async def test_what_cannot_work_is_said_before_anyone_is_sent_to_a_browser(make_desk, server):
    desk = make_desk(environment={"OPENROUTER_API_KEY": "sk-or-env-0123456789"})
    browser = await router(desk, server)
    with pytest.raises(ConfigError, match="environment variable OPENROUTER_API_KEY, which always wins"):
        await desk.accounts.login("Router", opened=browser)
    with pytest.raises(ConfigError, match="without /"):
        await desk.accounts.login("Router", "a/b", opened=browser)
    with pytest.raises(ConfigError, match="there is no provider 'Gone'"):
        await desk.accounts.login("Gone", opened=browser)
    assert browser.addresses == []
