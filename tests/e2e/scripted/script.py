"""What an upstream is to play, and what it saw."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

PLAIN = "A short plain answer."
THOUGHT = "The tool will know."
BEFORE = "Let me look."
"""What the model says before it asks for a tool."""

INPUT, CACHE_READ, CACHE_WRITE = 120, 50, 30
PROMPT = INPUT + CACHE_READ + CACHE_WRITE
OUTPUT, REASONING = 17, 5
"""The counts of every answer; `REASONING` is a part of `OUTPUT`. Gemini has no cache writes: its input is 150."""


class Fault(StrEnum):
    """What goes wrong instead of an answer."""

    RATE_LIMITED = "rate limited"
    TOO_LONG = "too long"
    CUT = "cut"
    """The stream starts well and its connection is closed half-way."""


@dataclass(frozen=True)
class Ask:
    """A call that the model makes."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """One answer."""

    number: int
    """Of the request, from 1; makes ids."""
    text: str
    thought: str = ""
    asks: tuple[Ask, ...] = ()


@dataclass
class Script:
    """What to ask for, what to break, and what was seen."""

    wanted: str
    arguments: dict[str, Any]
    further: tuple[Ask, ...] = ()
    """Calls made in parallel with the first."""
    faults: list[Fault] = field(default_factory=list)
    """One is taken for each request until none is left."""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    """The opaque signatures that were handed out -> what each belongs to."""
    returned: list[str] = field(default_factory=list)
    """Those that came back unchanged and in their place."""
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """Set unless a test clears it; while it is not, every stream stops half-way."""

    def __post_init__(self) -> None:
        self.may_go_on.set()

    @property
    def asks(self) -> tuple[Ask, ...]:
        return (Ask(self.wanted, self.arguments), *self.further)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, body in self.requests]

    def turn(self, offered: set[str], results: list[str]) -> Turn:
        """What is answered to a request that offers those tools and ends with those results."""
        number = len(self.requests)
        if results:
            said = " | ".join(result.strip() for result in results)
            return Turn(number, f"The tool said: {said}", THOUGHT)
        if {ask.tool for ask in self.asks} <= offered:
            return Turn(number, BEFORE, THOUGHT, self.asks)
        return Turn(number, PLAIN)

    def give(self, signature: str, meaning: str) -> str:
        """Hand a signature out."""
        self.given[signature] = meaning
        return signature


def pieces(text: str) -> list[str]:
    """A text as it streams."""
    return [text[at : at + 7] for at in range(0, len(text), 7)]
