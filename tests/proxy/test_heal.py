"""Repairs: what a provider complains of once is left out, once, and remembered."""

from __future__ import annotations

import json

import pytest

from app.dialects.base import Operation
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName, MidSystem, Profile
from app.domain.request import Message, Request, Role, Text, Thinking, ToolCall
from app.proxy.heal import (
    Memory,
    better_profile,
    refused_betas,
    signature_refused,
    wants_responses,
    with_sentinels,
    without_signatures,
    without_thinking,
)
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


RESPONSES_WORDS = (
    "Function tools with reasoning_effort are not supported for gpt-5.5 in /v1/chat/completions. "
    "Please use /v1/responses or set reasoning_effort to 'none'."
)


def test_openai_s_way_to_responses_is_understood_and_nothing_else():
    assert wants_responses(complaint(RESPONSES_WORDS))
    assert not wants_responses(complaint(RESPONSES_WORDS, ErrorKind.RATE_LIMITED))
    assert not wants_responses(complaint("Unsupported parameter: 'reasoning_effort'"))


@pytest.mark.parametrize(
    ("text", "sent", "refused"),
    [
        ("Unexpected value(s) `b` for the `anthropic-beta` header.", "a, b ,c", {"b"}),
        ("Unexpected value(s) `b`, `c` for the `anthropic-beta` header.", "a,b,c", {"b", "c"}),
        ("Unexpected value(s) `x` for the `anthropic-beta` header.", "a,b", set()),
        ("Unexpected value(s) `b` for the `accept` header.", "a,b", set()),
        ("anthropic-beta", "", set()),
    ],
)
def test_only_betas_that_were_sent_are_taken_out(text, sent, refused):
    assert refused_betas(complaint(text), sent) == refused
    assert refused_betas(complaint(text, ErrorKind.UPSTREAM_ERROR), sent) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Corrupted thought signature.",
        "Invalid thoughtSignature",
        "Function call is missing a thought_signature in functionCall parts.",
    ],
)
def test_gemini_s_complaints_about_signatures_are_understood(text):
    assert signature_refused(complaint(text))
    assert not signature_refused(complaint(text, ErrorKind.OVERLOADED))
    assert not signature_refused(complaint("Invalid signature in thinking block"))


def test_signatures_are_replaced_where_they_are_and_not_where_they_are_quoted():
    quoted = json.dumps({"text": '"thoughtSignature": "x"'})
    body = f'{{"a":[{{"thoughtSignature" : "abc+/="}},{{"thought_signature":""}},{quoted}]}}'.encode()
    value = json.loads(with_sentinels(body))
    sentinel = "skip_thought_signature_validator"
    assert value == {"a": [{"thoughtSignature": sentinel}, {"thought_signature": sentinel}, json.loads(quoted)]}
    bare = b'{"contents":[]}'
    assert with_sentinels(bare) is bare


def test_a_request_loses_its_signatures_once():
    call = ToolCall("1", "f", "{}", signature="s")
    asked = Request("m", (Message(Role.ASSISTANT, (Thinking("", "t"), Text("x"), call)),))
    bare = without_signatures(complaint("Corrupted thought signature."), asked)
    assert bare is not None
    assert bare.messages[0].parts == (Text("x"), ToolCall("1", "f", "{}"))
    assert without_signatures(complaint("Corrupted thought signature."), bare) is None
    assert without_signatures(complaint("other"), asked) is None


def test_what_was_found_out_belongs_to_one_provider_at_one_address():
    memory = Memory()
    here, there = provider(CHAT, "http://a"), provider(CHAT, "http://b")
    memory.close(here, Operation.CHAT)
    memory.take_responses(here, "m")
    memory.refuse_betas(here, frozenset({"x"}))
    memory.refuse_betas(here, frozenset({"y"}))
    assert memory.is_closed(here, Operation.CHAT)
    assert not memory.is_closed(here, Operation.COMPACT)
    assert memory.needs_responses(here, "m")
    assert not memory.needs_responses(here, "n")
    assert memory.refused_betas(here) == {"x", "y"}
    assert not memory.is_closed(there, Operation.CHAT)
    assert not memory.needs_responses(there, "m")
    assert memory.refused_betas(there) == frozenset()
    other = provider(CHAT, "http://a", dialect=DialectName.OPENAI_RESPONSES)
    assert not memory.is_closed(other, Operation.CHAT)
