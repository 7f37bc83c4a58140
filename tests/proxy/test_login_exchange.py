"""The requests of a login, against a server that does what servers do."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Grant, Secret
from app.proxy import login_exchange
from app.proxy.login_exchange import exchange, renew
from app.vendors.resolve import resolve
from tests.fakes.oauth import login_server

PROVIDER = resolve(ProviderEntry("Router", vendor="openrouter"))
VERIFIER, CODE, REFRESH = Secret("verifier-canary-0123456789"), Secret("code-canary-0"), Secret("refresh-canary-0")
BACK = "http://127.0.0.1:1/callback"


@pytest.fixture
async def server():
    async with login_server() as made:
        digest = hashlib.sha256(VERIFIER.value.encode()).digest()
        made.challenges[CODE.value] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        yield made


async def test_a_code_becomes_a_key(server):
    granted = await exchange(PROVIDER, server.way(Grant.KEY), CODE, VERIFIER, BACK)
    assert (granted.access, granted.refresh) == (Secret("sk-or-canary-1-0123456789"), None)
    assert server.asked == [
        {"code": CODE.value, "code_verifier": VERIFIER.value, "code_challenge_method": "S256"},
    ]


async def test_a_code_becomes_tokens(server):
    granted = await exchange(PROVIDER, server.way(), CODE, VERIFIER, BACK)
    assert granted.access == Secret("access-canary-1-0123456789")
    assert granted.refresh == Secret("refresh-canary-1-0123456789")
    assert granted.expires_s == 3600
    assert server.asked[0] == {
        "grant_type": "authorization_code",
        "code": CODE.value,
        "redirect_uri": BACK,
        "client_id": "patchbay",
        "code_verifier": VERIFIER.value,
    }


@pytest.mark.parametrize(("life", "known"), [(None, 0), (0, 0), (-5, 0), (10**12, 0), (60, 60)])
async def test_a_life_that_cannot_be_is_an_unknown_one(server, life, known):
    server.expires_s = life
    assert (await exchange(PROVIDER, server.way(), CODE, VERIFIER, BACK)).expires_s == known


async def test_new_tokens_come_with_or_without_a_new_refresh_token(server):
    first = await renew(PROVIDER, f"{server.url}/token", "patchbay", REFRESH)
    assert first.refresh == Secret("refresh-canary-1-0123456789")
    server.rotate = False
    second = await renew(PROVIDER, f"{server.url}/token", "patchbay", REFRESH)
    assert (second.access, second.refresh) == (Secret("access-canary-2-0123456789"), REFRESH)
    assert server.asked[1] == {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH.value,
        "client_id": "patchbay",
    }


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("refused", ErrorKind.CREDENTIAL_REJECTED, "refused this login .400.: invalid_grant, no "),
        ("busy", ErrorKind.UPSTREAM_ERROR, "failed .503.: temporarily_unavailable"),
        ("portal", ErrorKind.UPSTREAM_ERROR, "failed .403.[.]"),
        ("wrong_json", ErrorKind.BAD_REPLY, "no JSON object"),
        ("not_json", ErrorKind.BAD_REPLY, "no JSON object"),
        ("no_token", ErrorKind.BAD_REPLY, "no access token"),
        ("other_kind", ErrorKind.BAD_REPLY, "not Bearer"),
    ],
)
async def test_what_goes_wrong_is_told_without_the_secrets_that_were_sent(server, script, kind, words):
    server.script = script
    with pytest.raises(PatchbayError, match=words) as caught:
        await exchange(PROVIDER, server.way(), CODE, VERIFIER, BACK)
    assert caught.value.kind is kind
    assert "canary" not in caught.value.message


async def test_a_server_that_does_not_answer_has_a_deadline(server, monkeypatch):
    monkeypatch.setattr(login_exchange, "TIMEOUT_S", 0.05)
    server.answering.clear()
    with pytest.raises(PatchbayError, match="did not answer within 0.05 s") as caught:
        await renew(PROVIDER, f"{server.url}/token", "patchbay", REFRESH)
    assert caught.value.kind is ErrorKind.UPSTREAM_TIMEOUT


async def test_tokens_never_travel_in_clear_text_to_another_machine():
    lax = replace(PROVIDER, allow_insecure=True, local=True)
    with pytest.raises(PatchbayError) as caught:
        await renew(lax, "http://192.0.2.1/token", "patchbay", REFRESH)
    assert caught.value.kind is ErrorKind.ADDRESS_REFUSED
