"""`patchbay export` and `patchbay import`."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from pathlib import Path

from app.cli.context import Context
from app.domain.errors import ConfigError
from app.domain.exchange import Filter, State

_AGO = re.compile(r"(\d{1,5})([hd])")


async def export(context: Context, options: argparse.Namespace) -> int:
    """Write the history to a file or to standard output."""
    wanted = Filter(
        providers=tuple(options.provider),
        models=tuple(options.model),
        states=tuple(State(word) for word in options.status),
        since_us=moment_us(options.since),
        until_us=moment_us(options.until),
    )
    exports = context.services.exports
    if options.out == "-":
        await exports.write(sys.stdout.buffer, options.format, wanted)
        return 0
    count = await exports.export(Path(options.out), options.format, wanted)
    context.out.note(f"Wrote {count:,} rows to {options.out}.")
    return 0


async def take_over(context: Context, options: argparse.Namespace) -> int:
    """Import another tool's configuration, or say what that would do."""
    imports = context.services.imports
    report = await (imports.preview(options.path) if options.dry_run else imports.apply(options.path))
    if options.json:
        names = [entry.name for entry in report.providers]
        counts = {"imported": report.imported, "changed": report.changed}
        context.out.json({**counts, "providers": names, "skipped": list(report.skipped)})
        return 0
    would = "Would import" if options.dry_run else "Imported"
    context.out.say(f"{would} {report.imported} new and {report.changed} changed providers.")
    for entry in report.providers:
        context.out.say(f"  {entry.name}")
    if report.skipped:
        context.out.say("Left out:")
    for line in report.skipped:
        context.out.say(f"  {line}")
    return 0


def moment_us(text: str, now: dt.datetime | None = None) -> int:
    """UTC microseconds of a local date or time, or of so many hours or days ago; 0 for nothing. Raises ConfigError."""
    if not text:
        return 0
    now = now or dt.datetime.now().astimezone()
    if ago := _AGO.fullmatch(text):
        hours = int(ago[1]) * (24 if ago[2] == "d" else 1)
        return int((now - dt.timedelta(hours=hours)).timestamp() * 1e6)
    try:
        return int(dt.datetime.fromisoformat(text).astimezone().timestamp() * 1e6)
    except ValueError:
        message = f"{text!r} is no time; write 2026-11-01, 2026-11-01T08:30, 24h or 7d"
        raise ConfigError(message, key="--since or --until") from None
