"""Trying a provider out, in words for the person who set it up."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import AuthStyle, Credential, CredentialState, Secret
from app.proxy.probe import check, list_models
from app.vendors.resolve import resolve
from tests.fakes.rig import SECRET, provider
from tests.fakes.scripted import Scripted, head, whole

READY = Credential(CredentialState.READY, Secret(SECRET), "test")
MODELS = b'{"object": "list", "data": [{"id": "one", "object": "model"}, {"id": "two"}]}'


@pytest.fixture
async def upstream() -> AsyncGenerator[Scripted]:
    made = await Scripted().start()
    yield made
    await made.stop()


async def test_the_models_are_listed_with_the_key(upstream, wire):
    upstream.script = whole(MODELS)
    one = provider(wire, upstream.url)
    assert await list_models(one, READY) == ("one", "two")
    seen = upstream.seen[0]
    assert seen.line.startswith("GET /v1/models")
    assert (seen.get("x-api-key") or seen.get("authorization") or "").endswith(SECRET)
    result = await check(one, READY)
    assert result.ok
    assert result.models == ("one", "two")
    assert "lists 2 models" in result.message
    assert upstream.open == 0 or len(upstream.lines) == 2


async def test_a_key_that_is_only_the_callers_is_not_sent(upstream, wire):
    upstream.script = whole(MODELS)
    await list_models(provider(wire, upstream.url, auth=AuthStyle.CLIENT), READY)
    assert SECRET not in str(upstream.seen[0].headers)


PROBLEMS = {
    401: ("does not accept this key: ", "authentication_error"),
    403: ("does not accept this key: ", "permission_error"),
    404: ("has no list of models at this address", "not_found_error"),
    429: ("answered with an error: ", "rate_limit_error"),
    500: ("answered with an error: ", "api_error"),
}


@pytest.mark.parametrize("status", PROBLEMS)
async def test_a_refusal_says_what_to_do(upstream, wire, status):
    words, kind = PROBLEMS[status]
    upstream.script = whole(wire.error(f"key {SECRET} is bad", kind), status=status)
    result = await check(provider(wire, upstream.url), READY)
    assert not result.ok
    assert result.message.startswith("Provider Up ")
    assert words in result.message
    assert SECRET not in result.message


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"data": 1}', b""])
async def test_what_is_no_list(upstream, wire, body):
    upstream.script = whole(body)
    with pytest.raises(PatchbayError) as caught:
        await list_models(provider(wire, upstream.url), READY)
    assert caught.value.kind is ErrorKind.BAD_REPLY


async def test_a_redirect_is_not_followed(upstream, wire):
    upstream.script = whole(b"", "Location: /elsewhere", status=302)
    with pytest.raises(PatchbayError) as caught:
        await list_models(provider(wire, upstream.url), READY)
    assert caught.value.kind is ErrorKind.REDIRECT_REFUSED
    assert len(upstream.seen) == 1


async def test_silence_has_a_limit(upstream, wire):
    upstream.script = lambda line, seen: line.stall()
    result = await check(provider(wire, upstream.url), READY, timeout_s=0.2)
    assert (result.ok, result.message) == (False, "Provider Up did not answer within 0.2 s.")


async def test_a_body_without_end_has_a_limit(upstream, wire):
    async def script(line, seen):
        await line.send(head(200, "application/json"))
        await line.stall()

    upstream.script = script
    assert not (await check(provider(wire, upstream.url), READY, timeout_s=0.2)).ok


async def test_nobody_there(wire):
    result = await check(provider(wire, "http://127.0.0.1:1"), READY)
    assert not result.ok
    assert result.message.startswith("Provider Up: it cannot be reached")


async def test_gemini_and_responses_are_tried_in_their_own_words(upstream):
    listed = {"name": "models/gemini-3.5-flash", "supportedGenerationMethods": ["generateContent"]}
    upstream.script = whole(json.dumps({"models": [listed]}).encode())
    gemini = resolve(ProviderEntry("G", vendor="gemini-compatible", base_url=upstream.url))
    assert await list_models(gemini, READY) == ("gemini-3.5-flash",)
    assert upstream.seen[0].line == "GET /v1beta/models?pageSize=1000 HTTP/1.1"
    assert upstream.seen[0].get("x-goog-api-key") == SECRET
    upstream.script = whole(MODELS)
    responses = resolve(ProviderEntry("R", vendor="openai-responses-compatible", base_url=f"{upstream.url}/v1"))
    assert await list_models(responses, READY) == ("one", "two")
    assert upstream.seen[1].line == "GET /v1/models HTTP/1.1"
    assert upstream.seen[1].get("authorization") == f"Bearer {SECRET}"
    refusal = b'{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}'
    upstream.script = whole(refusal, status=400)
    result = await check(gemini, READY)
    assert (result.ok, "API key not valid" in result.message) == (False, True)


async def test_anthropic_is_asked_for_more_than_its_first_page(upstream, wire):
    upstream.script = whole(MODELS)
    await list_models(provider(wire, upstream.url), READY)
    query = "?limit=1000" if wire.is_anthropic else ""
    assert upstream.seen[0].line == f"GET /v1/models{query} HTTP/1.1"
