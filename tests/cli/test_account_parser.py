from __future__ import annotations

import pytest

from app.cli.parser import parser


def parse(*arguments):
    return parser().parse_args(["provider", "account", *arguments])


def test_what_is_not_said_stays_open():
    made = parse("edit", "Router", "work")
    assert (made.priority, made.weight, made.env_key, made.key, made.rename) == (None, None, None, False, None)
    assert parse("login", "Router").name == ""
    assert parse("login", "Router", "work").name == "work"


@pytest.mark.parametrize("number", ["-1", "1.5", "9" * 5000, "two", "", "1000001"])
def test_numbers_are_numbers(number, capsys):
    with pytest.raises(SystemExit):
        parse("add", "Router", "work", "--weight", number)
    assert "weight" in capsys.readouterr().err


def test_no_argument_takes_a_key():
    with pytest.raises(SystemExit):
        parse("add", "Router", "work", "sk-or-0123456789")
