from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.exchange import Totals
from app.ui import formats

N = formats.NBSP


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (950, "950"),
        (999.4, "999"),
        (999.5, f"1.00{N}k"),
        (1_234, f"1.23{N}k"),
        (12_345, f"12.3{N}k"),
        (99_960, f"100{N}k"),
        (999_499, f"999{N}k"),
        (999_500, f"1.00{N}M"),
        (4_560_000, f"4.56{N}M"),
        (-12_345, f"-12.3{N}k"),
        (7e15, f"7000{N}T"),
    ],
)
def test_tokens_keep_three_digits(number, text):
    assert formats.tokens(number) == text


@pytest.mark.parametrize(
    ("nusd", "text"),
    [
        (None, "unpriced"),
        (0, "$0.00"),
        (1, "<$0.000001"),
        (4_200_000, "$0.0042"),
        (42_000_000, "$0.042"),
        (99_600_000, "$0.10"),
        (420_000_000, "$0.42"),
        (1_274_000_000, "$1.27"),
        (99_990_000_000, "$99.99"),
        (318_400_000_000, "$318"),
        (1_234_567_000_000_000, "$1,234,567"),
        (12_345, "$0.000012"),
    ],
)
def test_money_shows_the_digits_that_matter(nusd, text):
    assert formats.money(nusd) == text


def test_money_says_when_it_is_an_estimate():
    assert formats.money(1_270_000_000, estimate=True) == f"≈{N}$1.27"


@pytest.mark.parametrize(
    ("nusd", "text"),
    [(4_213_500, "$0.0042135"), (0, "$0.00"), (1_000_000_000_001, "$1,000.000000001"), (-5_000_000, "-$0.005")],
)
def test_exact_money_keeps_every_digit(nusd, text):
    assert formats.exact_money(nusd) == text


def test_a_sum_with_unpriced_parts_says_at_least():
    assert formats.total_cost(Totals(cost_nusd=1_270_000_000)) == "$1.27"
    assert formats.total_cost(Totals(cost_nusd=1_270_000_000, unpriced=3)) == f"≥{N}$1.27"
    assert formats.total_cost(Totals(unpriced=3)) == "unpriced"
    assert formats.exact_total_cost(Totals(cost_nusd=5, unpriced=1)) == "$0.000000005; 1 request has no known price"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "–"),
        (0, f"0{N}ms"),
        (820, f"820{N}ms"),
        (999.6, f"1.0{N}s"),
        (3_412, f"3.4{N}s"),
        (9_960, f"10{N}s"),
        (59_600, f"1{N}m{N}00{N}s"),
        (125_000, f"2{N}m{N}05{N}s"),
        (3_725_000, f"1{N}h{N}02{N}m"),
    ],
)
def test_durations_read_like_a_stopwatch(ms, text):
    assert formats.duration(ms) == text


NOW = int(datetime(2026, 5, 3, 14, 0, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("age_s", "text"),
    [
        (0, "now"),
        (12, f"12{N}s ago"),
        (150, f"2{N}min ago"),
        (3 * 3600 + 59, f"3{N}h ago"),
        (20 * 3600, "yesterday 18:00"),
        (50 * 3600, f"1{N}May 12:00"),
        (400 * 86400, f"29{N}Mar 2025"),
        (-3600, "2026-05-03 15:00:00.000"),
    ],
)
def test_relative_time(age_s, text):
    assert formats.relative(NOW - age_s * 1_000_000, NOW, UTC) == text


def test_exact_time_has_milliseconds():
    assert formats.exact_time(NOW + 9_123_456, UTC) == "2026-05-03 14:00:09.123"
    assert formats.clock(NOW + 9_123_456, UTC) == "14:00:09"


def test_foreign_text_becomes_one_honest_line():
    assert formats.one_line("a\nb\u2028c\td") == "a b c d"
    assert formats.one_line("invoice\u202efdp.exe\x00") == "invoicefdp.exe"
    assert formats.one_line("<b>bold</b>") == "<b>bold</b>"
    cut = formats.one_line("x" * 10_000, 20)
    assert len(cut) == 20
    assert cut.endswith("…")


def test_sizes():
    assert formats.size(820) == f"820{N}B"
    assert formats.size(12_345) == f"12.3{N}kB"
    assert formats.exact_size(1) == "1 byte"
    assert formats.rate(0) == "0"
    assert formats.rate(83.14) == "83.1"
    assert formats.rate(1_200) == f"1.20{N}k"


def test_what_another_program_draws_has_no_markup():
    text = formats.without_markup('<img src="http://x/"> &lt;b&gt; <a href=file:///>')
    assert not set("<>&") & set(text)
    assert 'img src="http://x/"' in text


def test_numbers_in_names_sort_by_their_size():
    names = ["key 10", "Key 2", "key", "key 1", "key 100", "key 11", "10 b", "9", "key 010"]
    assert sorted(names, key=lambda name: (formats.natural(name), name)) == [
        "9", "10 b", "key", "key 1", "Key 2", "key 010", "key 10", "key 11", "key 100",
    ]  # fmt: skip
