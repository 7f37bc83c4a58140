"""Everything that a person can get wrong, and the exact error that each dialect's client sees."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.domain.exchange import State
from app.domain.provider import CredentialState
from tests.fakes.rig import KEY, QUICK, error_type, snapshot
from tests.fakes.scripted import cut, whole
from tests.fakes.wires import ANTHROPIC

NOT_OURS = "This is not a key of this Patchbay: run `patchbay env` or copy the settings from its tray menu."
NO_KEY = "Send your Patchbay key: run `patchbay env` or copy the settings from its tray menu."
ADD = "Add it in Patchbay under Providers."


def by_dialect(wire, anthropic, chat):
    return anthropic if wire is ANTHROPIC else chat


async def refused(rig, wire, reply, status, types, message, *, retry="false"):
    assert reply.status == status, reply.body
    assert error_type(wire, reply) == by_dialect(wire, *types)
    assert reply.json()["error"]["message"] == message
    assert reply.get("x-should-retry") == retry


async def failed_row(rig, kind):
    row = await rig.row()
    assert (row.state, row.error_kind) == (State.FAILED, kind)
    assert row.client_status == int(row.sides.client_reply.line[:3])
    assert row.sides.client_reply.body
    assert row.sides.client_request.body
    return row


async def test_no_key(rig, wire):
    reply = await rig.ask(wire.path, wire.request(), *wire.headers, key=None)
    await refused(rig, wire, reply, 401, ("authentication_error", "invalid_request_error"), NO_KEY)
    assert rig.no_row()


async def test_a_wrong_key(rig, wire):
    reply = await rig.ask(wire.path, wire.request(), *wire.headers, key="pb_other")
    await refused(rig, wire, reply, 401, ("authentication_error", "invalid_request_error"), NOT_OURS)
    assert rig.no_row()


async def test_an_empty_model(rig, wire):
    reply = await rig.chat(wire, wire.request(""))
    assert reply.status in (400, 404)
    assert reply.json()["error"]["message"].startswith("model: ")


async def test_a_model_that_the_provider_does_not_have(rig, wire):
    rig.configure(wire)
    body = wire.error("model: nope does not exist", "not_found_error")
    rig.upstream.script = whole(body, status=404)
    reply = await rig.chat(wire, wire.request("Up:nope"))
    assert (reply.status, reply.body) == (404, body)
    assert json.loads(rig.upstream.seen[0].body)["model"] == "nope"
    await failed_row(rig, "upstream_not_found")


async def test_no_provider(rig, wire):
    rig.snapshot = snapshot()
    reply = await rig.chat(wire)
    message = "Patchbay has no provider yet. Add one in its window under Providers."
    await refused(rig, wire, reply, 503, ("api_error", "server_error"), message)
    row = await failed_row(rig, "no_provider")
    assert rig.recorder.starts[0].provider == ""
    assert rig.recorder.starts[0].requested_model == "the-model"
    assert row.attempts == ()


async def test_broken_json(rig, wire):
    reply = await rig.chat(wire, b'{"model": "the-model", "messages": [')
    assert reply.status == 400
    assert error_type(wire, reply) == "invalid_request_error"
    assert "not valid JSON" in reply.json()["error"]["message"]
    assert "byte" in reply.json()["error"]["message"]
    assert rig.no_row()


async def test_33_mib(rig, wire):
    rig.configure(wire, limits=replace(QUICK, max_body_bytes=32 * 1024 * 1024))
    async with await rig.connect() as client:
        headers = (f"x-api-key: {KEY}", "Content-Type: application/json", f"Content-Length: {33 * 1024 * 1024}")
        await client.request(wire.path, b"", *headers, *wire.headers)
        reply = await client.reply()
    types = ("request_too_large", "invalid_request_error")
    await refused(rig, wire, reply, 413, types, "The body is larger than 32 MiB.")


STATES = {
    CredentialState.MISSING: f"Provider Up has no key yet. {ADD}",
    CredentialState.LOCKED: "The system keyring that holds the key of provider Up is locked. Unlock it.",
    CredentialState.UNAVAILABLE: f"The system keyring with the key of provider Up cannot be read. {ADD}",
    CredentialState.REJECTED: "Provider Up rejected its key. Enter a valid one in Patchbay under Providers.",
}


@pytest.mark.parametrize("state", STATES)
async def test_a_credential_that_is_not_there(rig, wire, state):
    rig.configure(wire)
    rig.credential(state)
    reply = await rig.chat(wire)
    await refused(rig, wire, reply, 503, ("api_error", "server_error"), STATES[state])
    await failed_row(rig, "credential_unavailable")
    assert rig.upstream.lines == []


async def test_the_variable_that_would_hold_the_key_is_named(rig, wire):
    rig.configure(wire, env_key="UP_API_KEY")
    rig.credential(CredentialState.MISSING)
    message = (await rig.chat(wire)).json()["error"]["message"]
    assert message == "Provider Up has no key yet. Add it in Patchbay under Providers, or set UP_API_KEY."


async def test_paused(rig, wire):
    rig.configure(wire)
    rig.snapshot = replace(rig.snapshot, paused=True)
    reply = await rig.chat(wire)
    message = "Patchbay is paused. Choose Resume in its tray menu."
    await refused(rig, wire, reply, 503, ("api_error", "server_error"), message)
    await failed_row(rig, "paused")
    assert rig.upstream.lines == []


async def test_the_provider_is_down(rig, pair):
    client, upstream = pair
    rig.configure(upstream, replace(QUICK, attempts=3))
    await rig.upstream.stop()
    reply = await rig.chat(client)
    assert reply.status == 502
    assert error_type(client, reply) == by_dialect(client, "api_error", "server_error")
    message = reply.json()["error"]["message"]
    assert message.startswith("Provider Up: it cannot be reached")
    assert SECRET_FREE(message)
    row = await failed_row(rig, "upstream_unreachable")
    assert message.endswith("Patchbay tried 3 times: Up.")
    assert [(one.status, one.error) for one in row.attempts] == [(0, "upstream_unreachable")] * 3
    assert rig.told.failed == [("Up", "upstream_unreachable")] * 3
    await rig.upstream.start()


def SECRET_FREE(text):
    return "sk-" not in text and "pb_" not in text


async def test_the_provider_rejects_our_key(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(
        upstream.error("invalid x-api-key sk-upstream-secret-0123456789abcdef", "authentication_error"), status=401
    )
    reply = await rig.chat(client)
    assert reply.status == 502
    assert error_type(client, reply) == by_dialect(client, "api_error", "server_error")
    message = reply.json()["error"]["message"]
    assert message == (
        "Provider Up rejected the key that Patchbay holds for it (401): invalid x-api-key [secret]. "
        "Enter a valid one in Patchbay under Providers."
    )
    assert reply.get("x-patchbay-upstream-status") == "401"
    assert reply.get("x-should-retry") == "false"
    row = await rig.row()
    assert (row.state, row.error_kind, row.upstream_status) == (State.FAILED, "credential_rejected", 401)
    assert rig.told.rejected == ["Up"]


async def test_what_our_key_may_not_do_says_nothing_of_the_key_itself(rig, pair):
    """OpenAI answers 403 for one model that a project may not use; the other models go on working."""
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.error("No access to model m.", "permission_error"), status=403)
    reply = await rig.chat(client)
    assert reply.status == 502
    assert reply.json()["error"]["message"] == (
        "Provider Up does not allow this to the key that Patchbay holds for it (403): No access to model m. "
        "Choose another model, or ask the provider what the key may do."
    )
    assert reply.get("x-patchbay-upstream-status") == "403"
    assert reply.get("x-should-retry") == "false"
    row = await rig.row()
    assert (row.state, row.error_kind, row.upstream_status) == (State.FAILED, "credential_rejected", 403)
    assert rig.told.rejected == []
    assert rig.told.failed == [("Up", "credential_rejected")]
    assert rig.told.refused == []


@pytest.mark.parametrize(("status", "failed", "refused"), [(400, [], [("Up", 400)]), (402, [("Up", "billing")], [])])
async def test_an_error_is_told_as_an_answer(rig, pair, status, failed, refused):
    """Whoever answered with an error was used."""
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(upstream.error("nope", "invalid_request_error"), status=status)
    await rig.chat(client)
    assert (rig.told.failed, rig.told.refused, rig.told.answered) == (failed, refused, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(rig, pair, status):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = whole(b"", f"Location: {rig.upstream.url}/elsewhere", status=status)
    reply = await rig.chat(client)
    assert reply.status == 502
    assert error_type(client, reply) == by_dialect(client, "api_error", "server_error")
    message = f"Provider Up redirects ({status}), which Patchbay does not follow. Check its base URL."
    assert reply.json()["error"]["message"] == message
    assert "location" not in reply.names()
    assert len(rig.upstream.seen) == 1
    await failed_row(rig, "upstream_redirect_refused")


async def test_the_stream_is_cut(rig, pair):
    client, upstream = pair
    rig.configure(upstream)
    rig.upstream.script = cut(*upstream.events("Hel", "lo", ended=False), how="close")
    reply = await rig.chat(client, stream=True)
    assert reply.status == 200
    assert client.text_of(reply.body) == "Hello"
    assert not client.ended_well(reply.body)
    error = client.stream_error(reply.body)
    assert error["type"] == by_dialect(client, "api_error", "server_error")
    assert error["message"] == "Provider Up closed the connection before its answer was complete."
    row = await rig.row()
    assert (row.state, row.error_kind, row.client_status) == (State.FAILED, "upstream_stream_cut", 200)
    assert row.answer == "Hello"
