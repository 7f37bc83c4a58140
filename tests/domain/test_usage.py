from __future__ import annotations

import pytest

from app.domain.usage import NO_USAGE, Usage, UsageSource, estimate_tokens


def test_the_classes_are_disjoint_and_reasoning_is_inside_output():
    usage = Usage(1, 2, 4, 8, 16, 15)
    assert usage.cache_write_tokens == 12
    assert usage.prompt_tokens == 15
    assert usage.total_tokens == 31


@pytest.mark.parametrize(("size_bytes", "tokens"), [(0, 1), (1, 1), (36, 10), (37, 11), (3_600_000, 1_000_000)])
def test_an_estimate_is_rounded_up_and_never_zero(size_bytes, tokens):
    assert estimate_tokens(size_bytes) == tokens


def test_no_usage_says_so():
    assert NO_USAGE.source is UsageSource.NONE
    assert NO_USAGE.total_tokens == 0
