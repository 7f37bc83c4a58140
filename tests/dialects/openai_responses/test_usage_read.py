from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.openai_responses import wire_answer as wire
from app.dialects.openai_responses.usage_read import read_usage
from app.domain.usage import Usage, UsageSource

ANY = st.one_of(st.none(), st.integers(min_value=-(2**62), max_value=2**62))


def read(kind: str = "openai", searches: int = 0, tools: Any = None, **usage: Any) -> Usage | None:
    return read_usage(msgspec.convert({"usage": usage, "tool_usage": tools}, wire.ResponseIn), kind, searches)


def test_what_was_cached_is_no_input():
    found = read(
        input_tokens=100, output_tokens=9, input_tokens_details={"cached_tokens": 60, "cache_write_tokens": 10}
    )
    assert found == Usage(30, 60, 10, output_tokens=9)


def test_reasoning_is_a_part_of_the_output():
    assert read(output_tokens=9, output_tokens_details={"reasoning_tokens": 4}) == Usage(
        0, output_tokens=9, reasoning_tokens=4
    )


@pytest.mark.parametrize("usage", [{}, {"input_tokens": None}, {"input_tokens_details": {"cached_tokens": 5}}])
def test_an_object_without_counts_is_no_usage(usage):
    assert read(**usage) is None
    assert read_usage(wire.ResponseIn(), "openai", 0) is None


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": -1},
        {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 6}},
        {"input_tokens": 5, "output_tokens": 1, "output_tokens_details": {"reasoning_tokens": 2}},
    ],
)
def test_impossible_counts_are_seen(usage):
    assert read(**usage).source is UsageSource.INVALID


def test_searches_are_those_charged_or_those_seen():
    assert read(searches=2, input_tokens=1).web_searches == 2
    assert read(searches=2, tools={"web_search": {"num_requests": 1}}, input_tokens=1).web_searches == 1
    assert read(searches=2, tools={"web_search": None}, input_tokens=1).web_searches == 2


def test_openrouters_cost_counts_at_openrouter_only():
    assert read("openrouter", input_tokens=1, cost=0.00123).reported_cost_nusd == 1_230_000
    assert read("openai", input_tokens=1, cost=0.00123).reported_cost_nusd is None
    own_key = {"is_byok": True, "cost_details": {"upstream_inference_cost": 0.5}}
    assert read("openrouter", input_tokens=1, cost=0.25, **own_key).reported_cost_nusd == 750_000_000


@given(ANY, ANY, ANY, ANY, ANY)
def test_counts_are_never_negative(prompt, cached, written, output, reasoning):
    found = read(
        input_tokens=prompt,
        input_tokens_details={"cached_tokens": cached, "cache_write_tokens": written},
        output_tokens=output,
        output_tokens_details={"reasoning_tokens": reasoning},
    )
    if found is not None:
        assert min(found.input_tokens, found.cache_read_tokens, found.cache_write_tokens, found.output_tokens) >= 0
        assert 0 <= found.reasoning_tokens <= found.output_tokens
