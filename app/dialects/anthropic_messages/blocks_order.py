"""The blocks of a stream in strict order: indices without gaps, one block open at a time.

A block that begins while another is open waits, with all that is said in it, until those before it are complete.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop, Event


@dataclass(slots=True)
class _Block:
    start: BlockStart
    otherwise: str
    """What to say where nothing was said: a tool's arguments."""
    live: bool = False
    said: bool = False
    stopped: bool = False
    signature: str = ""
    held: list[str] = field(default_factory=list)


class Blocks:
    """The open blocks by the upstream's index; methods append to the list of events that they are given."""

    def __init__(self) -> None:
        self._open: dict[int, _Block] = {}
        """Those that may still be spoken to."""
        self._queue: deque[_Block] = deque()
        self._next = 0

    def start(self, key: int, start: BlockStart, events: list[Event], *, otherwise: str = "") -> None:
        """A block begins; its index is given anew. One that was never stopped is stopped first."""
        self.stop(key, events)
        self._open[key] = block = _Block(start, otherwise)
        self._queue.append(block)
        self._advance(events)

    def text(self, key: int, text: str, events: list[Event]) -> bool:
        """More of a block; False where no such block is open."""
        block = self._open.get(key)
        if block is None:
            return False
        if text:
            block.said = True
        if block.live:
            events.append(BlockDelta(block.start.index, text))
        else:
            block.held.append(text)
        return True

    def sign(self, key: int, signature: str) -> None:
        """More of a thinking block's signature."""
        block = self._open.get(key)
        if block is not None:
            block.signature += signature

    def stop(self, key: int, events: list[Event]) -> None:
        """A block is complete; unknown ones are none of ours."""
        block = self._open.pop(key, None)
        if block is not None:
            block.stopped = True
            self._advance(events)

    def stop_all(self, events: list[Event]) -> None:
        """The answer is complete, and with it every block."""
        for key in list(self._open):
            self.stop(key, events)

    def _advance(self, events: list[Event]) -> None:
        """Lets the first block speak, and closes those that are complete."""
        while self._queue:
            block = self._queue[0]
            if not block.live:
                self._open_now(block, events)
            if not block.stopped:
                return
            self._close(block, events)
            self._queue.popleft()

    def _open_now(self, block: _Block, events: list[Event]) -> None:
        block.live = True
        block.start = replace(block.start, index=self._next)
        self._next += 1
        events.append(block.start)
        events += (BlockDelta(block.start.index, text) for text in block.held)
        block.held.clear()

    def _close(self, block: _Block, events: list[Event]) -> None:
        index = block.start.index
        if block.otherwise and not block.said:
            events.append(BlockDelta(index, block.otherwise))
        if block.signature and block.start.kind is BlockKind.THINKING:
            events.append(BlockSignature(index, block.signature))
        events.append(BlockStop(index))
