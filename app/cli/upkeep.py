"""`patchbay delete`, `purge`, `backup` and `rekey`: work on the files, beside a running Patchbay or without one."""

from __future__ import annotations

import argparse
import sys

from app.cli.context import Context
from app.cli.history import moment_us
from app.cli.patience import for_the_keyring
from app.domain.errors import ConfigError
from app.domain.exchange import Filter, State


async def delete(context: Context, options: argparse.Namespace) -> int:
    """Delete some of the history; asks first, unless told not to."""
    wanted = Filter(
        providers=tuple(options.provider),
        models=tuple(options.model),
        states=tuple(State(word) for word in options.status),
        since_us=moment_us(options.since),
        until_us=moment_us(options.until),
        search=options.search,
        session_id=options.session,
    )
    if wanted == Filter() and not options.id:
        raise ConfigError("say what to delete, by a filter, --session or --id; `patchbay purge` deletes everything")
    count = await context.upkeep.count(wanted, options.id)
    if options.dry_run:
        return _told(context, options, {"would_delete": count}, f"Would delete {count:,} requests.")
    if count and not _sure(context, options, f"Delete {count:,} requests, with everything that was said in them?"):
        return 1
    done = await context.upkeep.delete(wanted, options.id)
    copies = [path.name for path in context.upkeep.copies()]
    words = f"Deleted {done.rows:,} requests.{_left(done.running)}"
    if copies:
        words += f" Older copies of the history still hold what they held: {', '.join(copies)}."
    return _told(context, options, {"deleted": done.rows, "running": done.running, "copies": copies}, words)


async def purge(context: Context, options: argparse.Namespace) -> int:
    """Delete everything that was recorded."""
    if not _sure(context, options, "Delete everything that Patchbay ever recorded?"):
        return 1
    done, copies = await context.upkeep.purge()
    words = f"Deleted {done.rows:,} requests and {len(copies)} older copies.{_left(done.running)}"
    answer = {"deleted": done.rows, "running": done.running, "copies": [path.name for path in copies]}
    return _told(context, options, answer, words)


async def backup(context: Context, options: argparse.Namespace) -> int:
    """Copy the data folder, or the history alone."""
    where, size_bytes = await context.upkeep.back_up(options.path)
    return _told(context, options, {"path": str(where), "bytes": size_bytes}, f"Wrote {size_bytes:,} bytes to {where}.")


async def rekey(context: Context, options: argparse.Namespace) -> int:
    """Exchange the key of encrypted bodies."""
    with for_the_keyring(context.out):
        locked = await context.body_key.rotate()
    words = "The key in the keyring is another one now, and opens everything that was stored."
    if locked:
        words = f"The key was exchanged; {locked} older keys are not known and keep their bodies locked."
    return _told(context, options, {"locked": locked}, words)


def _left(running: int) -> str:
    return f" {running:,} still run and were left." if running else ""


def _told(context: Context, options: argparse.Namespace, answer: dict[str, object], words: str) -> int:
    if options.json:
        context.out.json(answer)
    else:
        context.out.say(words)
    return 0


def _sure(context: Context, options: argparse.Namespace, question: str) -> bool:
    """Whether the user means it: by --yes, or asked."""
    if options.yes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        context.out.note(f"patchbay: {question} Nothing was deleted; say --yes to do it without being asked.")
        return False
    context.out.note(f"{question} There is no way back. [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
