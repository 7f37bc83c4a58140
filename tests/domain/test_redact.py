from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
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
