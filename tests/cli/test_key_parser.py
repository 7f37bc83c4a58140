from __future__ import annotations

import argparse
import datetime as dt

import pytest

from app.cli.key_parser import expires_us, some_words, span_s, words, words_or_none
from app.cli.parser import parser

NOW = dt.datetime(2026, 11, 21, 12, 30, 15, 500, tzinfo=dt.UTC)


def us(*moment):
    return int(dt.datetime(*moment).astimezone().timestamp()) * 1_000_000


def test_when_a_key_expires():
    assert expires_us("never") == expires_us("") == 0
    assert expires_us("30d", NOW) == (int(NOW.timestamp()) + 30 * 86_400) * 1_000_000
    assert expires_us("12h", NOW) == (int(NOW.timestamp()) + 12 * 3_600) * 1_000_000
    assert expires_us("2026-12-31") == us(2027, 1, 1), "the whole day is still good"
    assert expires_us("2026-12-31T18:00") == us(2026, 12, 31, 18)
    assert expires_us("2026-12-31T18:00+00:00") == 1_798_740_000_000_000


@pytest.mark.parametrize("text", ["tomorrow", "30", "30w", "-1d", "2026-13-01", "9999-12-31", "99999999d", "1d2h"])
def test_what_is_no_time(text):
    with pytest.raises(argparse.ArgumentTypeError, match="no time"):
        expires_us(text)


def test_spans():
    assert [span_s(text) for text in ("0", "90s", "30m", "24h", "7d")] == [0, 90, 1_800, 86_400, 604_800]
    for text in ("", "1", "1w", "-1h", "1.5h"):
        with pytest.raises(argparse.ArgumentTypeError):
            span_s(text)


def test_lists_have_commas_and_may_be_repeated():
    assert words(None) is None
    assert words([()]) == ()
    assert words([some_words("a, b"), some_words("c,")]) == ("a", "b", "c")
    assert words_or_none("") == ()


@pytest.mark.parametrize("option", ["models", "dialects", "clients", "networks", "tags"])
@pytest.mark.parametrize("value", ["", ",", " ", " , "])
def test_an_empty_list_makes_no_key_that_may_do_everything(option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["key", "create", "a", f"--{option}={value}"])
    assert ended.value.code == 2
    assert f"argument --{option}: is empty" in capsys.readouterr().err
    if value:
        with pytest.raises(SystemExit):
            parser().parse_args(["key", "change", "a", f"--{option}={value}"])
    else:
        assert getattr(parser().parse_args(["key", "change", "a", f"--{option}="]), option) == [()]


@pytest.mark.parametrize("option", ["--rpm", "--tpm", "--concurrent"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "99999999999", "٣"])
def test_bounds_are_whole_numbers(option, value, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["key", "create", "a", f"{option}={value}"])
    assert "no number" in capsys.readouterr().err


def test_every_option_stands_in_the_help(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["key", "change", "--help"])
    said = capsys.readouterr().out
    for option in ("--name", "--expires", "--models", "--dialects", "--clients", "--networks", "--rpm", "--tags"):
        assert option in said


@pytest.mark.parametrize(("text", "tokens"), [("100k", 100_000), ("1.5 M", 1_500_000), ("100,000", 100_000), ("0", 0)])
def test_tokens_a_minute_are_written_as_elsewhere(text, tokens):
    assert parser().parse_args(["key", "create", "a", "--tpm", text]).tpm == tokens
