from __future__ import annotations

import pytest

from app.dialects import DIALECTS
from app.dialects.base import Operation, Road
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName

REPLY = Reply("", "", (), StopReason.END_TURN)


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one.name is not DialectName.OPENAI_RESPONSES])
@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.read_compact_request(b"{}"),
        lambda one: one.write_compact_reply(REPLY, Road("", "")),
        lambda one: one.path(Operation.COMPACT, "m"),
    ],
)
def test_only_responses_gives_a_conversation_in_short_form(dialect, ask):
    with pytest.raises(PatchbayError) as refused:
        ask(dialect)
    assert refused.value.kind is ErrorKind.PATH_NOT_FOUND
