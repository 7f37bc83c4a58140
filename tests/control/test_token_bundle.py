from __future__ import annotations

import pytest

from app.control.token_bundle import TokenBundle, read_bundle
from app.domain.provider import Secret

BUNDLE = TokenBundle(Secret("access-0"), Secret("refresh-0"), 2_000, 1_000, "https://h/token", "me", ("a", "b"))


@pytest.mark.parametrize("refresh", [Secret("refresh-0"), None])
def test_what_is_kept_reads_back(refresh):
    made = TokenBundle(BUNDLE.access, refresh, 0, 5, "https://h/token")
    assert read_bundle(made.secret()) == made
    assert read_bundle(BUNDLE.secret()) == BUNDLE


@pytest.mark.parametrize(
    "text",
    [
        "sk-or-0123456789",
        '{"type": "service_account"}',
        '{"patchbay_tokens":1',
        '{"patchbay_tokens":1,"access":"x"}',
        "",
    ],
)
def test_a_plain_key_is_no_bundle(text):
    assert read_bundle(Secret(text)) is None


def test_no_token_shows_in_a_repr():
    assert "access-0" not in repr(BUNDLE)
    assert "refresh-0" not in repr(BUNDLE)
