"""That something rests, as every face says it."""

from __future__ import annotations

from app.domain.periods import until


def rest_words(until_us: int, why: str, now_us: int) -> str:
    """For the middle of a sentence, by the local clock: "rests until 14:05 (rate limited)"."""
    return f"rests until {until(until_us, now_us)}{f' ({why})' if why else ''}"


def partly_words(count: int, of: int, until_us: int, why: str, now_us: int) -> str:
    """Some of a provider's keys rest, until the first of them is asked again: "1 of 2 keys rests until 14:05"."""
    words = rest_words(until_us, why, now_us)
    return f"{count} of {of} keys {words if count == 1 else words.replace('rests', 'rest', 1)}"
