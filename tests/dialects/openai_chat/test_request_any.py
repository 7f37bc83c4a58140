"""Whatever a client sends: the answer is a request, or an error that says what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.vendors import profiles

_NAMES = st.sampled_from(
    [
        *("type", "role", "content", "text", "name", "id", "arguments", "input", "function", "custom", "tool_calls"),
        *("image_url", "url", "file", "file_data", "reasoning_details", "signature", "cache_control", "parameters"),
    ]
)
_ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        st.sampled_from(
            ["", "user", "assistant", "tool", "system", "text", "image_url", "file", "function", "auto", "f"]
        ),
        st.sampled_from(["data:image/png;base64,AA", "data:text/plain;base64,!", "https://e.x", "{", '{"a":1}']),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
_CALL = st.fixed_dictionaries(
    {"id": st.sampled_from("ab"), "function": st.fixed_dictionaries({"name": st.just("f"), "arguments": _ANYTHING})}
)
_PART = st.one_of(
    _ANYTHING,
    st.builds(lambda text: {"type": "text", "text": text}, st.sampled_from(["", "a"])),
    st.just({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}),
)
_MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"])},
    optional={
        "content": st.one_of(st.sampled_from(["", "a"]), st.lists(_PART, max_size=3), _ANYTHING),
        "tool_calls": st.one_of(st.none(), st.lists(_CALL, max_size=2)),
        "tool_call_id": st.sampled_from("abc"),
        "name": st.just("f"),
        "reasoning_content": st.sampled_from(["", "hm"]),
    },
)
_REQUEST = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": st.lists(_MESSAGE, max_size=5)},
    optional=dict.fromkeys(
        ("tools", "tool_choice", "functions", "response_format", "reasoning", "stop", "temperature"), _ANYTHING
    ),
)


def assert_named(error: PatchbayError) -> None:
    assert error.kind in {ErrorKind.INVALID_REQUEST, ErrorKind.UNSUPPORTED}
    assert error.param


def read(body: Any) -> Any:
    try:
        return OPENAI_CHAT.read_request(json.dumps(body).encode())
    except PatchbayError as error:
        assert_named(error)
        return None


@given(_REQUEST, st.sampled_from(profiles.PROFILES))
def test_any_request_is_read_and_written_or_refused_by_name(body, profile):
    request = read(body)
    if request is None:
        return
    upstream = ANTHROPIC_MESSAGES if profile.kind == "anthropic" else OPENAI_CHAT
    try:
        written = upstream.write_request(request, "sent", profile)
    except PatchbayError as error:
        assert_named(error)
        return
    if upstream is OPENAI_CHAT:
        assert_accepted(json.loads(written.body)["messages"])


def assert_accepted(messages: list[dict[str, Any]]) -> None:
    """What chat upstreams demand of messages: every call answered at once, no answer without its call."""
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_calls.pop(0)
        else:
            assert not open_calls
        assert message["content"] or message.get("tool_calls")
        open_calls += dict.fromkeys(call["id"] for call in message.get("tool_calls", ()))
    assert not open_calls


@given(st.lists(_MESSAGE, max_size=6))
def test_strict_templates_get_strict_turns(messages):
    request = read({"model": "m", "messages": messages})
    if request is None:
        return
    try:
        written = OPENAI_CHAT.write_request(request, "sent", Profile(strict_alternation=True))
    except PatchbayError:
        return
    roles = [one["role"] for one in json.loads(written.body)["messages"]]
    for before, after in zip(["system", *roles], roles, strict=False):
        assert (before, after) not in {("system", "assistant"), ("user", "user"), ("assistant", "assistant")}
        assert (before, after) != ("tool", "user")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"model":"m"}', b'{"messages":[]}', b"\xff", b"[" * 200])
def test_what_is_no_request_at_all(body):
    with pytest.raises(PatchbayError) as raised:
        OPENAI_CHAT.read_request(body)
    assert raised.value.kind is ErrorKind.INVALID_REQUEST
