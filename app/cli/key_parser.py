"""What `patchbay key …` may say."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from app.cli.account_parser import AddCommand
from app.domain.amounts import AmountError, parse_tokens
from app.domain.provider import DialectName

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MOST = 1_000_000_000
NEVER = ("never", "")


def add_keys(actions: Any, add_command: AddCommand) -> None:
    """The commands below `key`."""
    add_command(actions, "list", "list the client keys, and what each may do", json=True)
    create = add_command(actions, "create", "create a client key; it is printed this once", json=True)
    create.add_argument("name")
    change = add_command(actions, "change", "change what a client key is called and may do", json=True)
    rotate = add_command(
        actions, "rotate", "replace the text of a client key; the new one is printed this once", json=True
    )
    revoke = add_command(actions, "revoke", "revoke a client key for good; what runs under it ends")
    enable = add_command(actions, "enable", "let a disabled client key open again")
    disable = add_command(actions, "disable", "have a client key open nothing for now; what runs under it ends")
    for one in (change, rotate, revoke, enable, disable):
        one.add_argument("key", help="its id or name")
    change.add_argument("--name", metavar="NAME", help="call it so from now on")
    rotate.add_argument(
        "--overlap",
        type=span_s,
        default=86_400,
        metavar="SPAN",
        help="how long the old text still opens: 90s, 30m, 24h or 7d; 0 for not at all, but what runs goes on; "
        "24h unless said",
    )
    _policy(create, some_words, "")
    _policy(change, words_or_none, '; "" for any')


def _policy(to: argparse.ArgumentParser, read: Callable[[str], tuple[str, ...]], how_to_clear: str) -> None:
    """The same for a new key and an old one; None is what was not said."""
    to.add_argument(
        "--expires", type=expires_us, metavar="WHEN", help="30d or 12h from now, at the end of 2026-12-31, or never"
    )
    lists = {
        "models": "models that requests may lead to, with * for any part, and Claude's names: claude-haiku-*,Ollama:*",
        "dialects": f"among {', '.join(DialectName)}",
        "clients": "tools by their User-Agent, as the record names them: claude-code,codex",
        "networks": "addresses and networks that it may be used from: 127.0.0.1,192.168.1.0/24",
        "tags": "words of your own",
    }
    for name, words in lists.items():
        to.add_argument(f"--{name}", action="append", type=read, metavar="LIST", help=f"{words}{how_to_clear}")
    to.add_argument("--rpm", type=_count, metavar="N", help="requests a minute; 0 for no bound, as the next two")
    to.add_argument("--tpm", type=_tokens, metavar="N", help="tokens a minute, such as 100k")
    to.add_argument("--concurrent", type=_count, metavar="N", help="requests at once")


def words(given: list[tuple[str, ...]] | None) -> tuple[str, ...] | None:
    """The words of an option that may be repeated; None where it was not given."""
    return None if given is None else tuple(word for some in given for word in some)


def some_words(text: str) -> tuple[str, ...]:
    """The words of a list with commas, of which there must be one: without any the key could do everything."""
    found = tuple(word.strip() for word in text.split(",") if word.strip())
    if not found:
        raise argparse.ArgumentTypeError("is empty; name at least one, or leave the option out for any")
    return found


def words_or_none(text: str) -> tuple[str, ...]:
    """The same; what is quite empty clears the list."""
    return some_words(text) if text else ()


def span_s(text: str) -> int:
    """Seconds of "90s", "30m", "24h", "7d" or "0"."""
    found = _SPAN.fullmatch(text)
    if text != "0" and found is None:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no span of time; write 90s, 30m, 24h or 7d")
    return int(found[1]) * _SECONDS[found[2]] if found else 0


def expires_us(text: str, now: dt.datetime | None = None) -> int:
    """UTC microseconds of a span from now, of a local moment, or of the end of a local day; 0 for never."""
    if text.lower() in NEVER:
        return 0
    now = now or dt.datetime.now().astimezone()
    try:
        if _SPAN.fullmatch(text):
            ends = now + dt.timedelta(seconds=span_s(text))
        else:
            ends = dt.datetime.fromisoformat(text)
            whole_day = len(text) == len("2026-12-31")
            ends = (ends + dt.timedelta(days=1) if whole_day else ends).astimezone()
        return int(ends.timestamp()) * 1_000_000
    except (ValueError, OverflowError, OSError):
        what = f"{text[:40]!r} is no time; write 30d, 12h, 2026-12-31, 2026-12-31T18:00 or never"
        raise argparse.ArgumentTypeError(what) from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_MOST)) or int(text) > _MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number from 0 to {_MOST}")
    return int(text)


def _tokens(text: str) -> int:
    """Like "100k", "1.5 M" or "100,000"; 0 for no bound."""
    if text.strip() == "0":
        return 0
    try:
        found = parse_tokens(text)
    except AmountError as error:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number of tokens. {error}") from None
    return _count(str(found))
