from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.usage import read_usage, write_usage
from app.domain.usage import NO_USAGE, Usage, UsageSource


def read(kind: str = "generic", **members: Any) -> Usage:
    found = read_usage(msgspec.convert(members, wire.UsageIn), kind)
    assert found is not None
    return found


def test_the_cached_part_leaves_the_prompt():
    details = {"cached_tokens": 60, "cache_write_tokens": 10}
    found = read(prompt_tokens=100, completion_tokens=9, total_tokens=109, prompt_tokens_details=details)
    assert (found.input_tokens, found.cache_read_tokens, found.cache_write_tokens) == (30, 60, 10)
    assert (found.prompt_tokens, found.output_tokens, found.source) == (100, 9, UsageSource.REPORTED)


@pytest.mark.parametrize(
    ("members", "read_tokens", "written_tokens"),
    [
        ({"prompt_cache_hit_tokens": 60, "prompt_cache_miss_tokens": 40}, 60, 0),
        ({"cache_read_input_tokens": 60, "cache_creation_input_tokens": 20}, 60, 20),
        ({"prompt_tokens_details": None}, 0, 0),
        ({"prompt_tokens_details": {"cached_tokens": None}}, 0, 0),
    ],
)
def test_every_vendors_name_for_the_cache(members, read_tokens, written_tokens):
    found = read(prompt_tokens=100, completion_tokens=1, **members)
    assert (found.cache_read_tokens, found.cache_write_5m_tokens) == (read_tokens, written_tokens)
    assert found.prompt_tokens == 100


def test_reasoning_is_a_part_of_the_output():
    details = {"reasoning_tokens": 4}
    found = read(prompt_tokens=1, completion_tokens=9, total_tokens=10, completion_tokens_details=details)
    assert (found.output_tokens, found.reasoning_tokens) == (9, 4)


def test_reasoning_beside_the_completion_is_added():
    details = {"reasoning_tokens": 4}
    found = read(prompt_tokens=1, completion_tokens=9, total_tokens=14, completion_tokens_details=details)
    assert (found.output_tokens, found.reasoning_tokens) == (13, 4)


@pytest.mark.parametrize(
    "members",
    [
        {"prompt_tokens": -1},
        {"completion_tokens": 2**60},
        {"prompt_tokens_details": {"cached_tokens": 200}},
        {"completion_tokens_details": {"reasoning_tokens": 50}},
    ],
)
def test_impossible_counts_are_seen(members):
    found = read(**({"prompt_tokens": 100, "completion_tokens": 9} | members))
    assert found.source is UsageSource.INVALID


@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(st.none(), st.integers(min_value=-(2**62), max_value=2**62))
            for name in ("prompt_tokens", "completion_tokens", "total_tokens")
        }
    ),
    st.one_of(st.none(), st.integers(min_value=-5, max_value=2**62)),
    st.one_of(st.none(), st.integers(min_value=-5, max_value=2**62)),
)
def test_counts_are_never_negative_and_always_disjoint(members, cached, reasoning):
    details = {
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
    found = read_usage(msgspec.convert(members | details, wire.UsageIn), "generic")
    if found is None:
        assert set(members.values()) == {None}
        return
    counts = (found.input_tokens, found.cache_read_tokens, found.cache_write_tokens, found.output_tokens)
    assert min(counts) >= 0
    assert 0 <= found.reasoning_tokens <= found.output_tokens


def test_an_object_without_counts_is_no_usage():
    assert read_usage(wire.UsageIn(), "generic") is None


def test_openrouters_cost_counts_at_openrouter_only():
    counts = {"prompt_tokens": 1, "completion_tokens": 1}
    assert read("openrouter", **counts, cost=0.00123).reported_cost_nusd == 1_230_000
    assert read("generic", **counts, cost=0.00123).reported_cost_nusd is None
    assert read("openrouter", **counts, cost=-1.0).reported_cost_nusd is None
    own_key = {"is_byok": True, "cost_details": {"upstream_inference_cost": 0.5}}
    assert read("openrouter", **counts, cost=0.25, **own_key).reported_cost_nusd == 750_000_000


def test_searches_are_counted():
    found = read(prompt_tokens=1, server_tool_use_details={"web_search_requests": 2})
    assert found.web_searches == 2
    assert read(prompt_tokens=1, server_tool_use={"web_search_requests": 3}).web_searches == 3


def test_the_clients_counts_include_the_cache():
    usage = Usage(
        input_tokens=10,
        cache_read_tokens=70,
        cache_write_5m_tokens=15,
        cache_write_1h_tokens=5,
        output_tokens=9,
        reasoning_tokens=4,
    )
    found = write_usage(usage)
    assert found is not None
    assert (found.prompt_tokens, found.completion_tokens, found.total_tokens) == (100, 9, 109)
    assert found.prompt_tokens_details == {"cached_tokens": 70, "cache_write_tokens": 20}
    assert found.completion_tokens_details == {"reasoning_tokens": 4}


def test_an_unknown_usage_is_not_written():
    assert write_usage(NO_USAGE) is None
