from __future__ import annotations

from app.domain.money import Price, PriceRule
from app.domain.provider import AuthStyle, DialectName, Profile, Provider
from app.domain.renaming import dangling, keyless, renamed, uncounted
from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Routing, Rule

ROUTING = Routing(
    order=("B", "Old"),
    rules=(Rule(to=(Choice("old", "m"), Choice("B"))), Rule(name="Named", to=(Choice("Gone"),))),
    pins=(Pin("p", Choice("Old")),),
    error_rules=(ErrorRule(Meaning.REFUSED, provider="Old"), ErrorRule(Meaning.REFUSED, status=400)),
)
PRICE = Price(1, 2, 1, 1, 1)


def provider(name):
    return Provider(name, "v", "http://127.0.0.1:1", DialectName.OPENAI_CHAT, AuthStyle.BEARER, Profile())


def test_a_new_name_is_taken_over_everywhere():
    found = renamed(ROUTING, "Old", "New")
    assert found.order == ("B", "New")
    assert found.rules[0].to == (Choice("New", "m"), Choice("B"))
    assert found.pins == (Pin("p", Choice("New")),)
    assert [one.provider for one in found.error_rules] == ["New", ""]
    assert renamed(found, "New", "Old") == renamed(ROUTING, "old", "Old")


def test_what_leads_nowhere_is_told():
    assert list(dangling(ROUTING, (provider("OLD"),))) == [
        "route 1, to: there is no provider 'B'",
        "route 2 (Named), to: there is no provider 'Gone'",
        "routing.order: there is no provider 'B'",
    ]
    assert len(list(dangling(ROUTING, ()))) == 7  # and pin p, the error rule, both of the order


def test_client_keys_that_are_not_there_are_told():
    routing = Routing(
        rules=(Rule(keys=("work", "WORK", "team-*")), Rule(name="Named", keys=("gone",))),
        pins=(Pin("p", Choice("A"), "lost"), Pin("q", Choice("A"), "work"), Pin("r", Choice("A"))),
    )
    assert list(keyless(routing, {"work"})) == [
        "route 2 (Named), keys: there is no client key 'gone'",
        "pin p, key: there is no client key 'lost'",
    ]


def test_prices_for_nobody_are_named():
    mine, theirs, gone = PriceRule("a", PRICE, "A"), PriceRule("b", PRICE, "", "glm"), PriceRule("c", PRICE, "B", "nix")
    assert list(uncounted((mine, theirs, gone), ("A",), ("glm",))) == [
        "price 3 (c): there is no provider 'B'",
        "price 3 (c): there is no vendor 'nix'",
    ]
