"""The key that a provider is asked with: the right one, waited for a while, and words where there is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Account, AuthStyle, Credential, CredentialState, Secret, credential_id
from app.domain.route import Target
from app.proxy import at_hand
from app.proxy.fleet.candidate import Candidate
from tests.fakes.rig import provider, snapshot
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

OWN = Account(env_key="UP_KEY")
UP = provider(CHAT, "http://x", env_key="UP_KEY")
NOBODY = SimpleNamespace(caller=SimpleNamespace(own=()))


async def test_a_keyring_that_answers_late_is_waited_for(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    rig.credential(CredentialState.WAITING)
    asked = asyncio.get_running_loop().create_task(rig.chat(wire), name="asked")
    await asyncio.sleep(0.1)
    assert not asked.done()
    assert rig.upstream.lines == []
    ready = Credential(CredentialState.READY, Secret("late-key"))
    rig.snapshot = replace(rig.snapshot, credentials=MappingProxyType({"Up": ready}))
    assert (await asked).status == 200
    assert "late-key" in str(rig.upstream.seen[0].headers)


async def test_but_not_for_ever(rig, monkeypatch):
    monkeypatch.setattr(at_hand, "_WAIT_S", 0.1)
    rig.configure(ANTHROPIC)
    rig.credential(CredentialState.WAITING)
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 503
    assert "has not answered yet" in reply.json()["error"]["message"]


async def test_a_provider_without_a_key(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    rig.credential(CredentialState.NOT_NEEDED)
    assert (await rig.chat(wire)).status == 200
    assert not {"authorization", "x-api-key"} & rig.upstream.seen[0].names()


def known(state, account=""):
    given = snapshot(UP)
    keys = {**given.credentials, credential_id("Up", account): Credential(state, Secret("k-" + account))}
    return replace(given, credentials=MappingProxyType(keys))


def asked(state, account):
    candidate = Candidate(Target(UP, "the-model"), account)
    return at_hand.at_hand(known(state, account.name), candidate, NOBODY)


@pytest.mark.parametrize("account", [OWN, Account("spare", env_key="SPARE_KEY")])
def test_each_account_has_its_own_key_and_its_own_words(account):
    for state in CredentialState:
        if state in (CredentialState.READY, CredentialState.NOT_NEEDED):
            assert asked(state, account).secret.value == f"k-{account.name}"
        elif state is CredentialState.WAITING:
            assert asked(state, account) is None
        else:
            with pytest.raises(PatchbayError) as caught:
                asked(state, account)
            assert caught.value.kind is ErrorKind.CREDENTIAL_UNAVAILABLE
            assert "provider Up" in caught.value.message or "Provider Up" in caught.value.message
            assert account.name in caught.value.message
            assert caught.value.should_retry is False
    with pytest.raises(PatchbayError, match=account.env_key):
        asked(CredentialState.MISSING, account)


def test_a_callers_own_key_is_theirs_to_bring():
    candidate = Candidate(Target(replace(UP, auth=AuthStyle.CLIENT), "the-model"), Account())
    brought = SimpleNamespace(caller=SimpleNamespace(own=(("Authorization", "Bearer theirs"),)))
    assert at_hand.at_hand(snapshot(UP), candidate, brought).secret.value == "theirs"
    with pytest.raises(PatchbayError) as caught:
        at_hand.at_hand(snapshot(UP), candidate, NOBODY)
    assert caught.value.kind is ErrorKind.CALLER_UNAUTHENTICATED
