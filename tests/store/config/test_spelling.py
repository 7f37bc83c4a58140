"""Keys that a table does not have are told, with the one that was meant."""

from __future__ import annotations

import pytest

from app.store.config.spelling import key_problem

KNOWN = ("name", "models", "keys", "min_tokens", "to")
NEAR = {"model": "models", "key": "keys"}


def judged(key, *others):
    return key_problem(key, {key, *others}, "[[route]]", KNOWN, NEAR)


@pytest.mark.parametrize("key", ["name", "models", "model", "key"])
def test_keys_and_their_near_spellings_are_fine(key):
    assert judged(key) == ""


@pytest.mark.parametrize(
    ("key", "like"),
    [("modles", "models"), ("Models", "models"), ("min-tokens", "min_tokens"), ("min_token", "min_tokens")],
)
def test_a_mistyped_key_is_told_with_the_one_that_it_is_like(key, like):
    assert judged(key) == f"is no key of [[route]]; did you mean {like}?"


def test_a_key_that_is_like_none_is_told_with_all_of_them():
    assert judged("when") == "is no key of [[route]]; it may have name, models, keys, min_tokens, to"


def test_both_spellings_at_once_are_one_too_many():
    assert judged("model", "models") == "says the same as models, which is there too; keep one of them"
    assert judged("models", "model") == ""
