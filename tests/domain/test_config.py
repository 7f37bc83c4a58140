from __future__ import annotations

import pytest

from app.domain.config import Unused


@pytest.mark.parametrize(
    ("unused", "words"),
    [
        (Unused("routing.stratgy", 4, "strategy"), "routing.stratgy in line 4 (did you mean strategy?)"),
        (Unused("transformers", 9), "transformers in line 9"),
        (Unused("config.host"), "config.host"),
    ],
)
def test_what_means_nothing_is_told_with_its_line_and_what_it_is_like(unused, words):
    assert str(unused) == words
