"""Logins that are renewed: before they expire, after a refusal, by one request at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import keyring.errors
import pytest

from app.control.slots import Slot, vault_name
from app.control.token_bundle import TokenBundle, read_bundle
from app.control.tokens import EARLY_S, SESSION_LOGIN, SETTLE_S
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Account, CredentialState, Login, Secret
from tests.fakes.clock import NOON_US
from tests.fakes.keyrings import MemoryKeyring

CONFIG = '[[provider]]\nname = "A"\nvendor = "openai"\n\n[[provider.account]]\nname = "work"\nlogin = "oauth"\n'
HOUR_US = 3_600_000_000
OLD = TokenBundle(
    Secret("access-old-0123456789"), Secret("refresh-old-0123456789"), NOON_US + HOUR_US, NOON_US, "https://h/token"
)
REFUSED = PatchbayError(ErrorKind.CREDENTIAL_REJECTED, "invalid_grant")
AWAY = PatchbayError(ErrorKind.UNREACHABLE, "nobody answers there")


def new(desk, number=1):
    now = desk.clock.now_us()
    access, refresh = Secret(f"access-{number}-0123456789"), Secret(f"refresh-{number}-0123456789")
    return replace(OLD, access=access, refresh=refresh, expires_us=now + HOUR_US, given_us=now)


class Broken(MemoryKeyring):
    broken = False

    def set_password(self, service, username, password):
        if self.broken:
            raise keyring.errors.PasswordSetError("no")
        super().set_password(service, username, password)


@pytest.fixture
async def desk(make_desk):
    memory = Broken()
    memory.entries["patchbay-test", vault_name("A", "work")] = OLD.secret().value
    memory.entries["patchbay-test", vault_name("A")] = "sk-own-0123456789"
    made = make_desk(keyring=memory)
    made.tokens.may_renew = True
    return await made.begin(CONFIG)


def known(desk):
    return desk.snapshot.credential("A", "work")


def kept(desk):
    return read_bundle(Secret(desk.keyring.entries["patchbay-test", vault_name("A", "work")]))


async def tick(desk, seconds=0):
    desk.clock.forward(seconds)
    desk.tokens.tick()
    await desk.settle()


async def test_the_access_token_is_what_is_sent_and_both_are_masked(desk):
    assert (known(desk).state, known(desk).secret) == (CredentialState.READY, OLD.access)
    assert known(desk).source == "login, kept in the system keyring"
    assert desk.vault.mask("access-old-0123456789 refresh-old-0123456789") == "[secret] [secret]"


async def test_tokens_are_renewed_before_they_expire_and_kept(desk):
    desk.renewed = new(desk)
    await tick(desk, 3600 - EARLY_S - 1)
    assert desk.renewals == []
    await tick(desk, 1)
    assert desk.renewals == [OLD]
    assert known(desk).secret == desk.renewed.access
    assert kept(desk) == desk.renewed


async def test_a_short_life_is_renewed_in_its_last_quarter(desk):
    short = replace(OLD, expires_us=NOON_US + 60_000_000)
    desk.tokens.hold(Slot(desk.snapshot.providers[0], desk.snapshot.providers[0].accounts[0]), short, SESSION_LOGIN)
    desk.renewed = new(desk)
    await tick(desk, 44)
    assert desk.renewals == []
    await tick(desk, 1)
    assert desk.renewals == [short]


async def test_one_renewal_at_a_time(desk):
    gate = asyncio.Event()
    renew = desk.tokens._ask

    async def slow(provider, bundle):
        await gate.wait()
        return await renew(provider, bundle)

    desk.tokens._ask = slow
    desk.clock.forward(3600)
    desk.renewed = new(desk)
    for _ in range(5):
        desk.tokens.tick()
        desk.credentials.rejected("A", "expired", "work")
        await asyncio.sleep(0)
    assert known(desk).state is CredentialState.WAITING
    gate.set()
    await desk.settle()
    assert desk.renewals == [OLD]
    assert known(desk).secret == desk.renewed.access


async def test_after_a_refusal_the_token_is_renewed_at_once_and_requests_wait_meanwhile(desk):
    desk.clock.forward(60)
    desk.renewed = new(desk)
    desk.marks.credential_rejected("A", "token expired", "work")
    assert known(desk).state is CredentialState.WAITING
    await desk.settle()
    assert (known(desk).state, known(desk).secret) == (CredentialState.READY, desk.renewed.access)
    assert not desk.notice("key/A/work")
    assert desk.marks.marks == {}


async def test_a_late_refusal_of_the_token_of_before_is_no_verdict_on_the_new_one(desk):
    desk.clock.forward(60)
    desk.renewed = new(desk)
    desk.marks.credential_rejected("A", "expired", "work")
    await desk.settle()
    desk.clock.forward(SETTLE_S - 1)
    desk.marks.credential_rejected("A", "expired", "work")
    assert known(desk).state is CredentialState.READY
    assert len(desk.renewals) == 1


async def test_new_tokens_that_are_refused_as_well_are_rejected(desk):
    desk.clock.forward(60)
    desk.renewed = new(desk)
    desk.marks.credential_rejected("A", "no credit", "work")
    await desk.settle()
    desk.clock.forward(SETTLE_S + 1)
    desk.marks.credential_rejected("A", "no credit", "work")
    assert known(desk).state is CredentialState.REJECTED
    assert desk.notice("key/A/work").endswith(
        "the provider rejected this key (login, kept in the system keyring): no credit"
    )
    await tick(desk, 1)
    assert known(desk).state is CredentialState.REJECTED


async def test_an_answer_in_between_lets_the_next_refusal_renew_again(desk):
    for number in (1, 2):
        desk.clock.forward(60)
        desk.renewed = new(desk, number)
        desk.marks.credential_rejected("A", "expired", "work")
        await desk.settle()
        desk.marks.provider_answered("A", "work")
    assert known(desk).secret == Secret("access-2-0123456789")


async def test_a_refused_renewal_asks_for_a_new_login_once_the_token_is_over(desk):
    desk.renewed = REFUSED
    await tick(desk, 3600 - EARLY_S)
    assert known(desk).state is CredentialState.READY
    assert desk.notice("key/A/work").endswith("It works until its present token expires. Log in again.")
    await tick(desk, EARLY_S)
    assert known(desk).state is CredentialState.REJECTED
    assert desk.notice("key/A/work") == "A, account work: its login has ended and was not renewed. Log in again."
    await tick(desk, 600)
    assert len(desk.renewals) == 1
    assert "0123456789" not in desk.notice("key/A/work")


async def test_a_refused_renewal_after_a_refused_token_is_rejected_at_once(desk):
    desk.clock.forward(60)
    desk.renewed = REFUSED
    desk.marks.credential_rejected("A", "expired", "work")
    await desk.settle()
    assert known(desk).state is CredentialState.REJECTED
    desk.credentials.retry()
    await desk.settle()
    assert known(desk).state is CredentialState.REJECTED
    assert len(desk.renewals) == 1


async def test_a_server_that_is_away_is_asked_again_ever_more_rarely(desk):
    desk.renewed = AWAY
    await tick(desk, 3600)
    assert known(desk).state is CredentialState.WAITING
    for seconds, asked in ((4, 1), (1, 2), (9, 2), (1, 3)):
        await tick(desk, seconds)
        assert len(desk.renewals) == asked
    desk.renewed = new(desk)
    await tick(desk, 20)
    assert known(desk).state is CredentialState.READY
    assert desk.core.notices.current == ()


async def test_a_keyring_that_does_not_take_the_new_tokens_is_tried_again(desk):
    desk.keyring.broken = True
    desk.clock.forward(3600)
    desk.renewed = new(desk)
    await tick(desk)
    assert known(desk).secret == desk.renewed.access
    assert "could not be kept, so it ends with Patchbay" in desk.notice("key/A/work/unsaved")
    desk.keyring.broken = False
    await tick(desk, 5)
    assert kept(desk) == desk.renewed
    assert not desk.notice("key/A/work/unsaved")
    assert len(desk.renewals) == 1


async def test_tokens_that_someone_else_renewed_are_taken_from_the_keyring(desk):
    desk.renewed = REFUSED
    await tick(desk, 3600)
    desk.keyring.entries["patchbay-test", vault_name("A", "work")] = new(desk, 7).secret().value
    desk.credentials.retry()
    await desk.settle()
    assert (known(desk).state, known(desk).secret) == (CredentialState.READY, Secret("access-7-0123456789"))


async def test_without_a_refresh_token_the_end_is_the_end(desk):
    slot = Slot(desk.snapshot.providers[0], desk.snapshot.providers[0].accounts[0])
    desk.credentials.took(slot.provider, replace(OLD, refresh=None).secret(), "system keyring", "work")
    await tick(desk, 3600)
    assert desk.renewals == []
    assert known(desk).state is CredentialState.REJECTED
    assert desk.notice("key/A/work").endswith("Log in again.")


async def test_a_new_login_ends_what_was_held_against_the_old_one(desk):
    desk.renewed = REFUSED
    await tick(desk, 3600)
    fresh = new(desk, 9)
    desk.credentials.took(desk.snapshot.providers[0], fresh.secret(), "system keyring", "work")
    assert (known(desk).state, known(desk).secret) == (CredentialState.READY, fresh.access)
    assert not desk.notice("key/A/work")
    await tick(desk, 1)
    assert known(desk).state is CredentialState.READY


async def test_a_command_of_the_terminal_uses_no_refresh_token_up(desk):
    desk.tokens.may_renew = False
    await tick(desk, 3600)
    assert desk.renewals == []
    assert known(desk).state is CredentialState.WAITING


@pytest.mark.parametrize("how", ["the program ends", "the account is renamed", "the provider is renamed"])
async def test_a_renewal_that_runs_is_waited_for_when(desk, how):
    desk.clock.forward(3600)
    desk.renewed = new(desk)
    gate = asyncio.Event()

    async def slow(provider, bundle):
        await gate.wait()
        return desk.renewed

    desk.tokens._ask = slow
    desk.tokens.tick()
    asyncio.get_running_loop().call_later(0.02, gate.set)
    provider, account = "A", "work"
    if how == "the program ends":
        await desk.tokens.settle()
    elif how == "the account is renamed":
        account = "job"
        await desk.accounts.edit("A", "work", Account("job", login=Login.OAUTH))
    else:
        provider = "B"
        await desk.providers.edit("A", replace(desk.providers.entries()[0], name="B"), None)
    found = desk.keyring.entries["patchbay-test", vault_name(provider, account)]
    assert read_bundle(Secret(found)) == desk.renewed
    assert desk.snapshot.credential(provider, account).secret == desk.renewed.access


async def test_the_end_does_not_wait_for_ever(desk):
    desk.clock.forward(3600)
    gate = asyncio.Event()

    async def never(provider, bundle):
        await gate.wait()
        raise AWAY

    desk.tokens._ask = never
    desk.tokens.tick()
    await desk.tokens.settle(0.02)
    gate.set()
    await desk.settle()


async def test_tokens_of_an_account_that_went_meanwhile_are_not_kept(desk):
    desk.renewed = new(desk)
    gate = asyncio.Event()

    async def slow(provider, bundle):
        await gate.wait()
        return desk.renewed

    desk.tokens._ask = slow
    desk.clock.forward(3600)
    desk.tokens.tick()
    await desk.accounts.remove("A", "work")
    gate.set()
    await desk.settle()
    assert ("patchbay-test", vault_name("A", "work")) not in desk.keyring.entries


async def test_a_key_of_the_environment_wins(make_desk):
    memory = MemoryKeyring()
    memory.entries["patchbay-test", vault_name("A", "work")] = OLD.secret().value
    desk = make_desk(keyring=memory, environment={"WORK": "sk-env-0123456789"})
    await desk.begin(CONFIG + 'env_key = "WORK"\n')
    assert known(desk).secret == Secret("sk-env-0123456789")
