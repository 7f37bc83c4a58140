from __future__ import annotations

import functools
import gzip
import os
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.proxy.decode import OverBudgetError, UndecodableError, decoder, sniff

CODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}


def decoded(coding, data, budget=1_000_000, size=100):
    stream = decoder(coding, budget)
    out = b"".join(stream.feed(data[at : at + size]) for at in range(0, len(data), size))
    stream.finish()
    return out


@pytest.mark.parametrize("coding", CODINGS)
@given(data=st.binary(max_size=5000), size=st.integers(1, 3000))
def test_what_was_coded_comes_back(coding, data, size):
    assert decoded(coding, CODINGS[coding](data), size=size) == data


@pytest.mark.parametrize("coding", CODINGS)
def test_the_budget_is_exact(coding):
    data = os.urandom(1000) * 3
    assert decoded(coding, CODINGS[coding](data), budget=3000) == data
    with pytest.raises(OverBudgetError):
        decoded(coding, CODINGS[coding](data), budget=2999)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-3], lambda data: data + b"more", lambda data: b"\x00garbage" + data, lambda data: b""],
    ids=["cut", "followed", "garbage", "empty"],
)
def test_damage_is_seen(coding, damage):
    with pytest.raises(UndecodableError):
        decoded(coding, damage(CODINGS[coding](b"some text " * 50)))


@pytest.mark.parametrize("coding", ["", "identity", "foo", "gzip, gzip", "GZIP"])
def test_other_codings_have_no_decoder(coding):
    assert decoder(coding, 10) is None


def test_a_bomb_costs_no_more_than_its_budget():
    compress = {**CODINGS, "br": functools.partial(brotli.compress, quality=5)}
    for coding, make in compress.items():
        stream = decoder(coding, 1_000_000)
        with pytest.raises(OverBudgetError):
            stream.feed(make(b"\0" * 20_000_000))


@pytest.mark.parametrize("coding", CODINGS)
def test_much_comes_in_small_steps(coding):
    """Even where a few bytes hold it all; only zstandard cannot be held to less than all blocks of a piece."""
    data = b"\0" * 4_000_000 + os.urandom(200_000)
    steps = list(decoder(coding, 30_000_000).steps(CODINGS[coding](data)))
    assert b"".join(steps) == data
    assert max(map(len, steps)) <= (2**21 if coding != "zstd" else 2**23)


def test_codings_are_told_by_their_first_bytes():
    assert [sniff(CODINGS[coding](b"x")) for coding in ("gzip", "zstd")] == ["gzip", "zstd"]
    assert sniff(b'{"a": 1}') == sniff(b"") == ""
