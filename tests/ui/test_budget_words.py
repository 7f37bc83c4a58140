from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.ui import budget_words as words
from app.ui.formats import NBSP

USD = 1_000_000_000
NAMES = {"k1": "laptop"}
SHORT = "Too little left for the last request: requests like it are refused"


def at_us(*when):
    return round(datetime(*when).astimezone().timestamp() * 1_000_000)


NOW = at_us(2026, 11, 21, 12)
DECEMBER = at_us(2026, 12, 1)


def standing(used=0, reserved=0, unpriced=0, resets_us=DECEMBER, **changes):
    budget = Budget("b", Scope.ALL, "", Unit.MONEY, Period.MONTH, 20 * USD)
    return BudgetStanding(replace(budget, **changes), used, reserved, resets_us, unpriced)


def plain(text):
    return text.replace(NBSP, " ")


def test_a_row_says_everything_with_units():
    line = words.line(standing(12_400_000_000, 310_000_000), NAMES, NOW)
    assert line.title == "All requests, every month"
    assert line.amount == "$12.40 of $20.00"
    assert plain(line.facts) == (
        "62 % · $0.31 reserved · resets Tuesday 1 Dec · ≈ $18.15 by the end of the month at this pace"
    )
    assert line.manner == "Hard: stops at the limit"
    assert (line.alert, line.alert_role) == ("", "muted")
    assert line.spoken.startswith("All requests, every month. $12.40 of $20.00. 62")
    assert "$7.29 left" in line.exact


def test_what_was_not_counted_as_it_was_used_is_told():
    one = replace(standing(12_400_000_000), seeded=2 * USD, assumed=400_000_000)
    line = words.line(one, NAMES, NOW)
    assert plain(line.facts).startswith("62 % · $2.00 from the history · $0.40 guessed · resets Tuesday 1 Dec")
    assert "$2.00 taken over from the history" in line.exact
    assert "$0.40 assumed for requests that were cut" in line.exact


def test_tokens_have_their_unit():
    line = words.line(standing(1_200_000, amount=5_000_000, unit=Unit.TOKENS, hard=False), NAMES, NOW)
    assert plain(line.amount) == "1.20 M of 5.00 M tokens"
    assert line.manner == "Soft: only warns"
    assert "1,200,000 tokens used of 5,000,000 tokens" in line.exact


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "All requests"),
        ({"scope": Scope.KEY, "subject": "k1"}, "Key laptop"),
        ({"scope": Scope.KEY, "subject": "k9"}, "A key that is gone"),
        ({"scope": Scope.PROVIDER, "subject": "OpenRouter"}, "Provider OpenRouter"),
        ({"scope": Scope.MODEL, "subject": "claude-opus-*"}, "Models claude-opus-*"),
        ({"scope": Scope.MODEL, "subject": "gpt-5.2"}, "Model gpt-5.2"),
        ({"scope": Scope.PROVIDER, "subject": "a\u202e\n<b>"}, "Provider a <b>"),
    ],
)
def test_whose_use(changes, said):
    assert words.scope(standing(**changes).budget, NAMES) == said


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (0, "0 %"),
        (1, "under 1 %"),
        (15_800_000_000, "79 %"),
        (19_999_999_999, "99 %"),
        (20 * USD, "100 %"),
        (31 * USD, "155 %"),
    ],
)
def test_the_share_is_full_only_when_it_is(used, said):
    assert plain(words.percent(standing(used))) == said


@pytest.mark.parametrize(
    ("period", "ends", "said"),
    [
        (Period.DAY, at_us(2026, 11, 22), "resets at midnight"),
        (Period.WEEK, at_us(2026, 11, 23), "resets Monday 23 Nov"),
        (Period.MONTH, DECEMBER, "resets Tuesday 1 Dec"),
        (Period.TOTAL, 0, "never resets"),
        (Period.DAY, 10**30, "resets at an unknown time"),
    ],
)
def test_when_it_begins_anew(period, ends, said):
    assert plain(words.resets(standing(period=period, resets_us=ends), NOW)) == said


@pytest.mark.parametrize(
    ("period", "now", "ends", "ahead"),
    [
        (Period.MONTH, at_us(2026, 11, 16), DECEMBER, 20 * USD),
        (Period.MONTH, at_us(2026, 11, 3), DECEMBER, None),  # a fifteenth of the month has passed
        (Period.DAY, at_us(2026, 11, 21, 6), at_us(2026, 11, 22), 40 * USD),
        (Period.DAY, at_us(2026, 11, 21, 2), at_us(2026, 11, 22), None),
        (Period.WEEK, at_us(2026, 11, 18), at_us(2026, 11, 23), 35 * USD),
        (Period.TOTAL, NOW, 0, None),
        (Period.MONTH, at_us(2026, 12, 2), DECEMBER, None),  # the period is over and was not begun anew yet
        (Period.MONTH, NOW, 10**30, None),
    ],
)
def test_a_forecast_only_where_it_is_honest(period, now, ends, ahead):
    found = words.forecast(standing(10 * USD, period=period, resets_us=ends), now)
    assert found == ahead if ahead is None else found == pytest.approx(ahead, rel=0.02)  # a summer-time hour


