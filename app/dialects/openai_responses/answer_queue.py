"""Items in any order -> blocks in strict order, one open at a time.

The first item of the queue is open and streams; what belongs to later ones waits until it is done.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Callable

from app.dialects.base import NameMap
from app.dialects.openai_responses.answer_items import Item
from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop, Event


class AnswerQueue:
    """Orders the items of one answer; its methods append to the list of events they are given.

    `signature` signs a thinking block with what an item has sealed; `empty_thinking` lets a block without text carry
    it; `hold` keeps everything back until `finish`.
    """

    def __init__(
        self, names: NameMap, signature: Callable[[bytes], str], *, empty_thinking: bool, hold: bool = False
    ) -> None:
        self._names = names
        self._signature = signature
        self._empty_thinking = empty_thinking
        self._hold = hold
        self._queue: deque[Item] = deque()
        self._index = -1
        self._ids: set[str] = set()
        self.calls = 0
        """Tool blocks that were opened."""
        self.said_bytes = 0
        """Of text, thinking and arguments."""

    def add(self, item: Item) -> None:
        """An item that was not there before."""
        self._queue.append(item)

    def insert_after(self, place: Item, item: Item) -> None:
        """An item to follow another one, or all where that one is closed."""
        at = self._queue.index(place) + 1 if place in self._queue else len(self._queue)
        self._queue.insert(at, item)

    def insert_before_text(self, item: Item) -> None:
        """An item to stand before the first message that still waits."""
        at = next((n for n, one in enumerate(self._queue) if one.kind is BlockKind.TEXT), len(self._queue))
        self._queue.insert(at, item)

    def waiting(self, kind: BlockKind) -> list[Item]:
        """The items of a kind that are not closed."""
        return [item for item in self._queue if item.kind is kind]

    def advance(self, events: list[Event]) -> None:
        """Hand on what can be handed on."""
        while self._queue and not self._hold:
            item = self._queue[0]
            self._stream(item, events)
            if not item.done:
                return
            self._close(item, events)
            self._queue.popleft()

    def streams(self, item: Item) -> bool:
        """Whether more of this item may be handed on at once: it is the open one and nothing waits before it."""
        return item.open and not (item.done or item.held or item.free_text) and self._queue[0] is item

    def say(self, text: str, events: list[Event]) -> None:
        """Hand on more of the open item."""
        self.said_bytes += len(text) if text.isascii() else len(text.encode())
        events.append(BlockDelta(self._index, text))

    def finish(self, events: list[Event]) -> None:
        """Hand on all that waits and close the last block."""
        self._hold = False
        for item in self._queue:
            item.done = True
        self.advance(events)

    def _stream(self, item: Item, events: list[Event]) -> None:
        """Open the first item if something is known of it, and hand on what it holds."""
        if not item.open:
            known = bool(item.held) if item.kind in {BlockKind.TEXT, BlockKind.THINKING} else bool(item.name)
            if not known:
                return
            self._open(item, events)
        if item.held and not item.free_text:
            self.say("".join(item.held), events)
            item.held.clear()

    def _open(self, item: Item, events: list[Event]) -> None:
        item.open = True
        self._index += 1
        if item.kind is not BlockKind.TOOL:
            events.append(BlockStart(self._index, item.kind, json=item.json, search=item.search))
            return
        name = self._names.client(item.name) if item.name else f"tool_{self.calls}"
        self.calls += 1
        events.append(BlockStart(self._index, BlockKind.TOOL, id=self._unique(item.call_id), name=name))

    def _unique(self, given: str) -> str:
        """The id, or one of our own; a second call of the same id would be dropped by clients, so it gets a suffix."""
        base = given or f"call_{secrets.token_hex(12)}"
        free, again = base, 1
        while free in self._ids:
            again += 1
            free = f"{base}_{again}"
        self._ids.add(free)
        return free

    def _close(self, item: Item, events: list[Event]) -> None:
        item.end_text()
        if not item.open and self._worth(item):
            self._open(item, events)
        if not item.open:
            return
        text = "".join(item.held)
        item.held.clear()
        if item.free_text:
            text = json.dumps({"input": text}, ensure_ascii=False, separators=(",", ":"))
        elif item.kind is BlockKind.TOOL and not item.spoken:
            text = "{}"
        if text:
            self.say(text, events)
        if item.kind is BlockKind.THINKING:
            events.append(BlockSignature(self._index, self._signature(item.sealed or b"{}")))
        events.append(BlockStop(self._index))

    def _worth(self, item: Item) -> bool:
        """Whether an item that said nothing is a block all the same."""
        match item.kind:
            case BlockKind.TOOL:
                return bool(item.call_id or item.name or item.spoken)
            case BlockKind.THINKING:
                return bool(item.held) or (self._empty_thinking and bool(item.sealed))
            case BlockKind.SEARCH:
                return item.search is not None
            case BlockKind.FOREIGN:
                return bool(item.json)
            case _:
                return bool(item.held)
