from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from app.cli.commands import COMMANDS
from app.cli.parser import is_command, parser


def parse(*arguments):
    return parser().parse_args(arguments)


def test_no_command_is_a_start():
    options = parse("--headless", "--port", "0", "--demo")
    assert not is_command(options)
    assert (options.headless, options.port, options.demo, options.data_dir) == (True, 0, True, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--data-dir", "d", "provider", "list"),
        ("provider", "--data-dir", "d", "list"),
        ("provider", "list", "--data-dir", "d"),
    ],
)
def test_the_data_folder_stands_before_or_after_the_command(arguments):
    assert parse(*arguments).data_dir == Path("d")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "70000"),
        ("--port", "-1"),
        ("--port", "web"),
        ("provider",),
        ("fly",),
        ("key", "create"),
        ("--head",),
        ("provider", "add", "X", "--key", "sk-123"),
    ],
)
def test_what_is_not_understood_ends_with_code_two(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (("route", "add", "--to", "A", "--fast"), "usage: patchbay route add"),
        (("status", "now"), "usage: patchbay status"),
        (("provider", "account", "list", "A", "--all"), "usage: patchbay provider account list"),
    ],
)
def test_what_a_command_does_not_understand_shows_its_own_usage(arguments, usage, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(usage)
    assert f"unrecognized arguments: {arguments[-1]}" in said


def test_the_help_explains_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        parse("--help")
    assert "3 already running" in capsys.readouterr().out


def actions(made):
    return next((one.choices for one in made._actions if isinstance(one, argparse._SubParsersAction)), {})


def test_every_command_of_the_parser_is_there_and_none_else():
    known = {
        (command, action) for command, made in actions(parser()).items() for action in (actions(made) or {"": None})
    }
    assert known == set(COMMANDS)


def test_every_command_has_help():
    for command, made in actions(parser()).items():
        assert made.format_help(), command
