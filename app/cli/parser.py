"""The command line: what it may say, and the help that explains it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli.account_parser import add_accounts
from app.cli.budget_parser import add_budgets, add_prices
from app.cli.key_parser import add_keys
from app.cli.not_empty import NotEmpty
from app.cli.route_parser import add_errors, add_order, add_pins, add_routes, add_use
from app.control.version import version

EPILOG = """\
exit codes: 0 done; 1 failed, the reason is on standard error; 2 arguments not understood;
3 already running (with --headless: there can be one Patchbay a data folder); 130 given up with Ctrl+C"""
_CLIENTS = ("claude-code", "codex", "gemini-cli", "openai", "anthropic", "curl")
_SHELLS = ("posix", "powershell", "cmd")


class _Command(argparse.ArgumentParser):
    """A command, which answers what it does not understand with its own usage: the root's would say nothing of it."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Like argparse, but nothing is left for the root to complain about."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def parser() -> argparse.ArgumentParser:
    """The whole command line; without a command it is a start of the program."""
    made = argparse.ArgumentParser(
        prog="patchbay",
        description="A tray program with a local proxy between AI coding tools and the providers behind them.\n"
        "Without a command it starts; with one it does that and ends, beside a running Patchbay or without.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"patchbay {version()}")
    _data_dir(made, None)
    made.add_argument(
        "--any-folder", action="store_true", help="keep data even in a synchronized folder or on another machine"
    )
    start = made.add_argument_group("start")
    start.add_argument("--port", type=_port, metavar="N", help="listen there this time; 0 takes any free port")
    start.add_argument("--headless", action="store_true", help="run without tray and window")
    start.add_argument("--demo", action="store_true", help="add a provider that answers by itself, without any key")
    start.add_argument(
        "--hidden",
        action="store_true",
        help="start without a window; beside a tray that is so anyway once there is a provider, "
        "unless the configuration says open_window_at_start = true",
    )
    start.add_argument("--debug", action="store_true", help="log more, and leave debuggers allowed")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Command)
    _env(commands)
    _providers(commands)
    add_routes(_group(commands, "route", "list, add, change or try the rules by which requests are routed"), _add)
    add_errors(_group(commands, "error-rule", "list, add, move or remove what errors of providers mean"), _add)
    add_pins(_group(commands, "pin", "list, add or remove pins of projects and terminals"), _add)
    _keys(commands)
    add_budgets(_group(commands, "budget", "list, add, change or remove budgets of money and tokens"), _add)
    add_prices(_group(commands, "price", "list, set or remove what models cost"), _add)
    _history(commands)
    _diagnosis(commands)
    _upkeep(commands)
    return made


def is_command(options: argparse.Namespace) -> bool:
    """Whether the command line names a command; else it is a start."""
    return options.command is not None


def _add(commands: Any, name: str, help_text: str, *, json: bool = False) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.", allow_abbrev=False
    )
    _data_dir(made, argparse.SUPPRESS)
    if json:
        made.add_argument("--json", action="store_true", help="print JSON, for scripts")
    return made


def _group(commands: Any, name: str, help_text: str) -> Any:
    made = _add(commands, name, help_text)
    return made.add_subparsers(dest="action", metavar="ACTION", required=True)


def _env(commands: Any) -> None:
    env = _add(commands, "env", "print the lines that point a client here")
    env.add_argument("--client", choices=_CLIENTS, default="claude-code")
    env.add_argument("--shell", choices=_SHELLS, default="posix")
    env.add_argument("--pin", default="", action=NotEmpty, metavar="NAME", help="to the target of this pin alone")


def _providers(commands: Any) -> None:
    actions = _group(commands, "provider", "list, add, test or remove providers")
    _add(actions, "list", "list the providers", json=True)
    add = _add(actions, "add", "add a provider; its key is read from standard input, or asked for")
    add.add_argument("name")
    add.add_argument("--vendor", default="", help="openai, anthropic, openrouter, ollama, … (see `provider list`)")
    add.add_argument("--base-url", default="", metavar="URL")
    add.add_argument(
        "--env-key", default="", metavar="NAME", help="read the key from this environment variable instead"
    )
    for tier in ("big", "middle", "small"):
        add.add_argument(f"--{tier}", action="append", metavar="MODEL", help=f"a {tier} model; may be repeated")
    test = _add(actions, "test", "ask a provider for its models", json=True)
    test.add_argument("name")
    remove = _add(actions, "remove", "remove a provider and its key")
    remove.add_argument("name")
    add_accounts(_add(actions, "account", "list, add, change, try or remove further keys of a provider"), _add)
    add_order(actions, _add)
    add_use(commands, _add)


def _keys(commands: Any) -> None:
    add_keys(_group(commands, "key", "list, create, change, rotate or revoke client keys"), _add)


def _history(commands: Any) -> None:
    export = _add(commands, "export", "write the history to a file")
    export.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    _filter(export)
    export.add_argument("--out", required=True, metavar="FILE", help="a file, or - for standard output")
    taken = _add(commands, "import", "take over another tool's configuration", json=True)
    taken.add_argument("kind", choices=("cc-proxy",))
    taken.add_argument("path", type=Path)
    taken.add_argument("--dry-run", action="store_true", help="only say what would be taken over")


def _filter(to: argparse.ArgumentParser) -> None:
    when: dict[str, Any] = {"default": "", "action": NotEmpty, "metavar": "WHEN"}
    to.add_argument("--since", **when, help="2026-11-01, 2026-11-01T08:30, 24h or 7d ago")
    to.add_argument("--until", **when)
    to.add_argument("--provider", action=NotEmpty, repeated=True, default=[], help="may be repeated, as the next two")
    to.add_argument("--model", action=NotEmpty, repeated=True, default=[])
    to.add_argument("--status", action="append", default=[], choices=("done", "failed", "cancelled", "interrupted"))


def _upkeep(commands: Any) -> None:
    backup = _add(commands, "backup", "copy the data folder, or the history alone", json=True)
    backup.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="a new folder, which can be used with --data-dir or copied back while Patchbay does not run; "
        "or a new file that ends in .db, for the history alone",
    )
    delete = _add(commands, "delete", "delete requests from the history, without a trace", json=True)
    _filter(delete)
    delete.add_argument("--search", default="", action=NotEmpty, metavar="WORDS", help="those that hold these words")
    delete.add_argument("--session", default="", action=NotEmpty, metavar="ID", help="those of this session")
    delete.add_argument("--id", action=NotEmpty, repeated=True, default=[], help="this request; may be repeated")
    delete.add_argument("--dry-run", action="store_true", help="only say how many it would be")
    purge = _add(commands, "purge", "delete everything that was recorded, without a trace", json=True)
    for one in (delete, purge):
        one.add_argument("--yes", action="store_true", help="do not ask")
    _add(commands, "rekey", "exchange the key of encrypted bodies in the system keyring", json=True)


def _diagnosis(commands: Any) -> None:
    _add(commands, "status", "say what Patchbay does", json=True)
    doctor = _add(commands, "doctor", "look for what is wrong; exit code 1 if something is", json=True)
    doctor.add_argument("--repair", action="store_true", help="mend what can be mended, and say what was done")


def _data_dir(to: argparse.ArgumentParser, default: object) -> None:
    """Before or after the command: the one after must not undo the one before, hence SUPPRESS there."""
    to.add_argument(
        "--data-dir", type=Path, metavar="DIR", default=default, help="keep everything below this folder instead"
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)
