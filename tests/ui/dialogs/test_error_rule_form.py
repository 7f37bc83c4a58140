from __future__ import annotations

import pytest

from app.domain.routing import ErrorRule, Meaning
from app.ui.dialogs.error_rule_form import HINTS, NOT_A_STATUS, ErrorRuleForm
from app.ui.widgets.target_rows import Offer

OFFERS = (Offer("Anthropic", 0, ()), Offer("Ollama", 1, ()))


@pytest.fixture
def form(show):
    return show(ErrorRuleForm(OFFERS), 560, 300)


@pytest.mark.parametrize(
    "rule",
    [
        ErrorRule(Meaning.OVERLOADED, 400, " two\nlines ", "Ollama"),
        ErrorRule(Meaning.RATE_LIMITED, 599),
        ErrorRule(Meaning.REFUSED, text="quota"),
        ErrorRule(Meaning.REFUSED, provider="Gone"),
    ],
)
def test_every_field_comes_back_as_it_was(form, rule):
    form.show_rule(rule)
    assert form.rule == rule
    assert not form.complain()


def test_a_provider_is_found_in_whatever_case_and_one_that_is_gone_is_said(form):
    form.show_rule(ErrorRule(Meaning.REFUSED, provider="ollama"))
    assert form.rule.provider == "Ollama"
    form.show_rule(ErrorRule(Meaning.REFUSED, provider="Gone"))
    assert form.provider.currentText() == "Gone (does not exist)"


@pytest.mark.parametrize("text", ["99", "600", "4xx", "-400", "４００", "1000"])
def test_what_is_no_status_is_said_at_the_field(form, text):
    form.show_rule(ErrorRule(Meaning.OVERLOADED, 400))
    form.status.setText(text)
    assert form.problem == NOT_A_STATUS
    assert form.complain()
    assert form.rows.rows["status"].error == NOT_A_STATUS
    form.status.setText(" 529 ")
    assert not form.complain()
    assert form.rule.status == 529


def test_each_meaning_says_what_follows(form):
    said = set()
    for place in range(form.means.count()):
        form.means.setCurrentIndex(place)
        said.add(form.means_row.field.accessibleDescription())
    assert said == set(HINTS.values())


def test_typing_is_told_filling_is_told_once(form, qtbot):
    with qtbot.waitSignal(form.edited):
        form.text.setText("busy")
    heard = []
    form.edited.connect(lambda: heard.append(form.rule))
    form.show_rule(ErrorRule(Meaning.REFUSED, 400, "x", "Ollama"))
    assert heard == [ErrorRule(Meaning.REFUSED, 400, "x", "Ollama")]


def test_blanks_around_what_was_typed_do_not_count(form):
    form.show_rule(ErrorRule(Meaning.OVERLOADED, text="busy"))
    form.text.setText("  try again \t")
    assert form.rule.text == "try again"
