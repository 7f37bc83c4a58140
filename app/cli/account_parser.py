"""What `patchbay provider account …` may say."""

from __future__ import annotations

import argparse
from typing import Any, Protocol

MOST = 1_000_000


class AddCommand(Protocol):
    """Adds a command with its help and what every command has."""

    def __call__(self, commands: Any, name: str, help_text: str, *, json: bool = False) -> argparse.ArgumentParser:
        """The parser of the new command."""


def add_accounts(to: argparse.ArgumentParser, add_command: AddCommand) -> None:
    """The commands below `provider account`."""
    actions = to.add_subparsers(dest="account_action", metavar="ACTION", required=True)
    shown = add_command(actions, "list", "list a provider's own key and its accounts", json=True)
    shown.add_argument("provider")
    add = add_command(actions, "add", "add an account; its key is read from standard input, or asked for")
    edit = add_command(actions, "edit", "change an account")
    remove = add_command(actions, "remove", "remove an account and its key")
    for one in (add, edit, remove):
        one.add_argument("provider")
        one.add_argument("name", help="of the account")
    for one in (add, edit):
        one.add_argument("--priority", type=_number, metavar="N", help="lower ones are used first; 0 unless said")
        one.add_argument(
            "--weight",
            type=_number,
            metavar="N",
            help="its share among those of its priority; 0 rests it; 1 unless said",
        )
        one.add_argument("--env-key", metavar="NAME", help="read the key from this environment variable instead")
    edit.add_argument("--key", action="store_true", help="read a new key from standard input, or ask for it")
    edit.add_argument("--rename", metavar="NAME", help="call it so from now on")
    login = add_command(actions, "login", "log in with the browser, where the provider offers that")
    test = add_command(actions, "test", "ask the provider for its models with one account's key", json=True)
    for one in (login, test):
        one.add_argument("provider")
        one.add_argument(
            "name", nargs="?", default="", help="of the account; without one the provider's own key is meant"
        )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) > MOST or len(text) > len(str(MOST)):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number from 0 to {MOST}")
    return int(text)
