from __future__ import annotations

import pytest
from msgspec import Raw

from app.dialects.anthropic_messages.wire import given


@pytest.mark.parametrize(("raw", "data"), [(Raw(), b""), (Raw(b"null"), b""), (Raw(b"{}"), b"{}"), (Raw(b"0"), b"0")])
def test_missing_and_null_are_nothing(raw: Raw, data: bytes) -> None:
    assert given(raw) == data
