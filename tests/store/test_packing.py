from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Attempt, Side, Sides
from app.domain.redact import MASK, Redactor
from app.domain.routing import Weighed
from app.store import packing
from app.store.packing import HeadPacker

SECRET = "hunter2-hunter2"
TOKEN = st.text(alphabet="abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).map(lambda name: f"n-{name}")
VALUE = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\x1e"), max_size=20)
SIDE = st.builds(Side, st.lists(st.tuples(TOKEN, VALUE), max_size=4).map(tuple), st.just(()), VALUE)


@given(st.builds(Sides, SIDE, SIDE, SIDE, SIDE))
def test_heads_come_back_as_they_were(sides):
    packed = HeadPacker().pack(sides, Redactor())
    assert packing.unpack_heads(packed) == tuple((side.line, side.headers) for side in packing.sides_of(sides))


def test_secrets_are_masked_in_headers_and_lines():
    side = Side((("authorization", "Bearer x"), ("x-note", f"a {SECRET} b")), (), f"POST /v1?key={SECRET}")
    ((line, headers), *_) = packing.unpack_heads(HeadPacker().pack(Sides(client_request=side), Redactor([SECRET])))
    assert line == f"POST /v1?key={MASK}"
    assert headers == (("authorization", MASK), ("x-note", f"a {MASK} b"))


def test_a_secret_learned_later_is_masked_once_the_lines_are_forgotten():
    packer = HeadPacker()
    sides = Sides(client_request=Side((("x-note", SECRET),)))
    packer.pack(sides, Redactor())
    packer.forget()
    assert packing.unpack_heads(packer.pack(sides, Redactor([SECRET])))[0][1] == (("x-note", MASK),)


def test_lines_that_were_forgotten_are_made_again():
    packer = HeadPacker()
    for number in range(0, 12_000, 100):
        headers = (("first", "a"), *((f"h{at}", "b") for at in range(number, number + 100)), ("last", "c"))
        found = packing.unpack_heads(packer.pack(Sides(Side(headers), Side(headers)), Redactor()))
        assert found[0][1] == found[1][1] == headers


def test_no_header_can_begin_a_line_of_its_own():
    sides = Sides(client_request=Side((("x", "a\nauthorization: b\n\x1e\nc"),)))
    heads = packing.unpack_heads(HeadPacker().pack(sides, Redactor()))
    assert heads[0] == ("", (("x", "a authorization: b   c"),))
    assert heads[1:] == (("", ()),) * 3


def test_bytes_that_are_no_utf8_do_not_lose_the_head():
    sides = Sides(client_request=Side((("x", "caf\udce9"),)))
    assert packing.unpack_heads(HeadPacker().pack(sides, Redactor()))[0][1] == (("x", "caf?"),)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=2_000).map(tuple))
def test_timelines_come_back(timeline):
    assert packing.unpack_timeline(packing.pack_timeline(timeline)) == timeline


def test_a_timeline_out_of_bounds_is_clamped():
    assert packing.unpack_timeline(packing.pack_timeline(((-1, 2**40), (5, 6)))) == ((0, 2**32 - 1), (5, 6))


def test_a_key_pasted_as_a_model_is_masked_in_attempts_and_in_the_trace():
    redactor = Redactor([SECRET])
    attempts = (Attempt("A", SECRET, 1, 2),)
    trace = (Weighed("A", "", SECRET, "chosen", f"asked for {SECRET}"),)
    assert SECRET not in packing.pack_attempts(attempts, redactor)
    assert SECRET not in packing.pack_trace(trace, redactor)


def test_attempts_come_back_with_masked_errors():
    attempts = (Attempt("A", "m", 1, 2, 500, f"no {SECRET}"), Attempt("B", "n", 3, 4))
    found = packing.unpack_attempts(packing.pack_attempts(attempts, Redactor([SECRET])))
    assert found == (Attempt("A", "m", 1, 2, 500, f"no {MASK}"), Attempt("B", "n", 3, 4))
    assert packing.unpack_attempts(packing.pack_attempts((), Redactor())) == ()


def test_words_and_ids_come_back():
    assert packing.unpack_words(packing.pack_words(("top_k", "metadata.user_id"))) == ("top_k", "metadata.user_id")
    assert packing.unpack_words(packing.pack_words(())) == ()
    assert packing.unpack_ids(packing.pack_ids([1, 2**40])) == (1, 2**40)


def test_a_trace_comes_back_and_nothing_costs_nothing():
    trace = (Weighed("A", "", "m", "skipped", "rests for 12 s (rate limited)", 3),)
    assert packing.unpack_trace(packing.pack_trace(trace, Redactor())) == trace
    assert packing.pack_trace((), Redactor()) == ""
    assert packing.unpack_trace("") == ()


def test_attempts_of_an_older_version_have_no_account():
    assert packing.unpack_attempts('[["A", "m", 1, 2, 200, ""]]') == (Attempt("A", "m", 1, 2, 200),)
