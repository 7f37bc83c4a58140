"""Makes what is large part by part: other work of the loop, requests above all, waits for one part and not for all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator


class InParts:
    """A widget whose parts are made one by one; whoever shows it calls `complete` first.

    What is small and what others connect to belongs into `__init__`, everything else into `parts`.
    """

    _making: Iterator[None] | None = None
    whole = False
    """Whether everything is there."""

    def parts(self) -> Iterator[None]:
        """Make everything, with a `yield` wherever the loop may have a turn before it goes on."""
        yield from ()

    def make_part(self) -> bool:
        """Make the next part; False once everything is there."""
        if self._making is None:
            self._making = self.parts()
        for _ in self._making:
            return True
        self.whole = True
        return False

    def complete(self) -> None:
        """Make what is left, at once."""
        while self.make_part():
            pass


async def in_turns(whole: InParts) -> None:
    """Make what is left of it, with a turn of the loop after each part."""
    more = True
    while more:
        more = whole.make_part()
        await asyncio.sleep(0)
