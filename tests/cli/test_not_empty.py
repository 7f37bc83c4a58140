from __future__ import annotations

import pytest

from app.cli.parser import parser

BUDGET = ("budget", "add", "--amount", "5", "--per", "day")
ROUTE = ("route", "add", "--to", "A")
PRICE = ("price", "set", "glm-5", "--input", "1", "--output", "2")
OPTIONS = [
    *((BUDGET, one) for one in ("--key", "--model", "--provider")),
    *((ROUTE, one) for one in ("--to", "--model", "--key", "--client", "--between", "--min-tokens", "--max-tokens")),
    *((PRICE, one) for one in ("--provider", "--vendor")),
    (("pin", "add", "x", "A"), "--key"),
    *((("error-rule", "add", "refused", "--status", "400"), one) for one in ("--text", "--provider")),
    *((("route", "test", "--model", "x"), one) for one in ("--key", "--client", "--at", "--pin")),
    *((("delete",), one) for one in ("--since", "--until", "--provider", "--model", "--search", "--session", "--id")),
    (("env",), "--pin"),
]


@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_empty_value_is_no_wish_for_everything(command, option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*command, option, value])
    assert ended.value.code == 2
    assert f"argument {option}: is empty" in capsys.readouterr().err


def test_what_is_said_is_taken_once_or_each_time():
    assert parser().parse_args([*BUDGET, "--key", "ci"]).key == "ci"
    assert parser().parse_args([*BUDGET]).key == ""
    assert parser().parse_args([*ROUTE, "--to", "B", "--model", "x"]).to == ["A", "B"]
    assert parser().parse_args(["delete", "--id", "1", "--id", "2"]).id == ["1", "2"]
    assert parser().parse_args(["delete"]).id == []


def test_a_tier_is_as_asked_with_an_empty_model():
    assert parser().parse_args(["use", "A", "--big", ""]).big == ""
