from __future__ import annotations

import pytest

from app.dialects import DIALECTS
from app.dialects.base import NO_NAMES, NameMap, Operation


def test_a_name_that_was_changed_comes_back_and_others_stay():
    names = NameMap({"short_1": "mcp__a_very_long_name"})
    assert names.client("short_1") == "mcp__a_very_long_name"
    assert names.client("Bash") == "Bash"
    assert NO_NAMES.client("x") == "x"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_every_dialect_serves_chat_and_both_lists_of_models(dialect):
    served = {endpoint.operation for endpoint in dialect.endpoints}
    assert {Operation.CHAT, Operation.MODELS, Operation.MODEL} <= served


def test_no_two_dialects_are_called_the_same():
    assert len({one.name for one in DIALECTS}) == len(DIALECTS)
