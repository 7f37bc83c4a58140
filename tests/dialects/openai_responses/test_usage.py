from __future__ import annotations

from openai.types.responses import ResponseUsage

from app.dialects.openai_responses.usage import utf8_bytes, write_usage
from app.domain.usage import Usage


def test_what_came_from_the_cache_is_part_of_the_input():
    written = write_usage(Usage(10, 70, 15, 5, output_tokens=9, reasoning_tokens=4))
    assert written == {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 70, "cache_write_tokens": 20},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 4},
        "total_tokens": 109,
    }


def test_every_count_is_a_number_even_where_nothing_is_known():
    ResponseUsage.model_validate(write_usage(Usage()), strict=True)


def test_sizes_are_bytes():
    assert [utf8_bytes(text) for text in ("ab", "é", "\ud800")] == [2, 2, 3]
