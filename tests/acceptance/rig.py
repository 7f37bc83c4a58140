"""A folder of screws for the computer around the running program: its clock, its keyring, its log, its window."""

from __future__ import annotations

import asyncio
import json
import struct
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import ROOT, base_environment

RIGGED = Path(__file__).parent / "rigged"
MUTANT = Path(__file__).parent / "mutant"


@dataclass(frozen=True)
class Rig:
    """See `rigged/sitecustomize.py`."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a program is started with."""
        path = f"{RIGGED}:{MUTANT}:{ROOT}"
        return {**base_environment(), "RIG_DIR": str(self.folder), "PYTHONPATH": path}

    @property
    def desktop(self) -> dict[str, str]:
        """The same for one with a window, on no display."""
        return {**self.environment, "QT_QPA_PLATFORM": "offscreen", "RIG_WINDOW": "1"}

    def move_clock(self, seconds: float) -> None:
        """The wall clock is so much off from now on; called once before the start, too."""
        with (self.folder / "clock").open("r+b" if (self.folder / "clock").exists() else "wb") as file:
            file.write(struct.pack("d", seconds))

    def hurry(self, every_s: float) -> None:
        """What is done every so many seconds is done that much more often; before the start."""
        (self.folder / "hurry").write_text(str(every_s))

    def keep(self, **entries: str) -> None:
        """Change the keyring from outside; its entries are named `service|name`."""
        (self.folder / "keyring.json").write_text(json.dumps(entries))

    @property
    def kept(self) -> dict[str, str]:
        """What is in the keyring."""
        return dict(json.loads((self.folder / "keyring.json").read_text()))

    async def do(self, script: str, limit_s: float = 15.0) -> str:
        """Run a script on the program's loop; it has `window` and `say`. What it said."""
        said, part = self.folder / "said", self.folder / "do.part"
        said.unlink(missing_ok=True)
        part.write_text(script)
        part.replace(self.folder / "do.py")
        async with asyncio.timeout(limit_s):
            while not said.exists():
                await asyncio.sleep(0.02)
        return said.read_text()

    async def until(self, script: str, wanted: str, limit_s: float = 15.0) -> None:
        """Run a script again and again until it says what is wanted."""
        last = ""
        try:
            async with asyncio.timeout(limit_s):
                while (last := await self.do(script)) != wanted:
                    pass
        except TimeoutError:
            raise AssertionError(f"it said {last!r}, not {wanted!r}") from None
