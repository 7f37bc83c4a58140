"""What `patchbay use`, `route …`, `pin …` and `provider order|failover` may say."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from app.cli.account_parser import AddCommand
from app.cli.not_empty import NotEmpty
from app.domain.routing import Meaning, Strategy

STRATEGIES = tuple(one.value.replace("_", "-") for one in Strategy)
MEANINGS = tuple(one.value.replace("_", "-") for one in Meaning)
FACTS = (
    # Option, and what it says of a request.
    ("thinking", "with thinking asked"),
    ("tools", "with tools offered"),
    ("web-search", "with the vendor's web search offered"),
    ("image", "with an image in it"),
    ("subagent", "from a subagent or another side task of a coding agent"),
)
_TARGET = "PROVIDER or PROVIDER:MODEL"
_ON_OFF = ("on", "off")


def add_use(commands: Any, add_command: AddCommand) -> None:
    """`use`."""
    use = add_command(commands, "use", "prefer a provider, or let Patchbay choose: auto", json=True)
    use.add_argument("provider", help="its name, or auto")
    others = use.add_mutually_exclusive_group()
    others.add_argument(
        "--only", action="store_true", help="nothing else serves, not even where it cannot; holds until --also-others"
    )
    others.add_argument("--also-others", action="store_true", help="others serve where it cannot, as at first")
    for tier in ("big", "middle", "small"):
        use.add_argument(f"--{tier}", metavar="MODEL", help='serve this tier with that model; "" is as asked')


def add_routes(actions: Any, add_command: AddCommand) -> None:
    """The commands below `route`."""
    add_command(actions, "list", "list the rules and what holds for all ways", json=True)
    add = add_command(actions, "add", "add a rule; the first one that fits a request counts", json=True)
    more: dict[str, Any] = {"action": NotEmpty, "repeated": True}
    add.add_argument("--to", **more, required=True, metavar="TARGET", help=f"{_TARGET}; may be repeated")
    add.add_argument("--name", default="", help="what to call it")
    for name, what in (("model", "requested models, * for any part"), ("key", "client keys"), ("client", "tools")):
        add.add_argument(f"--{name}", **more, metavar="NAME", help=f"for these {what}; may be repeated")
    add.add_argument("--min-tokens", action=NotEmpty, metavar="N", help="for prompts of at least so many, such as 60k")
    add.add_argument("--max-tokens", action=NotEmpty, metavar="N", help="for prompts of at most so many")
    for name, what in FACTS:
        add.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=f"for requests {what}")
    add.add_argument(
        "--between", action=NotEmpty, metavar="TIMES", help="at these times of the day, such as 22:00-06:00"
    )
    add.add_argument("--strategy", choices=STRATEGIES, default=Strategy.PRIORITY.value, help="who of several is first")
    add.add_argument("--only", action="store_true", help="nothing else serves these requests")
    add.add_argument("--at", type=_number, metavar="N", help="its place among the rules; the last unless said")
    for name, help_text in (
        ("remove", "remove a rule"),
        ("enable", "have a rule count again"),
        ("disable", "keep a rule without having it count"),
    ):
        add_command(actions, name, help_text, json=True).add_argument("number", type=_number)
    move = add_command(actions, "move", "give a rule another place", json=True)
    move.add_argument("number", type=_number)
    move.add_argument("to", type=_number, help="its new place")
    _add_test(actions, add_command)
    strategy = add_command(actions, "strategy", "say who comes first among those that would all do", json=True)
    strategy.add_argument("name", choices=STRATEGIES)
    affinity = add_command(actions, "affinity", "keep conversations where they began, or not", json=True)
    affinity.add_argument("switch", choices=_ON_OFF)
    checks = add_command(actions, "health-checks", "ask resting providers how they do, every so often", json=True)
    checks.add_argument("seconds", type=int, help="0 is never")


def add_pins(actions: Any, add_command: AddCommand) -> None:
    """The commands below `pin`."""
    add_command(actions, "list", "list the pins", json=True)
    add = add_command(actions, "add", "fix a project or terminal to a target", json=True)
    add.add_argument("name", help="clients whose base URL ends in /p/NAME are pinned")
    place = add.add_argument("to", metavar="TARGET", action=_Once, help=f"{_TARGET}; or as --to TARGET")
    add.add_argument("--to", dest="to", metavar="TARGET", action=_Once, stands_for=place, help=argparse.SUPPRESS)
    add.add_argument(
        "--key", default="", action=NotEmpty, metavar="NAME", help="pin the clients with this client key as well"
    )
    add_command(actions, "remove", "remove a pin", json=True).add_argument("name")


def add_errors(actions: Any, add_command: AddCommand) -> None:
    """The commands below `error-rule`."""
    add_command(actions, "list", "list what errors of providers mean", json=True)
    add = add_command(
        actions, "add", "say what an error of a provider really means; the first rule that fits counts", json=True
    )
    add.add_argument("means", choices=MEANINGS)
    add.add_argument("--status", type=int, default=0, metavar="N", help="the provider's HTTP status")
    add.add_argument("--text", default="", action=NotEmpty, help="stands somewhere in the error")
    add.add_argument("--provider", default="", action=NotEmpty, metavar="NAME", help="of this provider alone")
    add.add_argument("--at", type=_number, metavar="N", help="put it there in the order; else it comes last")
    move = add_command(actions, "move", "give a rule about errors another place", json=True)
    move.add_argument("number", type=_number)
    move.add_argument("to", type=_number, help="its new place")
    add_command(actions, "remove", "remove a rule about errors", json=True).add_argument("number", type=_number)


def add_order(actions: Any, add_command: AddCommand) -> None:
    """`provider order` and `provider failover`."""
    order = add_command(actions, "order", "say in which order providers serve", json=True)
    order.add_argument("name", nargs="+", help="who is not named comes after")
    failover = add_command(actions, "failover", "say whether a provider serves where another one cannot", json=True)
    failover.add_argument("name")
    failover.add_argument("switch", choices=_ON_OFF)


def _add_test(actions: Any, add_command: AddCommand) -> None:
    test = add_command(actions, "test", "say where a request would go, and why", json=True)
    test.add_argument("--model", required=True)
    test.add_argument("--tokens", default="0", metavar="N", help="size of the prompt, such as 60k")
    for name, what in FACTS:
        test.add_argument(f"--{name}", action="store_true", help=what)
    for name, metavar, help_text in (
        ("client", "NAME", "the tool, such as claude-code"),
        ("key", "NAME", "the client key"),
        ("at", "TIME", "of the day, such as 23:30; now unless said"),
        ("pin", "NAME", "the pin in the base URL"),
    ):
        test.add_argument(f"--{name}", default="", action=NotEmpty, metavar=metavar, help=help_text)


class _Once(argparse.Action):
    """A value that is given once: in its place, or with an option that stands for the place."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        """`stands_for` is the argument that need not be there any more."""
        self._place: argparse.Action | None = more.pop("stands_for", None)
        super().__init__(option_strings, dest, **more)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: Any = None
    ) -> None:
        """Take it; end with code 2 where there is one already."""
        if getattr(namespace, self.dest, None) is not None:
            parser.error(f"{self.metavar} is given twice")
        if self._place is not None:
            self._place.required = False
        setattr(namespace, self.dest, values)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) < 1:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number of a rule; `patchbay route list` shows them")
    return int(text[:9])
