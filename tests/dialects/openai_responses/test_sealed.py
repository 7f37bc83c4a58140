from __future__ import annotations

import pytest

from app.dialects.openai_responses.sealed import open_reasoning, open_summary, seal_reasoning, seal_summary
from app.dialects.signatures import unwrap, wrap
from app.domain.request import Thinking

THOUGHTS = (Thinking("hm", "SIG"), Thinking("Grüße \u2028"), Thinking(redacted="R"), Thinking(signature="pxy1.x"))


@pytest.mark.parametrize("thought", THOUGHTS)
def test_reasoning_comes_back_as_it_was(thought):
    assert open_reasoning(seal_reasoning(thought, "anthropic", "m")) == thought


def test_the_envelope_says_whose_it_is():
    envelope = unwrap(seal_reasoning(Thinking("a"), "deepseek", "m"))
    assert envelope is not None
    assert envelope.fits("deepseek", "m")


def test_an_envelope_for_another_dialect_is_a_signature():
    sealed = wrap("openai", "m", b'{"id":"rs_1","encrypted_content":"x"}')
    assert open_reasoning(sealed) == Thinking(signature=sealed)


@pytest.mark.parametrize("sealed", ["", "gAAAA", "pxy1.!", seal_summary("x")[:-4]])
def test_what_is_not_ours_is_nothing(sealed):
    assert open_reasoning(sealed) is None
    assert open_summary(sealed) is None


def test_a_summary_comes_back_as_it_was():
    assert open_summary(seal_summary("so far\n")) == "so far\n"


def test_only_a_summary_is_one():
    assert open_summary(seal_reasoning(Thinking("a"), "patchbay", "")) is None
    assert open_summary(wrap("openai", "m", b'{"summary":"a"}')) is None
