from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from app.dialects.anthropic_messages.usage import Counts, write_usage
from app.domain.usage import MOST_TOKENS, NO_USAGE, Usage, UsageSource

FULL = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 20,
    "cache_read_input_tokens": 70,
    "cache_creation": {"ephemeral_5m_input_tokens": 15, "ephemeral_1h_input_tokens": 5},
    "output_tokens": 9,
    "output_tokens_details": {"thinking_tokens": 4},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
    "service_tier": "standard",
}


def counted(*values: Any) -> Usage:
    counts = Counts()
    for value in values:
        counts.see(Raw(json.dumps(value).encode()))
    return counts.usage()


def test_every_count_finds_its_place() -> None:
    assert counted(FULL) == Usage(10, 70, 15, 5, 9, 4, 2)


def test_what_is_written_reads_as_the_same() -> None:
    assert counted(write_usage(counted(FULL))) == counted(FULL)


def test_later_counts_replace_where_they_say_something() -> None:
    assert counted(FULL, {"output_tokens": 50, "input_tokens": None}) == Usage(10, 70, 15, 5, 50, 4, 2)


def test_writes_without_a_split_are_short_lived() -> None:
    assert counted({"cache_creation_input_tokens": 8}).cache_write_5m_tokens == 8


def test_a_split_larger_than_the_whole_gives_way() -> None:
    usage = counted({"cache_creation_input_tokens": 8, "cache_creation": {"ephemeral_1h_input_tokens": 50}})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (0, 8)


def test_thinking_is_a_part_of_the_output() -> None:
    assert counted({"output_tokens": 5, "output_tokens_details": {"thinking_tokens": 9}}).reasoning_tokens == 5


@pytest.mark.parametrize("nothing", [None, {}, {"input_tokens": None}, {"service_tier": "standard"}])
def test_nothing_said_is_nothing_known(nothing: Any) -> None:
    assert counted(nothing) == NO_USAGE
    counts = Counts()
    counts.see(Raw())
    assert counts.usage() == NO_USAGE


@given(
    st.dictionaries(
        st.sampled_from(sorted(FULL)),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
        | st.lists(st.integers()),
        max_size=5,
    )
)
def test_whatever_comes_the_counts_are_sound(value: dict[str, Any]) -> None:
    usage = counted(value)
    assert 0 <= usage.output_tokens <= MOST_TOKENS
    assert usage.prompt_tokens >= 0
    sound = all(
        one is None or (isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= MOST_TOKENS)
        for name, one in value.items()
        if name.endswith("tokens")
    )
    assert sound or usage.source is UsageSource.INVALID or any(isinstance(one, float) for one in value.values())
