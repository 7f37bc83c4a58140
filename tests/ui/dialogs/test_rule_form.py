from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.routing import Choice, Rule, Strategy
from app.ui.dialogs.rule_form import RuleForm
from app.ui.widgets.target_rows import MOST, Offer
from app.ui.widgets.token_edit import MOST_TOKENS

OFFERS = (
    Offer("Anthropic", 0, ("claude-opus-4-8", "claude-haiku-4-5")),
    Offer("Ollama", 1, ("qwen3-coder:30b",)),
)
WHOLE = Rule(
    name="Everything",
    enabled=False,
    models=("claude-opus-*", "gpt-5*"),
    keys=("laptop", "ci, with a comma"),
    clients=("claude-code",),
    min_tokens=60_000,
    max_tokens=1_234_567,
    thinking=True,
    tools=False,
    web_search=None,
    image=True,
    subagent=False,
    between=(22 * 60 + 5, 6 * 60),
    to=(Choice("Ollama", "qwen3-coder:30b"), Choice("Anthropic"), Choice("Gone", "x:y")),
    strategy=Strategy.CHEAPEST,
    only=True,
)


@pytest.fixture
def form(show):
    return show(RuleForm(OFFERS, ("laptop",)), 900, 500)


@pytest.mark.parametrize("rule", [WHOLE, Rule(), Rule(between=(0, 1), to=(Choice("Ollama"),))])
def test_every_field_comes_back_as_it_was(form, rule):
    form.show_rule(rule)
    assert form.rule == rule
    assert not form.complain()


names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12)
lists = st.lists(names, max_size=3, unique=True).map(tuple)
asked = st.sampled_from([None, True, False])
minutes = st.integers(0, 1439)
rules = st.builds(
    Rule, name=names, enabled=st.booleans(), models=lists, keys=lists, clients=lists,
    min_tokens=st.integers(0, MOST_TOKENS), max_tokens=st.integers(0, MOST_TOKENS),
    thinking=asked, tools=asked, web_search=asked, image=asked, subagent=asked,
    between=st.one_of(st.none(), st.tuples(minutes, minutes)),
    to=st.lists(st.builds(Choice, names, st.one_of(st.just(""), names)), max_size=MOST).map(tuple),
    strategy=st.sampled_from(list(Strategy)), only=st.booleans(),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=rules)
def test_any_rule_comes_back_as_it_was(form, rule):
    form.show_rule(rule)
    assert form.rule == rule


def test_names_are_separated_by_commas_and_stand_once(form):
    form.show_rule(Rule())
    form.models.setText(" a*, b ,, a* ")
    assert form.rule.models == ("a*", "b")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(min_tokens=10, max_tokens=5), "min_tokens"),
        (Rule(between=(600, 600)), "between"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(form, rule, field):
    form.show_rule(rule)
    assert form.complain()
    assert form.conditions.rows[field].error
    form.show_rule(Rule())
    assert not form.complain()
    assert not form.conditions.rows[field].error


def test_what_makes_no_difference_cannot_be_chosen(form):
    form.show_rule(Rule(to=(Choice("Ollama"),)))
    assert not form.strategy.isEnabled()
    assert form.only.isEnabled()
    assert not form.start.isEnabled()
    form.to.add.click()
    assert form.strategy.isEnabled()
    form.limited.setChecked(True)
    assert form.start.isEnabled()
    for row in list(form.to.rows):
        row.remove.click()
    assert not form.only.isEnabled()
    assert "usual way" in form.ways.rows["to"].field.accessibleDescription()


def test_filling_it_says_nothing_typing_does(form, qtbot):
    with qtbot.waitSignal(form.edited):
        form.name.setText("x")
    with qtbot.waitSignal(form.edited):
        form.to.add.click()


def test_tokens_may_be_written_short_and_what_is_no_number_is_said_at_the_field(form, qtbot):
    form.show_rule(Rule(to=(Choice("Ollama"),)))
    qtbot.keyClicks(form.least, "60k")
    assert form.rule.min_tokens == 60_000
    qtbot.keyClicks(form.most, "many")
    form.most.editingFinished.emit()
    assert form.conditions.rows["min_tokens"].error
    assert form.complain()
    assert form.most.text() == "many"
    form.most.setText("1.5M")
    assert not form.complain()
    assert form.rule.max_tokens == 1_500_000
