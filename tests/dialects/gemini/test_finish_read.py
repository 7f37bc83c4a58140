from __future__ import annotations

import pytest
from google.genai import types

from app.dialects.gemini.finish_read import Finish
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason

ENDS = {
    "STOP": StopReason.END_TURN,
    "MAX_TOKENS": StopReason.MAX_TOKENS,
    **dict.fromkeys(("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT"), StopReason.REFUSAL),
    **dict.fromkeys(("SPII", "MODEL_ARMOR", "ESCALATION"), StopReason.REFUSAL),
    **dict.fromkeys(
        ("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_OTHER", "IMAGE_RECITATION"), StopReason.REFUSAL
    ),
    **dict.fromkeys(("OTHER", "FINISH_REASON_UNSPECIFIED", "NO_IMAGE", "CONTINUATION"), StopReason.END_TURN),
    **dict.fromkeys(("PUP_LIMITED_DISABLED", "NEW_ONE", ""), StopReason.END_TURN),
    **dict.fromkeys(("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"), StopReason.END_TURN),
    **dict.fromkeys(("MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE"), StopReason.END_TURN),
}


def test_every_reason_of_google_s_is_known():
    assert {reason.value for reason in types.FinishReason} <= set(ENDS)


@pytest.mark.parametrize(("reason", "stop"), ENDS.items())
def test_reasons_where_something_was_said(reason: str, stop: StopReason):
    assert Finish(reason).read(said=True, called=False)[0] is stop
    called = Finish(reason).read(said=True, called=True)[0]
    assert called is (StopReason.TOOL_USE if stop is StopReason.END_TURN else stop)


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "MISSING_THOUGHT_SIGNATURE", "UNEXPECTED_TOOL_CALL"])
def test_an_answer_that_broke_before_it_said_anything_is_an_error(reason: str):
    with pytest.raises(PatchbayError, match=reason) as raised:
        Finish(reason).read(said=False, called=False)
    assert raised.value.kind is ErrorKind.UPSTREAM_ERROR


def test_a_refusal_says_why():
    assert Finish("SAFETY").read(said=False, called=False)[1] == "The answer was blocked (SAFETY)."
    assert Finish("SAFETY", "Because.").read(said=False, called=False)[1] == "Because."
    blocked = Finish("STOP")
    blocked.block("JAILBREAK", "No.")
    assert blocked.read(said=True, called=True) == (StopReason.REFUSAL, "No.")


def test_not_every_feedback_blocks():
    finish = Finish("STOP")
    finish.block("BLOCKED_REASON_UNSPECIFIED", "")
    finish.block("", "")
    assert finish.read(said=True, called=False) == (StopReason.END_TURN, "")