def test_no_forecast_from_nothing_nor_from_what_is_not_whole():
    assert words.forecast(standing(0), NOW) is None
    assert words.forecast(standing(USD, unpriced=1), NOW) is None
    assert words.forecast_words(standing(20 * USD), NOW) == ""


@pytest.mark.parametrize(
    ("one", "said", "role"),
    [
        (standing(16 * USD), "Past the warning mark of 80 %", "warning"),
        (standing(16 * USD, warn_percent=0), "At this pace it is used up before it resets", "warning"),
        (standing(20 * USD), "Used up: requests are refused until Tuesday 1 Dec", "error"),
        (standing(20 * USD, resets_us=0), "Used up: requests are refused", "error"),
        (
            replace(standing(19 * USD), too_little=True),
            f"{SHORT} until Tuesday 1 Dec, smaller ones may pass",
            "error",
        ),
        (standing(21 * USD, hard=False), "Used up, $1.00 over: requests go on", "error"),
        (standing(5 * USD, 15 * USD), "Running requests hold the rest", "warning"),
        (standing(2 * USD, unpriced=3), "3 requests of unknown price are not in this number", "warning"),
        (standing(2 * USD, unpriced=1), "1 request of unknown price is not in this number", "warning"),
    ],
)
def test_what_needs_attention_is_said(one, said, role):
    line = words.line(one, NAMES, NOW)
    assert (plain(line.alert), line.alert_role) == (said, role)


def test_a_budget_of_a_key_that_is_gone_warns_of_nothing_else():
    line = words.line(standing(19 * USD, scope=Scope.KEY, subject="k9"), NAMES, NOW)
    assert (line.alert, line.alert_role) == (words.NO_KEY, "muted")
    assert "pace" not in line.facts


def test_what_is_at_least_so_much_says_so():
    assert plain(words.used_of(standing(2 * USD, unpriced=3))) == "≥ $2.00 of $20.00"


@pytest.mark.parametrize(
    ("one", "used", "reserved", "role"),
    [
        (standing(10 * USD, 2 * USD), 0.5, 0.1, "accent"),
        (standing(16 * USD), 0.8, 0.0, "warning"),
        (standing(19 * USD, 5 * USD, warn_percent=0), 0.95, 0.05, "accent"),
        (standing(40 * USD, USD), 1.0, 0.0, "error"),
        (standing(0, amount=0), 1.0, 0.0, "error"),
        (replace(standing(10 * USD), too_little=True), 0.5, 0.0, "error"),
    ],
)
def test_the_bar_never_overflows(one, used, reserved, role):
    shares = words.shares(one)
    assert (shares.used, pytest.approx(shares.reserved), shares.role) == (used, reserved, role)
    assert shares.used + shares.reserved <= 1


def test_a_list_keeps_its_order_while_budgets_fill():
    budgets = [
        standing(scope=Scope.MODEL, subject="x").budget,
        standing(period=Period.TOTAL).budget,
        standing().budget,
        standing(scope=Scope.KEY, subject="k1").budget,
    ]
    ordered = sorted(budgets, key=lambda one: words.order(one, NAMES))
    assert [(one.scope, one.period) for one in ordered] == [
        (Scope.ALL, Period.MONTH),
        (Scope.ALL, Period.TOTAL),
        (Scope.KEY, Period.MONTH),
        (Scope.MODEL, Period.MONTH),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "all requests"),
        ({"scope": Scope.KEY, "subject": "k1"}, "the key “laptop”"),
        ({"scope": Scope.KEY, "subject": "k2"}, "a client key"),
        ({"scope": Scope.PROVIDER, "subject": "Ollama"}, "the provider Ollama"),
        ({"scope": Scope.MODEL, "subject": "glm-5"}, "the model glm-5"),
        ({"scope": Scope.MODEL, "subject": "glm-*"}, "the models glm-*"),
    ],
)
def test_whose_use_within_a_sentence(changes, said):
    assert words.whose(standing(**changes).budget, NAMES) == said


def test_what_a_budget_will_do():
    budget = standing().budget
    assert plain(words.meaning(budget, "Key laptop")) == (
        "At most $20.00 a month for key laptop. You are told at 80 %. "
        "A request that could pass the amount is refused until it resets."
    )
    assert plain(words.meaning(replace(budget, hard=False, warn_percent=0), "All requests")) == (
        "At most $20.00 a month for all requests. Beyond the amount requests go on."
    )
    assert words.meaning(replace(budget, period=Period.TOTAL), "X").endswith("is refused.")


def test_small_money_keeps_the_digits_that_matter():
    assert words.amount(4_200_000, Unit.MONEY) == "$0.0042"
    assert words.amount(0, Unit.MONEY) == "$0.00"
    assert plain(words.amount(950, Unit.TOKENS)) == "950 tokens"


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (at_us(2026, 11, 22), " until midnight"),
        (at_us(2026, 11, 22, 6), " until tomorrow 06:00"),
        (DECEMBER, " until Tuesday 1 Dec"),
        (2**62, " until an unknown time"),
        (0, ""),
    ],
)
def test_how_long_it_refuses(ends, said):
    assert plain(words.until(standing(resets_us=ends), NOW)) == said


def test_one_that_refuses_forecasts_nothing():
    assert "pace" in words.line(standing(12 * USD), NAMES, NOW).facts
    assert "pace" not in words.line(replace(standing(12 * USD), too_little=True), NAMES, NOW).facts
