from __future__ import annotations

import base64
import json
import zlib

import pytest

from app.dialects.signatures import MAX_BYTES, PREFIX, Envelope, is_ours, unwrap, wrap


def test_what_is_wrapped_comes_back() -> None:
    data = b'{"id":"rs_1","encrypted_content":"abc\xc3\xa9"}'
    seal = wrap("openai", "gpt-5.5", data)
    assert seal.startswith(PREFIX)
    assert is_ours(seal)
    assert unwrap(seal) == Envelope("openai", "gpt-5.5", data)


def test_the_form_is_the_one_that_is_documented() -> None:
    packed = wrap("k", "m", b'{"a":1}').removeprefix(PREFIX)
    text = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert json.loads(text) == {"u": "k", "m": "m", "d": {"a": 1}}


def test_the_same_reasoning_gives_the_same_text() -> None:
    assert wrap("k", "m") == wrap("k", "m", b"{}")
    assert wrap("k", "m") != wrap("k", "n")


def test_it_fits_only_the_upstream_and_model_that_made_it() -> None:
    envelope = unwrap(wrap("openai", "gpt-5.5"))
    assert envelope is not None
    assert envelope.fits("openai", "gpt-5.5")
    assert not envelope.fits("openai", "gpt-5.4")
    assert not envelope.fits("azure", "gpt-5.5")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "ErUBCkYIB",
        PREFIX,
        PREFIX + "!!!!",
        PREFIX + "AAAA",
        wrap("k", "m")[:-4],
        PREFIX + base64.urlsafe_b64encode(zlib.compress(b"[]")).decode(),
        PREFIX + base64.urlsafe_b64encode(zlib.compress(b"[" * 100_000)).decode(),
        PREFIX + "é",
    ],
)
def test_what_is_not_ours_or_damaged_is_none(signature: str) -> None:
    assert unwrap(signature) is None


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b'{"u":"k","m":"m","d":"' + b"x" * (MAX_BYTES + 10) + b'"}')
    assert unwrap(PREFIX + base64.urlsafe_b64encode(bomb).decode()) is None
