from __future__ import annotations

import pytest

from app.dialects.openai_chat import wire_reply as wire
from app.dialects.openai_chat.finish import check, read_stop, write_finish
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason


@pytest.mark.parametrize(
    ("word", "tools", "refused", "reason"),
    [
        ("stop", False, False, StopReason.END_TURN),
        ("stop", True, False, StopReason.TOOL_USE),
        ("stop", False, True, StopReason.REFUSAL),
        ("tool_calls", True, False, StopReason.TOOL_USE),
        ("tool_calls", False, False, StopReason.END_TURN),
        ("function_call", True, False, StopReason.TOOL_USE),
        ("length", True, False, StopReason.MAX_TOKENS),
        ("MAX_TOKENS", False, False, StopReason.MAX_TOKENS),
        ("model_length", False, False, StopReason.MAX_TOKENS),
        ("model_context_window_exceeded", False, False, StopReason.CONTEXT_FULL),
        ("content_filter", False, False, StopReason.REFUSAL),
        ("sensitive", False, False, StopReason.REFUSAL),
        ("something new", False, False, StopReason.END_TURN),
        (None, True, False, StopReason.TOOL_USE),
    ],
)
def test_reasons(word, tools, refused, reason):
    assert read_stop(wire.Choice(finish_reason=word), (), tools=tools, refused=refused) == (reason, None)


@pytest.mark.parametrize("member", ["stop_reason", "matched_stop"])
def test_the_matched_stop_sequence_counts_if_it_was_asked_for(member):
    for given, asked, expected in (
        ("END", ("A", "END"), (StopReason.STOP_SEQUENCE, "END")),
        ("END", ("A",), (StopReason.END_TURN, None)),
        (151645, ("A",), (StopReason.END_TURN, None)),
    ):
        choice = wire.Choice(finish_reason="stop", **{member: given})
        assert read_stop(choice, asked, tools=False, refused=False) == expected


@pytest.mark.parametrize("word", ["error", "network_error", "insufficient_system_resource"])
def test_an_answer_that_was_broken_off_is_an_error(word):
    with pytest.raises(PatchbayError) as raised:
        check(wire.Choice(finish_reason=word))
    assert raised.value.kind in {ErrorKind.UPSTREAM_ERROR, ErrorKind.OVERLOADED}
    check(wire.Choice(finish_reason="stop"))
    check(wire.Choice())


def test_every_reason_has_a_word_for_clients():
    words = {reason: write_finish(reason) for reason in StopReason}
    assert set(words.values()) == {"stop", "length", "tool_calls", "content_filter"}
    assert words[StopReason.CONTEXT_FULL] == "length"
    assert words[StopReason.REFUSAL] == "content_filter"
