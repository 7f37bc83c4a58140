"""Whatever a client sends: the answer is a request that every upstream takes, or an error that says what is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.dialects.openai_responses.hosted_read import HOSTED
from app.dialects.openai_responses.sealed import seal_reasoning, seal_summary
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Thinking
from app.vendors import profiles

_KINDS = st.sampled_from(
    [
        *("message", "reasoning", "function_call", "custom_tool_call", "function_call_output"),
        *("custom_tool_call_output", "tool_search_call", "tool_search_output", "additional_tools", "web_search_call"),
        *("compaction", "compaction_trigger", "configuration_update", "item_reference", "new", *sorted(HOSTED)),
        *("function", "custom", "namespace", "web_search", "tool_search", "input_text", "input_image", "input_file"),
    ]
)
_NAMES = st.sampled_from(
    [
        *(
            "type",
            "role",
            "content",
            "text",
            "name",
            "id",
            "call_id",
            "arguments",
            "input",
            "output",
            "tools",
            "status",
        ),
        *("image_url", "file_data", "summary", "encrypted_content", "namespace", "action", "execution", "format"),
        *("parameters", "reasoning", "effort", "query", "queries", "mode", "filters", "user_location", "schema"),
    ]
)
_ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        _KINDS,
        st.sampled_from(["", "user", "assistant", "system", "developer", "auto", "client", "grammar", "json_schema"]),
        st.sampled_from(["data:image/png;base64,AA", "data:text/plain;base64,!", "https://e.x", "{", '{"a":1}']),
        st.sampled_from([seal_reasoning(Thinking("t", "s"), "k", "m"), seal_summary("s"), "pxy1.", "gAAA"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
_TOOL = st.one_of(
    _ANYTHING,
    st.builds(lambda name: {"type": "function", "name": name, "parameters": {}}, st.sampled_from("fg")),
    st.builds(lambda inner: {"type": "namespace", "name": "n", "tools": inner}, st.lists(_ANYTHING, max_size=2)),
)
_ITEM = st.one_of(
    _ANYTHING,
    st.fixed_dictionaries(
        {"type": _KINDS}, optional=dict.fromkeys(("content", "output", "summary", "tools"), _ANYTHING)
    ),
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["user", "assistant", "system", "developer"]),
        st.one_of(st.sampled_from(["", "a"]), st.just([{"type": "input_text", "text": "b"}])),
    ),
    st.builds(
        lambda call, kind: {"type": kind, "call_id": call, "name": "f", "arguments": "{}", "output": "o"},
        st.sampled_from("ab"),
        st.sampled_from(["function_call", "function_call_output", "custom_tool_call"]),
    ),
)
_REQUEST = st.fixed_dictionaries(
    {"model": st.just("m"), "input": st.one_of(st.lists(_ITEM, max_size=6), _ANYTHING)},
    optional={
        "tools": st.one_of(st.lists(_TOOL, max_size=3), _ANYTHING),
        **dict.fromkeys(("tool_choice", "text", "reasoning", "include", "instructions", "temperature"), _ANYTHING),
    },
)


def assert_named(error):
    assert error.kind in {ErrorKind.INVALID_REQUEST, ErrorKind.UNSUPPORTED}
    assert error.param


@given(_REQUEST, st.sampled_from([profiles.ANTHROPIC, profiles.OPENAI, profiles.DEEPSEEK, profiles.GENERIC]))
def test_any_request_is_read_and_written_or_refused_by_name(body, profile):
    for read in (OPENAI_RESPONSES.read_request, OPENAI_RESPONSES.read_compact_request):
        try:
            request = read(json.dumps(body).encode())
        except PatchbayError as error:
            assert_named(error)
            continue
        upstream = ANTHROPIC_MESSAGES if profile is profiles.ANTHROPIC else OPENAI_CHAT
        try:
            written = upstream.write_request(request, "sent", profile)
        except PatchbayError as error:
            assert_named(error)
        else:
            json.loads(written.body)


@given(_REQUEST)
def test_any_body_is_cut_into_pieces_that_make_it_whole(body):
    data = json.dumps(body).encode()
    pieces = OPENAI_RESPONSES.split(data)
    assert b"".join(pieces) == data
    for piece in pieces:
        OPENAI_RESPONSES.prompt_texts(piece)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"input":"q"}', b'{"model":null}', b"\xff", b"[" * 200])
def test_what_is_no_request_at_all(body):
    with pytest.raises(PatchbayError) as raised:
        OPENAI_RESPONSES.read_request(body)
    assert raised.value.kind is ErrorKind.INVALID_REQUEST
