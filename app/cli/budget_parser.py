"""What `patchbay budget …` may say."""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.account_parser import AddCommand
from app.cli.not_empty import NotEmpty

PERIODS = ("day", "week", "month", "total")


def add_budgets(actions: Any, add_command: AddCommand) -> None:
    """The commands below `budget`."""
    add_command(actions, "list", "list the budgets, what each used, and when it resets", json=True)
    add = add_command(actions, "add", "set a bound on money or tokens; what was used so far counts", json=True)
    add.add_argument("--amount", required=True, help="dollars, such as 20 or 12.50; with --tokens a number of tokens")
    add.add_argument("--per", required=True, choices=PERIODS, help="when the count resets, by the local calendar")
    whose = add.add_mutually_exclusive_group()
    whose.add_argument(
        "--key",
        default="",
        action=NotEmpty,
        help="count one client key, by name or id; without any of these, everything",
    )
    whose.add_argument("--provider", default="", action=NotEmpty, help="count one provider")
    whose.add_argument(
        "--model",
        default="",
        action=NotEmpty,
        help="count one model as it is sent; * stands for any part of its name",
    )
    add.add_argument("--tokens", action="store_true", help="count tokens instead of money")
    add.add_argument("--soft", action="store_true", help="only warn, and refuse nothing")
    change = add_command(actions, "change", "change a budget; what it used stays", json=True)
    change.add_argument("id")
    change.add_argument("--amount", help="dollars or tokens, as the budget counts")
    manner = change.add_mutually_exclusive_group()
    manner.add_argument("--soft", dest="hard", action="store_const", const=False, help="only warn from now on")
    manner.add_argument("--hard", dest="hard", action="store_const", const=True, help="refuse what does not fit")
    for one in (add, change):
        one.add_argument(
            "--warn", type=_percent, metavar="PERCENT", help="warn from this share on, 0 for never; 80 unless said"
        )
    remove = add_command(actions, "remove", "remove a budget with everything that it counted")
    remove.add_argument("id")


def _percent(text: str) -> int:
    plain = text.removesuffix("%")
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > 3 or int(plain) > 100:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no share; give a number from 0 to 100")
    return int(plain)


def add_prices(actions: Any, add_command: AddCommand) -> None:
    """The commands below `price`."""
    add_command(actions, "list", "list the prices that you set", json=True)
    put = add_command(actions, "set", "set what a model costs, in dollars for a million tokens")
    remove = add_command(actions, "remove", "remove a price; the price list counts again")
    for one in (put, remove):
        one.add_argument("model", help="as it is sent; * stands for any part of its name")
        one.add_argument("--provider", action=NotEmpty, help="only where this provider serves it")
        one.add_argument("--vendor", action=NotEmpty, help="only at this vendor")
    put.add_argument("--input", required=True, metavar="USD")
    put.add_argument("--output", required=True, metavar="USD")
    put.add_argument("--cache-read", metavar="USD", help="as much as input unless said")
    put.add_argument("--cache-write", metavar="USD", help="as much as input unless said")
