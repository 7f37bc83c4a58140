"""What a client is to the tests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.program import KEY
from tests.e2e.scripted import Ask

QUESTION = "Run the tool and tell me what it said."
TURN_LIMIT_S = 60.0
SHELL_COMMAND = "printf the-word-is-%d-and-漢 0x2a"
SHELL_WORD = "the-word-is-42-and-漢"
"""What only a shell that really ran can say."""


@dataclass(frozen=True)
class Setting:
    """Where and how a client asks."""

    base_url: str
    """Without a version."""
    home: Path
    key: str = KEY
    streaming: bool = True
    question: str = QUESTION


@dataclass(frozen=True)
class Outcome:
    """What a client made of it."""

    answer: str
    failed: bool = False
    said: str = ""
    """All that a program printed."""
    usages: list[dict[str, int]] = field(default_factory=list)
    """The counts of each answer as the client was told them, by neutral names."""
    thoughts: str = ""


@dataclass(frozen=True)
class Client:
    """One client."""

    name: str
    dialect: str
    asks: tuple[Ask, ...]
    """What the model is to ask it for."""
    says: str
    """What only tools that ran can make it answer."""
    recorded_as: str
    ask: Callable[[Setting], Awaitable[Outcome]]
    session: bool = False
    """It names its session."""
    replays: bool = True
    """It hands opaque reasoning back by itself."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Ran:
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return f"{self.out}\n{self.err}"


async def run(
    *command: str, home: Path, environment: Mapping[str, str], limit_s: float = TURN_LIMIT_S, cwd: Path | None = None
) -> Ran:
    """Run a program to its end in a home of its own; killed, with its children, at the limit."""
    home.mkdir(parents=True, exist_ok=True)
    temporary = home / "tmp"
    temporary.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd or home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary), "LANG": "C.UTF-8", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), limit_s)
    except TimeoutError:
        raise AssertionError(f"{Path(command[0]).name} did not end within {limit_s:g} s") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 9)
            await process.wait()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


# --- the tool of the SDKs -------------------------------------------------------------------------------------------
TOOL = "look_up"
TOOL_ABOUT = "Look a city up"
CITY = "Zürich 漢"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
LOOKED_UP = f"{len(CITY)} letters, on the lake 🏔"


def look_up(city: str) -> str:
    """The tool itself."""
    return f"{len(city)} letters, on the lake 🏔"


SDK_ASKS = (Ask(TOOL, {"city": CITY}),)
