from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.counts import Counts, charged_nusd
from app.domain.usage import MOST_TOKENS, UsageSource

ANY = st.one_of(st.none(), st.integers(min_value=-(2**62), max_value=2**62))


@given(ANY, ANY, ANY, ANY, ANY)
def test_counts_are_never_negative_and_always_disjoint(prompt, read, write, output, reasoning):
    counts = Counts()
    sent = counts.read(prompt)
    found = counts.disjoint(
        prompt=sent,
        read=counts.read(read),
        write=counts.read(write),
        output=counts.read(output),
        reasoning=counts.read(reasoning),
        searches=0,
        cost_nusd=None,
    )
    assert min(found.input_tokens, found.cache_read_tokens, found.cache_write_tokens, found.output_tokens) >= 0
    assert found.prompt_tokens == sent
    assert 0 <= found.reasoning_tokens <= found.output_tokens
    impossible = any(value is not None and not 0 <= value <= MOST_TOKENS for value in (prompt, read, write, output))
    assert not impossible or found.source is UsageSource.INVALID


def test_the_first_count_that_is_there_counts():
    assert Counts().read(None, 3, 4) == 3
    assert Counts().read(None) == 0


@pytest.mark.parametrize(
    ("cost", "own_key", "charged"),
    [(0.00123, None, 1_230_000), (0.25, 0.5, 750_000_000), (None, 1, None), (-1, None, None), (100_001, None, None)],
)
def test_what_was_charged(cost, own_key, charged):
    assert charged_nusd(cost, own_key) == charged
