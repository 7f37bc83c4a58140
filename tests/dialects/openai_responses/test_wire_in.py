from __future__ import annotations

import msgspec
import pytest

from app.dialects.openai_responses.wire_in import NOTHING, given


@pytest.mark.parametrize(("raw", "is_given"), [(NOTHING, False), (b"null", False), (b"{}", True), (b"0", True)])
def test_whether_a_value_is_there(raw, is_given):
    assert given(msgspec.Raw(raw)) is is_given
