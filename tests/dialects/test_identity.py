from __future__ import annotations

import pytest

from app.dialects.identity import ID_CHARS, short


@pytest.mark.parametrize("plain", ["u", "a" * ID_CHARS, "me@example.org"])
def test_a_short_plain_name_stays(plain):
    assert short(plain) == plain


@pytest.mark.parametrize("other", ["a" * (ID_CHARS + 1), '{"device_id":"x"}', "[1]", "\ud800" * 70])
def test_any_other_becomes_the_same_short_name_each_time(other):
    assert short(other) == short(other)
    assert short(other).startswith("u_")
    assert len(short(other)) <= ID_CHARS
