from __future__ import annotations

import base64
import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.redact import MASK, Redactor, hint

LOADED = "hunter2-hunter2/+"


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-abcdefghijklmnop",
        "sk-proj-abcdefghijklmnopqrst",
        "sk-or-v1-0123456789abcdef",
        "pb_" + "a" * 43,
        "AIza" + "B" * 35,
        "ghp_" + "c" * 36,
        "github_pat_" + "d" * 30,
        "AKIAABCDEFGHIJKLMNOP",
        "xoxb-1234567890-abc",
        "eyJhbGciOiJ.eyJzdWIiOiIx.SflKxwRJSMeKKF2",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_known_key_shapes_are_masked_anywhere(secret):
    body = f'{{"text": "before {secret} after"}}'.encode()
    masked = Redactor().data(body)
    assert secret.encode() not in masked
    assert masked == body.replace(secret.encode(), MASK.encode())


@pytest.mark.parametrize("before", ["\\n", "\\t", "\\u003d", "\\\\n", " ", "=", '\\"', ""])
def test_a_key_is_masked_behind_a_json_escape(before):
    assert Redactor().data(f"{before}sk-ant-api03-abcdefghijklmnop".encode()) == f"{before}{MASK}".encode()


@pytest.mark.parametrize("word", ["task-force-implementation-plan", "disk-usage-of-the-whole-machine", "weighs_more"])
def test_a_word_that_only_contains_a_key_shape_survives(word):
    assert Redactor().text(word) == word


def test_a_bearer_token_is_masked_and_the_word_stays():
    assert Redactor().text("authorization: Bearer abcdefghijklmnop1234") == f"authorization: Bearer {MASK}"


@pytest.mark.parametrize("form", [LOADED, "hunter2-hunter2%2F%2B", base64.b64encode(LOADED.encode()).decode()])
def test_a_loaded_secret_is_masked_in_its_encoded_forms_too(form):
    assert Redactor([LOADED]).text(f"a {form} b") == f"a {MASK} b"


def test_credential_headers_are_masked_whole_and_others_searched():
    headers = Redactor([LOADED]).headers(
        [("Authorization", "Basic x"), ("X-Api-Key", "k"), ("x-note", LOADED), ("accept", "*/*")]
    )
    assert headers == (("Authorization", MASK), ("X-Api-Key", MASK), ("x-note", MASK), ("accept", "*/*"))


def test_a_clean_body_is_the_same_object():
    body = b'{"model": "claude-opus-4-8"}'
    assert Redactor([LOADED]).data(body) is body


def test_short_secrets_do_not_blot_out_ordinary_words():
    assert Redactor(["the"]).text("the cat") == "the cat"


@given(st.text())
def test_text_without_a_secret_survives(text):
    cleaned = text.encode("utf-8", "replace").decode()
    if not any(mark in cleaned for mark in ("sk-", "pb_", "AIza", "gh", "AKIA", "xox", "eyJ", "earer", "KEY")):
        assert Redactor().text(text) == cleaned


def test_masking_is_linear_in_the_worst_case():
    def cost_s(size):
        body = b"eyJ" * size + b"-----BEGIN PRIVATE KEY-----" * (size // 30)
        start = time.perf_counter()
        Redactor().data(body)
        return time.perf_counter() - start

    cost_s(1_000)
    assert cost_s(40_000) < 40 * max(cost_s(4_000), 0.001)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [("short", "…"), ("sk-ant-api03-abcdefghijklmnop", "sk-ant-…mnop"), ("x" * 30, "…xxxx"), ("", "…")],
)
def test_a_hint_shows_prefix_and_tail_only_of_long_keys(secret, shown):
    assert hint(secret) == shown


PIECES = (
    *(
        "eyJ",
        "sk-",
        "pb_",
        "AIza",
        "ghp_",
        "github_pat_",
        "AKIA",
        "xoxb-",
        "Bearer ",
        "-----BEGIN ",
        "PRIVATE KEY-----",
    ),
    *("-", "_", ".", "a", "A1b2C3d4", " ", "\n", "\\n", "\\u0041"),
)


@pytest.mark.parametrize("pattern", ["eyJ-", "eyJaaaaaaaa-eyJ", "eyJaaaaaaaa.eyJ-", "\\neyJ-", *PIECES])
def test_no_text_takes_longer_than_its_length(pattern):
    """`eyJ-` over and over once took a minute for 200 kB: every beginning read the rest of it."""
    body = (pattern.encode() * 400_000)[:400_000]
    for search in (Redactor().data, Redactor().spans):
        began = time.thread_time()
        search(body)
        assert time.thread_time() - began < 1.0


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
def test_nor_does_any_mixture_of_what_keys_begin_with(pieces):
    began = time.thread_time()
    Redactor().data(("".join(pieces).encode() * 100_000)[:100_000])
    assert time.thread_time() - began < 1.0


@given(st.lists(st.sampled_from([*PIECES, "sk-ant-0123456789abcdef0123", "AKIA0123456789ABCDEF"]), max_size=12))
def test_where_secrets_stand_is_where_they_are_masked(pieces):
    body = " ".join(pieces).encode()
    redactor = Redactor()
    spans = redactor.spans(body)
    assert bool(spans) == (redactor.data(body) != body)
    assert all(first < last for first, last in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
