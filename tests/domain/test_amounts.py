from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.amounts import AmountError, parse, parse_money, parse_tokens, typed
from app.domain.budget import Unit

USD = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "nusd"),
    [
        ("20", 20 * USD),
        (" $20.00 ", 20 * USD),
        ("12,50", 12_500_000_000),
        ("12.5", 12_500_000_000),
        ("1,234", 1_234 * USD),
        ("1,234.50", 1_234_500_000_000),
        ("1.234,50", 1_234_500_000_000),
        ("1 234,50", 1_234_500_000_000),
        ("1\u202f234,50 USD", 1_234_500_000_000),
        ("1'234.5", 1_234_500_000_000),
        ("1.234.567", 1_234_567 * USD),
        ("1,345,678.9", 1_345_678_900_000_000),
        ("0.0042", 4_200_000),
        ("0,125", 125_000_000),
        ("1234.567", 1_234_567_000_000),
        ("\uff11\uff10", 10 * USD),
    ],
)
def test_money_in_every_countrys_signs(text, nusd):
    assert parse_money(text) == nusd


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500000", 500_000),
        ("500,000", 500_000),
        ("500.000", 500_000),
        ("1.5 M", 1_500_000),
        ("1,5M", 1_500_000),
        ("200 k", 200_000),
        ("2 G tokens", 2_000_000_000),
    ],
)
def test_tokens(text, number):
    assert parse_tokens(text) == number


@pytest.mark.parametrize(
    "text", ["", " ", "$", "ten", "1..2", "1,2,3", "1.23.456,7", "12,34,567", "-5", "1e3", "5 k", "0", "0.00"]
)
def test_what_is_no_money_is_refused_in_words(text):
    with pytest.raises(AmountError, match=r"\.$"):
        parse_money(text)


@pytest.mark.parametrize("text", ["", "many", "0.5", "0", "1.5", "9" * 40])
def test_what_is_no_number_of_tokens_is_refused(text):
    with pytest.raises(AmountError):
        parse_tokens(text)


def test_what_may_be_thousands_or_a_fraction_is_asked_about():
    with pytest.raises(AmountError, match=r"Write 1000 or 1\.00"):
        parse_money("1.000")


def test_no_more_than_the_ledger_can_count():
    assert parse_money("9,000,000") == 9_000_000 * USD
    with pytest.raises(AmountError, match=r"at most \$9,000,000"):
        parse_money("9000000.01")
    with pytest.raises(AmountError):
        parse_money("0.0000000001")


@given(st.integers(1, 9 * 10**15))
def test_what_is_proposed_is_read_back(amount):
    assert parse(typed(amount, Unit.MONEY), Unit.MONEY) == amount
    assert typed(500_000, Unit.TOKENS) == "500000"


@given(st.text(max_size=30))
def test_nothing_but_an_amount_or_words(text):
    for unit in Unit:
        with suppress(AmountError):
            assert parse(text, unit) > 0
