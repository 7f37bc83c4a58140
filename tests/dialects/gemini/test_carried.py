from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from app.dialects import signatures
from app.dialects.base import Road
from app.dialects.gemini.carried import carry, restore
from app.domain.provider import Profile, ReasoningIn
from app.domain.request import Thinking

ROAD = Road("asked", "sent", upstream_kind="anthropic")
OPENAI = signatures.wrap("openai", "sent", b'{"id":"rs_1","encrypted_content":"x"}')
GEMINI = signatures.wrap("gemini", "sent", b'"c2ln"')
EMPTY = signatures.wrap("generic", "sent")


def test_a_signature_of_the_vendor_comes_back_with_its_text_word_for_word():
    thoughts = [Thinking("why\n\u2028", "EqQB"), Thinking(redacted="opaque"), Thinking("", "more")]
    assert restore(carry(thoughts, "", ROAD)) == (tuple(thoughts), "")


def test_an_envelope_that_says_all_goes_as_it_is():
    carried = carry([Thinking("summary", OPENAI)], "", ROAD)
    assert base64.b64decode(carried).decode() == OPENAI
    assert restore(carried) == ((Thinking(signature=OPENAI),), "")
    assert base64.b64decode(carry([], GEMINI, ROAD)).decode() == GEMINI


def test_thoughts_and_the_calls_own_signature_share_the_part():
    assert restore(carry([Thinking("a", "b")], GEMINI, ROAD)) == ((Thinking("a", "b"),), GEMINI)
    assert restore(carry([], GEMINI, ROAD)) == ((), GEMINI)
    assert restore(carry([Thinking("a", GEMINI)], GEMINI, ROAD)) == ((), GEMINI)


def test_the_envelope_is_bound_to_who_made_the_thoughts():
    given = base64.b64decode(carry([Thinking("a", "b")], "", ROAD)).decode()
    envelope = signatures.unwrap(given)
    assert envelope is not None
    assert envelope.fits("anthropic", "sent")


def test_what_nobody_wants_back_is_not_carried():
    assert carry([Thinking("a"), Thinking("b", EMPTY), Thinking()], "", ROAD) == ""
    replayed = Road("asked", "sent", profile=Profile(reasoning_in=ReasoningIn.CONTENT))
    assert restore(carry([Thinking("a"), Thinking("b", EMPTY)], "", replayed)) == ((Thinking("a"), Thinking("b")), "")


def test_half_an_emoji_does_no_harm():
    assert restore(carry([Thinking("a\ud83d", "b\udc00")], "", ROAD))[0][0].signature == "b?"


def test_both_alphabets_and_no_padding_are_read():
    carried = carry([Thinking("???>>>~~~" * 9, "b")], "", ROAD)
    other = carried.replace("+", "-").replace("/", "_").rstrip("=")
    assert restore(other) == restore(carried) != ((), "")


@given(st.one_of(st.text(), st.binary().map(lambda data: base64.b64encode(data).decode())))
def test_anything_else_is_not_ours(signature):
    assert restore(signature) == ((), "")


@given(st.binary(max_size=30))
def test_a_damaged_envelope_is_not_ours(data):
    broken = signatures.PREFIX + base64.urlsafe_b64encode(data).decode()
    assert restore(base64.b64encode(broken.encode()).decode()) == ((), "")


@given(st.lists(st.builds(Thinking, st.text(max_size=9), st.just("s") | st.just(OPENAI), st.text(max_size=3))))
def test_what_is_carried_can_be_restored(thoughts):
    found, call = restore(carry(thoughts, "", ROAD))
    assert call == ""
    assert len(found) == len(thoughts)
