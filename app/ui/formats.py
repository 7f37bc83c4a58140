"""Numbers, money and times in words: the one place where a figure becomes text.

Every short form has an exact one beside it, for tooltips and the clipboard. Spaces inside a figure do not break.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, tzinfo

from app.domain.exchange import Totals
from app.domain.money import NUSD_PER_USD, dollars

NBSP = "\u00a0"
DASH = "\u2013"
UNPRICED = "unpriced"

Natural = tuple[tuple[int, str], ...]
"""What text is sorted by; see `natural`."""
_US_PER_S = 1_000_000
_DIGITS = re.compile(r"([0-9]+)")
_SHORT = (("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000))


def count(number: int) -> str:
    """1204 as "1,204"."""
    return f"{number:,}"


def tokens(number: float) -> str:
    """12345 as "12.3 k", 4560000 as "4.56 M", 950 as "950": three digits that count."""
    size = abs(number)
    if size < 999.5:
        return f"{number:.0f}"
    for unit, factor in _SHORT:
        if size < 999.5 * factor or unit == _SHORT[-1][0]:
            return f"{_three_digits(number / factor)}{NBSP}{unit}"
    raise AssertionError


def exact_tokens(number: int) -> str:
    """12345 as "12,345 tokens"."""
    return f"{number:,} token{'' if number == 1 else 's'}"


def rate(per_second: float) -> str:
    """Something a second, for a legend: "83.1", "1.20 k"; zero is "0"."""
    if per_second == 0:
        return "0"
    return _three_digits(per_second) if abs(per_second) < 99.95 else tokens(per_second)


def _three_digits(number: float) -> str:
    size = abs(number)
    return f"{number:.2f}" if size < 9.995 else f"{number:.1f}" if size < 99.95 else f"{number:.0f}"


def size(number_bytes: int) -> str:
    """A number of bytes: "820 B", "12.3 kB", "4.56 MB"."""
    if number_bytes < 1_000:
        return f"{number_bytes}{NBSP}B"
    return f"{tokens(number_bytes)}B"


def exact_size(number_bytes: int) -> str:
    """12345 as "12,345 bytes"."""
    return f"{number_bytes:,} byte{'' if number_bytes == 1 else 's'}"


def duration(milliseconds: float | None) -> str:
    """820 ms, 3.4 s, 34 s, 2 m 05 s, 1 h 02 m; a dash where there is none."""
    if milliseconds is None:
        return DASH
    if milliseconds < 999.5:
        return f"{milliseconds:.0f}{NBSP}ms"
    seconds = milliseconds / 1000
    if seconds < 9.95:
        return f"{seconds:.1f}{NBSP}s"
    if seconds < 59.5:
        return f"{seconds:.0f}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NBSP}m{NBSP}{rest:02d}{NBSP}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{NBSP}h{NBSP}{minutes:02d}{NBSP}m"


def exact_duration(milliseconds: int | None) -> str:
    """3412 as "3,412 ms"."""
    return DASH if milliseconds is None else f"{milliseconds:,}{NBSP}ms"


def money(nusd: int | None, *, estimate: bool = False) -> str:
    """Nano-dollars with the digits that matter: $0.0042, $1.27, $318; "unpriced" for None."""
    if nusd is None:
        return UNPRICED
    return f"{'≈' + NBSP if estimate else ''}{dollars(nusd)}"


def exact_money(nusd: int | None) -> str:
    """Nano-dollars to the last digit: "$0.0042135"; at least two decimals."""
    if nusd is None:
        return UNPRICED
    whole, part = divmod(abs(nusd), NUSD_PER_USD)
    decimals = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"{'-' if nusd < 0 else ''}${whole:,}.{decimals}"


def total_cost(totals: Totals) -> str:
    """What a part of the history cost; "≥" where some of it has no known price."""
    if totals.unpriced and not totals.cost_nusd:
        return UNPRICED
    return f"{'≥' + NBSP if totals.unpriced else ''}{money(totals.cost_nusd)}"


def exact_total_cost(totals: Totals) -> str:
    """The same to the last digit, saying what is missing."""
    exact = exact_money(totals.cost_nusd)
    if not totals.unpriced:
        return exact
    requests = "1 request has" if totals.unpriced == 1 else f"{totals.unpriced:,} requests have"
    return f"{exact}; {requests} no known price"


def relative(at_us: int, now_us: int, tz: tzinfo | None = None) -> str:
    """When something was, for lists: now, 12 s ago, 2 min ago, 3 h ago, yesterday 14:05, 3 May 14:05, 3 May 2025."""
    age_s = (now_us - at_us) // _US_PER_S
    if age_s < 5:
        return "now" if age_s > -5 else exact_time(at_us, tz)
    if age_s < 60:
        return f"{age_s}{NBSP}s ago"
    if age_s < 3600:
        return f"{age_s // 60}{NBSP}min ago"
    then, now = local(at_us, tz), local(now_us, tz)
    if then.date() == now.date():
        return f"{age_s // 3600}{NBSP}h ago"
    if then.date() == (now - timedelta(days=1)).date():
        return f"yesterday {then:%H:%M}"
    day = f"{then.day}{NBSP}{then:%b}"
    return f"{day} {then:%H:%M}" if then.year == now.year else f"{day} {then.year}"


def exact_time(at_us: int, tz: tzinfo | None = None) -> str:
    """Local time to the millisecond: 2026-05-03 14:05:09.123."""
    return local(at_us, tz).isoformat(sep=" ", timespec="milliseconds")[:23]


def clock(at_us: int, tz: tzinfo | None = None, *, seconds: bool = True) -> str:
    """Local time of day: 14:05:09."""
    return f"{local(at_us, tz):%H:%M:%S}" if seconds else f"{local(at_us, tz):%H:%M}"


def local(at_us: int, tz: tzinfo | None = None) -> datetime:
    """The moment in the given zone, or in the one of this machine."""
    whole, part = divmod(at_us, _US_PER_S)
    return datetime.fromtimestamp(whole, tz).replace(microsecond=part) if tz else _machine_time(whole, part)


def _machine_time(whole_s: int, part_us: int) -> datetime:
    return datetime.fromtimestamp(whole_s).astimezone().replace(microsecond=part_us)


_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "&": "＆"})


def natural(text: str) -> Natural:
    """To sort by as people do: "key 2" before "key 10", whatever the case."""
    parts = _DIGITS.split(text.casefold())
    return tuple((0, part) if place % 2 == 0 else _number(part) for place, part in enumerate(parts))


def _number(digits: str) -> tuple[int, str]:
    plain = digits.lstrip("0")
    return len(plain), plain


def one_line(text: str, limit: int = 300) -> str:
    """Foreign text made fit for a label, a menu or a tooltip: one line, nothing invisible, cut with an ellipsis."""
    head = text[: limit * 4]
    plain = head.isascii() and head.isprintable()  # most text is, and then there is nothing to look for
    seen = head if plain else "".join(_spaced(char) for char in head if char.isspace() or _visible(char))
    line = " ".join(seen.split())
    return line if len(line) <= limit and len(head) == len(text) else line[: limit - 1].rstrip() + "…"


def _spaced(char: str) -> str:
    return " " if char.isspace() else char


def without_markup(text: str) -> str:
    """Text for what another program draws: tray messages and tooltips, which know no plain mode.

    Servers of freedesktop's notifications take tags for markup, links and pictures included, and others show entities
    as they are; signs that only look like those of tags are right with all of them.
    """
    return text.translate(_LOOK_ALIKES)


def _visible(char: str) -> bool:
    """Not a control, direction, private or unassigned character: those can hide or reorder what is shown."""
    return unicodedata.category(char)[0] != "C"
