from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects import DIALECTS, partial
from app.dialects.base import BodyFacts

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
BODY = ("messages", "contents", "input", "tools", "functions", "system", "metadata", "client_metadata")
OPTIONS = ("thinking", "reasoning", "reasoning_effort", "max_tokens", "max_output_tokens", "generationConfig")
NAMES = (*BODY, *OPTIONS, "generateContentRequest", "web_search_options")


def test_one_wrong_member_hides_no_other():
    found = partial.members(b'{"a": 1, "b": "x", "c": [')
    assert found == {}
    found = partial.members(b'{"a": {"deep": [1]}, "b": "x"}')
    assert (partial.text(found["b"]), partial.text(found["a"]), partial.text(None)) == ("x", "", "")
    assert partial.most(found.get("c"), msgspec.Raw(b"null"), msgspec.Raw(b'"13"'), msgspec.Raw(b"12")) == 13
    assert partial.most(msgspec.Raw(b"-4"), msgspec.Raw(b"[]")) == 0
    assert partial.either(found, "c", "b", "a") == msgspec.Raw(b'"x"')
    assert partial.either(found, "c") == b""


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([{"role": "user", "content": " hello "}], "hello"),
        (
            [
                {"role": "system", "content": "s"},
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"text": "b"}]},
            ],
            "a\nb",
        ),
        (
            [{"role": "user", "content": "<system-reminder>x\ny</system-reminder>"}, {"role": "user", "content": "it"}],
            "it",
        ),
        ([{"role": "user", "content": "<system-reminder>never closed"}], ""),
        ([{"role": "user", "parts": [{"inlineData": {}}, {"text": "p"}]}], "p"),
        ([{"role": "user", "content": [{"type": "image"}]}, {"role": "user", "content": "after"}], "after"),
        ([{"role": 7}], ""),
        ("hello", ""),
        (None, ""),
    ],
)
def test_what_the_user_said_first(messages, said):
    assert partial.first_user_text(msgspec.Raw(json.dumps(messages).encode())) == said


def test_half_an_emoji_is_no_end():
    body = b'{"messages": [{"role": "user", "content": "cut \\ud83d"}], "max_tokens": 5}'
    found = partial.members(body)
    assert partial.first_user_text(found["messages"]).startswith("cut ")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
@given(body=st.one_of(st.binary(max_size=60), st.dictionaries(st.sampled_from(NAMES), ANYTHING)))
def test_facts_never_raise(dialect, body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert isinstance(dialect.facts(data), BodyFacts)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_a_body_that_is_cut_anywhere_says_little_and_raises_nothing(dialect):
    body = json.dumps({name: [{"role": "user", "content": [{"text": "\u2028x"}]}] for name in NAMES}).encode()
    for end in range(len(body)):
        dialect.facts(body[:end])
