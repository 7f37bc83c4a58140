from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConfigError
from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Rule, Strategy
from app.store.config.reading import read
from app.store.config.routing_editing import as_read, entries_of, put_entries

WORDS = st.text("abcXYZ*-_./0 é\"'#[]=", min_size=1, max_size=8).map(str.strip).filter(bool)
SOME = st.lists(WORDS, max_size=3).map(tuple)
FLAG = st.sampled_from((None, True, False))
CHOICES = st.builds(Choice, WORDS, st.sampled_from(("", "z-ai/glm-5:free", "m")))
RULES = st.builds(
    Rule,
    name=st.sampled_from(("", "Long # context", 'a "b"')),
    enabled=st.booleans(),
    models=SOME,
    keys=SOME,
    clients=SOME,
    min_tokens=st.integers(0, 10**6),
    max_tokens=st.integers(0, 10**6),
    thinking=FLAG,
    tools=FLAG,
    web_search=FLAG,
    image=FLAG,
    subagent=FLAG,
    between=st.none() | st.tuples(st.integers(0, 1439), st.integers(0, 1440)),
    to=st.lists(CHOICES, min_size=1, max_size=3).map(tuple),
    strategy=st.sampled_from(Strategy),
    only=st.booleans(),
).filter(lambda rule: not 0 < rule.max_tokens < rule.min_tokens)
ERRORS = st.builds(
    ErrorRule,
    st.sampled_from(Meaning),
    st.sampled_from((0, 400, 529)),
    st.just("over\tload"),
    st.sampled_from(("", "Up")),
)
PINS = st.lists(
    st.builds(Pin, WORDS.filter(lambda one: "/" not in one), CHOICES, WORDS), unique_by=lambda one: one.name.lower()
)


def stands(text, name):
    return entries_of(read(text.encode(), "patchbay.toml").routing, name)


@given(st.lists(RULES, max_size=4), st.lists(RULES, max_size=4))
def test_rules_come_back_as_they_were_written(before, after):
    text = put_entries("[config]\nport = 1\n", "route", (), before)
    assert stands(text, "route") == tuple(before) == as_read("route", before)
    assert stands(put_entries(text, "route", before, after), "route") == tuple(after)


@given(PINS, st.lists(ERRORS, max_size=3))
def test_so_do_pins_and_rules_about_errors(pins, errors):
    text = put_entries(put_entries("", "pin", (), pins), "error_rule", (), errors)
    assert stands(text, "pin") == tuple(pins)
    assert stands(text, "error_rule") == tuple(errors)


def test_what_the_file_cannot_hold_is_refused():
    with pytest.raises(ConfigError, match="route 1, to: is missing|say where they go"):
        as_read("route", [Rule()])
    with pytest.raises(ConfigError, match="pin 1, name"):
        as_read("pin", [Pin("a/b", Choice("A"))])
    assert as_read("pin", [Pin("a", Choice(" A", "m "))]) == (Pin("a", Choice("A", "m")),)


def test_a_rule_is_written_as_a_person_would():
    rule = Rule(models=("claude-opus-*",), between=(1320, 360), thinking=True, to=(Choice("A", "z-ai/glm-5"),))
    assert put_entries("", "route", (), (rule,)) == (
        '[[route]]\nmodels = ["claude-opus-*"]\nthinking = true\nbetween = "22:00-06:00"\nto = ["A:z-ai/glm-5"]\n'
    )


def test_a_key_under_a_near_spelling_is_changed_under_its_own():
    text = '[[route]]\nmodel = "*haiku*"  # cheap\nkey = "work"\nto = "A"\n'
    before = (Rule(models=("*haiku*",), keys=("work",), to=(Choice("A"),)),)
    after = (Rule(models=("*haiku*",), keys=("home",), to=(Choice("A"),)),)
    changed = put_entries(text, "route", before, after)
    assert changed == '[[route]]\nmodel = "*haiku*"  # cheap\nto = "A"\nkeys = ["home"]\n'
    assert stands(changed, "route") == after
