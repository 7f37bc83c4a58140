"""Token counts: the provider's own, or an estimate that says that it is one."""

from __future__ import annotations

import pytest

from app.domain.exchange import State
from app.domain.usage import UsageSource
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

PATH = "/v1/messages/count_tokens"


async def count(rig):
    return await rig.ask(PATH, ANTHROPIC.request(), *ANTHROPIC.headers)


async def test_a_provider_that_counts_is_asked(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(b'{"input_tokens": 321}')
    reply = await count(rig)
    assert reply.body == b'{"input_tokens": 321}'
    assert reply.get("x-patchbay-estimate") is None
    assert rig.upstream.seen[0].line == f"POST {PATH} HTTP/1.1"
    assert rig.recorder.starts[0].operation == "count_tokens"
    assert (await rig.row()).usage.source is UsageSource.NONE


async def test_a_provider_of_another_dialect_is_not_bothered(rig):
    rig.configure(CHAT)
    reply = await count(rig)
    assert 5 < reply.json()["input_tokens"] < 100
    assert reply.get("x-patchbay-estimate") == "true"
    assert reply.get("request-id")
    assert rig.upstream.seen == []
    assert (await rig.row()).state is State.DONE


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (404, "text/plain", b"404 page not found"),
        (404, "application/json", b'{"detail":"Not Found"}'),
        (404, "application/json", b'{"error":{"message":"no such route","type":"not_found_error"}}'),
        (405, "application/json", b'{"detail":"Method Not Allowed"}'),
        (501, "text/html", b"<html>"),
    ],
)
async def test_a_provider_without_such_an_endpoint_costs_no_error(rig, status, media_type, body):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(body, status=status, media_type=media_type)
    reply = await count(rig)
    assert reply.status == 200
    assert reply.get("x-patchbay-estimate") == "true"
    row = await rig.row()
    assert (row.state, row.client_status, row.upstream_status) == (State.DONE, 200, status)
    assert [attempt.status for attempt in row.attempts] == [status]


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_any_other_refusal_goes_on(rig, status):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(ANTHROPIC.error("not now"), status=status)
    reply = await count(rig)
    assert (reply.status, reply.body) == (status, ANTHROPIC.error("not now"))
    assert (await rig.row()).state is State.FAILED


async def test_what_is_no_count_is_no_answer(rig):
    rig.configure(ANTHROPIC)
    rig.upstream.script = whole(b"<html>", media_type="text/html")
    reply = await count(rig)
    assert (reply.status, (await rig.row()).error_kind) == (502, "bad_upstream_reply")
