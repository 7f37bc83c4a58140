from __future__ import annotations

import pytest

from app.cli.parser import parser


@pytest.mark.parametrize(
    "line",
    [
        "route add",
        "route remove 0",
        "route remove x",
        "route remove \u0663",
        "route strategy best",
        "route affinity maybe",
        "use A --only --also-others",
        "provider failover A perhaps",
        "route test",
        "pin add a",
        "pin add a --to A B",
        "pin add a B --to A",
        "pin add --to A",
    ],
)
def test_what_is_not_understood(line, capsys):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(line.split())
    assert caught.value.code == 2
    assert "usage: patchbay" in capsys.readouterr().err


def test_a_fact_may_be_wanted_or_not_or_not_matter():
    options = parser().parse_args(["route", "add", "--to", "A", "--thinking", "--no-web-search"])
    assert (options.thinking, options.web_search, options.image) == (True, False, None)


@pytest.mark.parametrize(
    "line", ["a A", "a --to A", "--to A a", "--to=A a", "a --key k A", "--key k a A", "a --key k --to A"]
)
def test_the_target_of_a_pin_stands_in_its_place_or_after_its_option(line):
    options = parser().parse_args(["pin", "add", *line.split()])
    assert (options.name, options.to) == ("a", "A")


def test_the_help_about_facts_reads_as_a_sentence(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["route", "add", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "for requests from a subagent" in said
    assert "for requests with tools offered" in said
