from __future__ import annotations

import pytest

from app.cli.parser import parser


def parse(*arguments):
    return parser().parse_args(["budget", *arguments])


def test_a_budget_is_of_everything_and_hard_unless_said():
    options = parse("add", "--amount", "20", "--per", "month")
    assert (options.key, options.provider, options.model, options.tokens, options.soft) == ("", "", "", False, False)
    assert options.warn is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "--amount", "20"),
        ("add", "--per", "day"),
        ("add", "--amount", "20", "--per", "hour"),
        ("add", "--amount", "20", "--per", "day", "--key", "k", "--provider", "P"),
        ("add", "--amount", "20", "--per", "day", "--warn", "101"),
        ("add", "--amount", "20", "--per", "day", "--warn", "often"),
        ("change", "b", "--soft", "--hard"),
        ("remove",),
        (),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(*arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err


def test_a_share_may_bear_its_sign():
    assert parse("change", "b", "--warn", "50%").warn == 50
    assert parse("change", "b").hard is None
