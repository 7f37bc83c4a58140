from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.vault import parts
from tests.fakes.keyrings import MemoryKeyring


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.integers(min_value=1, max_value=7))
def test_the_last_value_comes_back_and_leaves_no_part_behind(values, limit):
    memory = MemoryKeyring()
    for value in values:
        parts.write(memory, "service", "name", value, limit)
        assert parts.read(memory, "service", "name") == value
    parts.delete(memory, "service", "name")
    assert not memory.entries
