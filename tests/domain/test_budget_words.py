from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import budget_words as words
from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.periods import moment
from tests.fakes.clock import NOON_US

DOLLAR = 1_000_000_000
ENDS_US = NOON_US + 86_400_000_000
MONEY = Budget("b", Scope.KEY, "k1", Unit.MONEY, Period.MONTH, 20 * DOLLAR)
TOKENS = Budget("b", Scope.MODEL, "claude-*", Unit.TOKENS, Period.DAY, 1_000)


def key_name(key_id):
    return {"k1": "laptop"}[key_id]


def standing(budget, used, reserved=0, resets_us=ENDS_US, **more):
    return BudgetStanding(budget, used, reserved, resets_us, **more)


@pytest.mark.parametrize(
    ("budget", "name"),
    [
        (MONEY, "monthly budget of the key laptop"),
        (TOKENS, "daily token quota of the model claude-*"),
        (replace(MONEY, scope=Scope.ALL, subject="", period=Period.TOTAL), "budget of all requests"),
        (replace(TOKENS, scope=Scope.PROVIDER, subject="OpenAI", period=Period.WEEK), "weekly token quota of OpenAI"),
    ],
)
def test_every_budget_has_a_name_in_words(budget, name):
    assert words.name_of(budget, key_name) == name


@pytest.mark.parametrize(
    ("value", "said", "left", "needed"),
    [
        (20 * DOLLAR, "$20.00", "$20.00", "$20.00"),
        (12_345 * DOLLAR, "$12,345.00", "$12,345.00", "$12,345.00"),
        (19_999_999_999, "$20.00", "$19.99", "$20.00"),
        (19_990_000_001, "$19.99", "$19.99", "$20.00"),
        (287_000_000, "$0.29", "$0.28", "$0.29"),
        (4_239_000, "$0.0042", "$0.0042", "$0.0043"),
        (9_999_999, "$0.010", "$0.0099", "$0.01"),
        (1, "<$0.000001", "<$0.000001", "<$0.000001"),
        (0, "$0.00", "$0.00", "$0.00"),
    ],
)
def test_money_is_rounded_to_the_nearest_and_against_false_hope_where_it_is_left_or_needed(value, said, left, needed):
    assert words.amount(value, Unit.MONEY) == said
    assert (words.at_most(value, Unit.MONEY), words.at_least(value, Unit.MONEY)) == (left, needed)


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (0, "0 %"),
        (1, "under 1 %"),
        (19_999_999_999, "99 %"),
        (20 * DOLLAR, "100 %"),
        (71_780_000_000, "358 %"),
    ],
)
def test_the_share_is_full_only_when_it_is(used, said):
    assert words.percent(standing(MONEY, used)) == said


def test_tokens_are_whole():
    assert words.amount(1_234, Unit.TOKENS) == "1,234 tokens"
    assert words.amount(1, Unit.TOKENS) == "1 token"


def test_a_refusal_names_the_budget_what_is_left_what_is_needed_and_when_it_begins_anew():
    said = words.refusal(standing(MONEY, 19_580_000_000), 610_000_000, NOON_US, key_name)
    assert said == (
        "The monthly budget of the key laptop is $20.00 with $0.42 left, and this request could need up to "
        f"$0.61. It resets {moment(ENDS_US, NOON_US)}."
    )


def test_a_refusal_says_when_running_requests_hold_the_rest():
    said = words.refusal(standing(TOKENS, 100, 850), 60, NOON_US, key_name)
    assert "1,000 tokens with 50 tokens left" in said
    assert said.endswith("Requests that still run hold 850 tokens; try again in a few seconds.")


def test_a_refusal_of_what_never_fits_says_so_and_one_without_an_end_gives_no_date():
    assert "It never fits" in words.refusal(standing(TOKENS, 0), 1_001, NOON_US, key_name)
    total = replace(TOKENS, period=Period.TOTAL)
    assert words.refusal(standing(total, 990, resets_us=0), 50, NOON_US, key_name).endswith("or raise the budget.")


def test_an_unpriced_model_is_refused_with_what_to_do():
    said = words.unpriced(MONEY, "my-model", key_name)
    assert "my-model" in said
    assert "`patchbay price set` or as [[price]]" in said


def test_warnings_tell_amounts_and_the_end_of_the_period():
    ends = moment(ENDS_US, NOON_US)
    head = "The monthly budget of the key laptop:"
    assert words.warning(standing(MONEY, 16 * DOLLAR), NOON_US, key_name) == (
        f"{head} $16.00 of $20.00 used. It resets {ends}."
    )
    assert words.used_up(standing(MONEY, 20 * DOLLAR), NOON_US, key_name) == (
        f"{head} $20.00 of $20.00 used. Requests are refused until {ends}."
    )
    assert "Requests that may need more than is left are refused" in words.used_up(
        standing(MONEY, 19 * DOLLAR), NOON_US, key_name
    )
    soft = replace(MONEY, hard=False)
    assert "It only warns: requests go on." in words.used_up(standing(soft, 21 * DOLLAR), NOON_US, key_name)
    assert "at least $16.00" in words.warning(standing(MONEY, 16 * DOLLAR, unpriced=2), NOON_US, key_name)


def test_an_answer_that_is_ended_is_told_by_which_budget():
    said = words.ended(standing(TOKENS, 100, 850), NOON_US, key_name)
    head = "The answer was ended here: the daily token quota of the model claude-* is 1,000 tokens and has no room"
    assert said == f"{head} for more. It resets {moment(ENDS_US, NOON_US)}."


def test_why_it_refuses():
    quota = Budget("b", Scope.ALL, "", Unit.TOKENS, Period.DAY, 100)
    assert words.refusing(BudgetStanding(quota, 60, 0, 0)) == ""
    assert words.refusing(BudgetStanding(quota, 100, 0, 0)) == "used up"
    assert words.refusing(BudgetStanding(quota, 60, 0, 0, too_little=True)) == "too little left"
