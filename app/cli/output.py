"""Answers on standard output, the rest on standard error; figures with units."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from typing import Any

from app.domain.money import dollars


class Output:
    """The terminal."""

    def say(self, text: str) -> None:
        """An answer."""
        print(text, flush=True)

    def note(self, text: str) -> None:
        """Something beside the answer."""
        print(text, file=sys.stderr, flush=True)

    def json(self, value: Any) -> None:
        """An answer for scripts."""
        self.say(json.dumps(value, indent=2, ensure_ascii=False))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows below a head, each column as wide as its widest cell."""
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        for row in (head, *rows):
            self.say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def money(nusd: int, unpriced: int) -> str:
    """Dollars as the window rounds them; "at least" where some have no known price, "unpriced" where none has."""
    if unpriced and not nusd:
        return "unpriced"
    least = "at least " if unpriced else ""
    return f"{least}{dollars(nusd)}"


def plain(text: str) -> str:
    """Text of others, so that it cannot do anything to a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def accept_every_letter() -> None:
    """Have standard output print a question mark for what it has no letter for, instead of failing.

    Names are in any script; Windows' pipes and some old locales are not.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
