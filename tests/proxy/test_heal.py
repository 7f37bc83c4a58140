"""Repairs: what a provider complains of once is left out, once, and remembered."""

from __future__ import annotations

import json

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import MidSystem, Profile
from app.domain.request import Message, Request, Role, Text, Thinking
from app.proxy.heal import Memory, better_profile, without_thinking
from tests.fakes.rig import provider
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

PROFILE = Profile(effort=("low", "high"), user_field="user", mid_system=MidSystem.INLINE, top_k=True)
COMPLAINTS = {
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.": (
        "max_tokens_field",
        "max_completion_tokens",
    ),
    "Unsupported value: 'temperature' does not support 0.2 with this model.": ("sampling", "none"),
    "Unrecognized request argument supplied: parallel_tool_calls": ("parallel_tool_calls", False),
    "Unknown parameter: 'stream_options'.": ("stream_usage", False),
    "`stop` is not supported with this model": ("stop_max", 0),
    "Unsupported parameter: 'reasoning_effort'": ("effort", ()),
    "role 'system' is not supported on this model": ("mid_system", MidSystem.USER_REMINDER),
    "top_k: Extra inputs are not permitted": ("top_k", False),
}


def complaint(text, kind=ErrorKind.UPSTREAM_INVALID_REQUEST):
    return PatchbayError(kind, text)


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint_changes_one_thing(text):
    key, value = COMPLAINTS[text]
    better = better_profile(complaint(text), PROFILE)
    assert better is not None
    assert getattr(better, key) == value
    assert better_profile(complaint(text), better) is None or key == "max_tokens_field"


@pytest.mark.parametrize(
    "text",
    [
        "messages: roles must alternate",
        "Invalid value for temperature: 3",
        "stop sequences must be unique",
        "not supported",
    ],
)
def test_other_complaints_are_the_clients_affair(text):
    assert better_profile(complaint(text), PROFILE) is None


def test_only_a_bad_request_can_be_repaired():
    text = next(iter(COMPLAINTS))
    assert better_profile(complaint(text, ErrorKind.RATE_LIMITED), PROFILE) is None


def test_old_signatures_are_left_out():
    said = complaint("messages.1.content.0: Invalid `signature` in `thinking` block")
    thought = Message(Role.ASSISTANT, (Thinking("hm", "sig"), Text("so")))
    repaired = without_thinking(said, Request("m", (thought,)))
    assert repaired is not None
    assert repaired.messages[0].parts == (Text("so"),)
    assert without_thinking(said, repaired) is None
    assert without_thinking(complaint("other"), Request("m", (thought,))) is None


def test_experience_is_of_one_provider_and_model():
    memory, mine, other = Memory(), provider(CHAT, "http://a"), provider(CHAT, "http://b")
    memory.learn(mine, "m", PROFILE)
    assert memory.profile(mine, "m") is PROFILE
    assert memory.profile(mine, "n") is mine.profile
    assert memory.profile(other, "m") is other.profile


async def test_the_client_does_not_notice(rig):
    rig.configure(CHAT)

    async def script(line, seen):
        if b'"max_tokens"' in seen.body:
            text = next(iter(COMPLAINTS))
            await whole(CHAT.error(text), status=400)(line, seen)
        else:
            await whole(CHAT.whole("Hello"))(line, seen)

    rig.upstream.script = script
    for _ in range(2):
        reply = await rig.chat(ANTHROPIC)
        assert reply.status == 200
        assert b"Hello" in reply.body
    assert ["max_completion_tokens" in json.loads(one.body) for one in rig.upstream.seen] == [False, True, True]
    first, second = rig.recorder.ends
    assert [one.status for one in first.attempts] == [400, 200]
    assert [one.status for one in second.attempts] == [200]
    assert first.sides.upstream_reply.line == "200 OK"
    assert b"".join(first.sides.upstream_reply.body) == CHAT.whole("Hello")


async def test_a_provider_that_is_never_content_is_asked_a_few_times_only(rig):
    rig.configure(CHAT)
    texts = list(COMPLAINTS)
    count = 0

    async def script(line, seen):
        nonlocal count
        count += 1
        await whole(CHAT.error(texts[count % len(texts)]), status=400)(line, seen)

    rig.upstream.script = script
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 400
    assert count <= 4
    assert len((await rig.row()).attempts) == count


async def test_a_pass_through_repairs_nothing(rig):
    rig.configure(CHAT)
    body = CHAT.error(next(iter(COMPLAINTS)))
    rig.upstream.script = whole(body, status=400)
    reply = await rig.chat(CHAT)
    assert (reply.status, reply.body) == (400, body)
    assert len(rig.upstream.seen) == 1
