from __future__ import annotations

import pytest

from app.dialects.gemini.usage_read import later, read_usage
from app.dialects.gemini.wire_reply import UsageIn
from app.domain.usage import Usage, UsageSource


def test_the_counts_are_disjoint():
    usage = read_usage(UsageIn(100, 8, 40, 5, 7, 120), searches=2)
    assert usage == Usage(68, 40, output_tokens=12, reasoning_tokens=7, web_searches=2)


def test_no_count_is_no_usage():
    assert read_usage(UsageIn()) is None
    assert read_usage(UsageIn(prompt_token_count=0)) == Usage()


@pytest.mark.parametrize("given", [UsageIn(5, None, 9), UsageIn(-1), UsageIn(5, None, None, 2**60)])
def test_what_cannot_be_is_marked(given: UsageIn):
    usage = read_usage(given)
    assert usage is not None
    assert usage.source is UsageSource.INVALID
    assert min(usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) >= 0


def test_counts_only_grow():
    known = UsageIn(100, None, 40, 5, 7, 112)
    assert later(None, known) is known
    assert later(known, UsageIn(100, None, 0, 9)) == UsageIn(100, None, 40, 9, 7, 112)
