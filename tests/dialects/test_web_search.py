from __future__ import annotations

import json

import pytest

from app.dialects.web_search import SearchOptions, search_options
from app.domain.request import Tool


def options(**members):
    return search_options(Tool("web_search", kind="web_search", json=json.dumps(members).encode()))


def test_either_vendors_words_mean_the_same():
    assert options(allowed_domains=["a"]).allowed_domains == ["a"]
    assert options(filters={"allowed_domains": ["a"]}).allowed_domains == ["a"]
    assert options(blocked_domains=["b"], max_uses=2, search_context_size="low") == SearchOptions(
        max_uses=2, blocked_domains=["b"], context_size="low"
    )
    assert options(user_location={"type": "approximate", "city": "Ulm"}).place == {"city": "Ulm"}


@pytest.mark.parametrize("odd", [b"", b"{", b"[]", b'{"max_uses":"many"}', b"[" * 100_000])
def test_what_cannot_be_read_wishes_nothing(odd):
    assert search_options(Tool("web_search", json=odd)) == SearchOptions()


def test_what_an_upstream_does_not_know_is_named():
    wishes = options(
        max_uses=2, filters={"allowed_domains": ["a"]}, user_location={"city": "Ulm"}, search_context_size="low"
    )
    assert wishes.unmet() == ["max_uses", "allowed_domains", "user_location", "search_context_size"]
    assert wishes.unmet("max_uses", "user_location") == ["allowed_domains", "search_context_size"]
    assert options().unmet() == []


def test_a_router_is_told_what_is_wished_for_and_no_more():
    assert SearchOptions().for_router() == {}
    options = SearchOptions(max_uses=3, allowed_domains=["a.b"], blocked_domains=["c.d"], context_size="low")
    assert options.for_router() == {"max_uses": 3, "allowed_domains": ["a.b"], "excluded_domains": ["c.d"]}
