"""Whatever is asked: it is a request that the vendor takes, its items in a lawful order, or refused by name."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.dialects import signatures
from app.dialects.openai_responses.request_write import write_request
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import (
    Document,
    Foreign,
    Format,
    FormatKind,
    Image,
    Message,
    Reasoning,
    Request,
    Role,
    Search,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolChoiceMode,
    ToolResult,
)
from app.vendors import profiles
from tests.dialects.openai_responses.written import MODEL, assert_typed

SEALED = signatures.wrap("openai", MODEL, b'{"id":"rs_1","encrypted_content":"E"}')
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
IDS = st.sampled_from(["a", "b", "toolu:1", "x" * 80])
NAMES = st.sampled_from(["f", "g", "patch", "web_search", "with a space", "n" * 90])
SAID = st.one_of(
    st.builds(Text, WORDS),
    st.just(Image("image/png", "AA")),
    st.just(Image(url="https://e.x/a.png")),
    st.just(Document("application/pdf", "QQ")),
    st.builds(lambda text: Document(text=text), WORDS),
    st.just(Document(url="https://e.x/a.pdf")),
    st.builds(lambda text: Foreign("other", "block", b"{}", text), WORDS),
)
ANSWERED = st.one_of(
    SAID,
    st.builds(Thinking, WORDS, st.sampled_from(["", "foreign", SEALED, signatures.wrap("other", "m")])),
    st.builds(ToolCall, IDS, NAMES, st.sampled_from(["", "{}", '{"input":"x"}', "not json"])),
    st.just(Search("s", "q")),
)
RESULT = st.builds(ToolResult, IDS, st.lists(SAID, max_size=2).map(tuple), st.booleans())
MESSAGE = st.one_of(
    st.builds(Message, st.just(Role.USER), st.lists(st.one_of(SAID, RESULT), max_size=3).map(tuple)),
    st.builds(Message, st.just(Role.ASSISTANT), st.lists(ANSWERED, max_size=4).map(tuple)),
    st.builds(Message, st.just(Role.SYSTEM), st.lists(st.builds(Text, WORDS), max_size=2).map(tuple)),
)
TOOL = st.one_of(
    st.builds(Tool, NAMES, WORDS, st.sampled_from([b"", b"{}", b'{"type":"object"}', b"[", b'{"anyOf":[]}'])),
    st.builds(lambda name: Tool(name, custom=True), NAMES),
    st.just(Tool("web_search", kind="web_search", json=b"{}")),
    st.just(Tool("fetch", kind="web_fetch_20250910")),
    st.just(Tool("run", kind="code_execution_20250825")),
)
REQUEST = st.builds(
    Request,
    st.just("asked"),
    st.lists(MESSAGE, max_size=5).map(tuple),
    system=st.lists(st.builds(Text, WORDS), max_size=2).map(tuple),
    tools=st.lists(TOOL, max_size=3).map(tuple),
    tool_choice=st.one_of(st.none(), st.builds(ToolChoice, st.sampled_from(ToolChoiceMode), NAMES)),
    parallel_tool_calls=st.sampled_from([None, False, True]),
    max_tokens=st.sampled_from([None, 0, 1, 5000]),
    temperature=st.sampled_from([None, 0.5]),
    stop=st.sampled_from([(), ("", "Z")]),
    reasoning=st.builds(
        Reasoning,
        enabled=st.sampled_from([None, False, True]),
        effort=st.sampled_from(["", "minimal", "max", "odd"]),
        show=st.booleans(),
    ),
    format=st.sampled_from([None, Format(FormatKind.JSON_OBJECT), Format(FormatKind.JSON_SCHEMA, b"{}", "a name")]),
    user_id=WORDS,
    session_id=WORDS,
    service_tier=st.sampled_from(["", "auto", "priority"]),
    stream=st.booleans(),
)


PROFILES = [profile for profile in profiles.PROFILES if profile.kind not in {"anthropic", "gemini"}]


@given(REQUEST, st.sampled_from(PROFILES))
def test_any_request_is_written_or_refused_by_name(request, profile):
    try:
        written = write_request(request, MODEL, profile)
    except PatchbayError as refusal:
        error = refusal
    else:
        error = None
        assert write_request(request, MODEL, profile) == written
        sent = json.loads(written.body)
        assert_ordered(sent.get("input", []))
        if profile.kind in {"openai", "azure"}:
            assert_typed(sent)
    if error is not None:
        assert error.kind in {ErrorKind.UNSUPPORTED, ErrorKind.INVALID_REQUEST}
        assert error.param


def assert_ordered(items: list[dict[str, Any]]) -> None:
    """What the API demands of items: every call answered at once and in its kind, reasoning before what it led to."""
    asked: list[tuple[str, str]] = []
    before = ""
    for item in items:
        kind = item["type"]
        assert before != "reasoning" or kind in {"reasoning", "message", "function_call", "custom_tool_call"}
        assert before != "reasoning" or item.get("role", "assistant") == "assistant"
        if kind.endswith("_output"):
            assert (kind.removesuffix("_output"), item["call_id"]) == asked.pop(0)
            assert item["output"]
        elif kind.endswith("_call"):
            if (kind, item["call_id"]) not in asked:
                asked.append((kind, item["call_id"]))
            assert len(item["call_id"]) <= 64
        elif kind == "message":
            assert item["content"]
            assert item["role"] == "assistant" or not asked
        before = kind
    assert not asked
    assert before != "reasoning"
