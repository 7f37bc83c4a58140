"""Deltas in any order -> blocks in strict order, one open at a time.

Upstreams interleave the fragments of parallel tool calls and come back to reasoning between them; clients get whole
blocks one after the other. The first block of the queue is open and streams; what belongs to later ones waits. A tool
call makes room when its arguments are complete JSON, everything else as soon as something of another kind arrives.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Callable

from app.dialects.base import NameMap
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop, Event
from app.domain.request import Search


class Call:
    """One tool call while it arrives."""

    def __init__(self, number: int, id: str) -> None:  # noqa: A002 (the field's own name)
        self.number = number
        self.id = id
        self.name = ""
        self.fragments: list[str] = []
        self.half = ""
        """The first half of an emoji that was cut apart."""
        self.free_text = False
        """The arguments are no JSON: the input of a free-text tool."""
        self.closed = False
        self._checked = (0, False)
        """How many fragments there were at the last check, and what it said."""

    def arguments(self) -> str:
        """What came so far."""
        return "".join(self.fragments)

    def complete(self) -> bool:
        """Whether the arguments so far are a whole JSON value (or free text, which is whole at any time)."""
        if self.free_text:
            return True
        if self._checked[0] != len(self.fragments):
            self._checked = (len(self.fragments), self._ends())
        return self._checked[1]

    def _ends(self) -> bool:
        first, last = self.fragments[0].lstrip()[:1], self.fragments[-1].rstrip()[-1:]
        if first == "{" and last not in {"}", ""}:
            return False  # spares parsing the whole again for every fragment
        return is_json(self.arguments())

    def take_name(self, name: str) -> None:
        """A name, a piece of one, or the same one again."""
        if name.startswith(self.name):
            self.name = name
        elif not self.fragments and name != self.name:
            self.name += name


class _Block:
    def __init__(self, kind: BlockKind, call: Call | None = None) -> None:
        self.kind = kind
        self.call = call
        self.held: list[str] = []
        self.open = False
        self.said = False


class Blocks:
    """Orders the deltas of one answer; every method appends to the list of events it is given.

    `signature` gives the text to sign a thinking block with when it closes.
    """

    def __init__(self, names: NameMap, signature: Callable[[], str]) -> None:
        self._names = names
        self._signature = signature
        self._queue: deque[_Block] = deque()
        self._index = -1
        self._ids: set[str] = set()
        self.calls = 0
        """Tool blocks that were opened."""
        self.text_index = -1
        """The open block, if it is text and nothing waits behind it: its deltas may be made without asking here."""

    @property
    def count(self) -> int:
        """How many blocks were opened."""
        return self._index + 1

    def say(self, kind: BlockKind, text: str, events: list[Event]) -> None:
        """More text or thinking."""
        queue = self._queue
        if queue and queue[-1].kind is kind:
            if len(queue) == 1:
                if text:
                    events.append(BlockDelta(self._index, text))
                self.text_index = self._index if kind is BlockKind.TEXT else -1
            else:
                queue[-1].held.append(text)
            return
        block = _Block(kind)
        block.held.append(text)
        queue.append(block)
        self._advance(events)
        self.text_index = self._index if len(queue) == 1 and kind is BlockKind.TEXT else -1

    def begin(self, call: Call) -> None:
        """A tool call that was not there before; it opens with its first fragment."""
        self._queue.append(_Block(BlockKind.TOOL, call))
        self.text_index = -1

    def fragment(self, call: Call, text: str, events: list[Event]) -> None:
        """More of a call's name or arguments.

        Raises PatchbayError BAD_REPLY for arguments of a call that was already complete and handed on.
        """
        if call.closed:
            if text.strip() and text != call.arguments():
                raise PatchbayError(
                    ErrorKind.BAD_REPLY, "The upstream went on with a tool call whose arguments were complete."
                )
            return
        if text:
            call.fragments.append(text)
            self._block(call).held.append(text)
        self._advance(events)

    def search(self, search: Search, events: list[Event]) -> None:
        """A web search of the upstream's own, whole; only where no block is open."""
        self._index += 1
        events.append(BlockStart(self._index, BlockKind.SEARCH, search=search))
        events.append(BlockStop(self._index))

    def cut(self) -> bool:
        """Whether a tool call is there whose arguments begin and do not end."""
        waiting = (block.call for block in self._queue if block.call is not None)
        return any(call.fragments and not call.complete() for call in waiting)

    def finish(self, events: list[Event]) -> None:
        """Hand on all that waits and close the last block."""
        self.text_index = -1
        while self._queue:
            block = self._queue[0]
            if block.call is not None and not (block.call.id or block.call.name or block.call.fragments):
                self._queue.popleft()
                continue
            self._stream(block, events)
            self._close(events)

    def _block(self, call: Call) -> _Block:
        return next(block for block in self._queue if block.call is call)

    def _advance(self, events: list[Event]) -> None:
        while self._queue:
            block = self._queue[0]
            followed = len(self._queue) > 1
            if not block.open and block.call is not None and not _may_open(block.call, followed=followed):
                return
            self._stream(block, events)
            if not followed or (block.call is not None and not block.call.complete()):
                return
            self._close(events)

    def _stream(self, block: _Block, events: list[Event]) -> None:
        """Open the first block if it is not, and hand on what it holds."""
        if not block.open:
            self._open(block, events)
        if block.call is not None and block.call.free_text:
            return
        held = "".join(block.held)
        block.held.clear()
        if held:
            block.said = True
            events.append(BlockDelta(self._index, held))

    def _open(self, block: _Block, events: list[Event]) -> None:
        block.open = True
        self._index += 1
        call = block.call
        if call is None:
            events.append(BlockStart(self._index, block.kind))
            return
        self.calls += 1
        name = self._names.client(call.name) if call.name else f"tool_{call.number}"
        events.append(BlockStart(self._index, BlockKind.TOOL, id=self._unique(call.id), name=name))

    def _unique(self, given: str) -> str:
        """The id, or one of our own; a second call of the same id would be dropped by clients, so it gets a suffix."""
        base = given or own_id()
        free, again = base, 1
        while free in self._ids:
            again += 1
            free = f"{base}_{again}"
        self._ids.add(free)
        return free

    def _close(self, events: list[Event]) -> None:
        block = self._queue.popleft()
        call = block.call
        if call is not None:
            call.closed = True
            if call.free_text:
                text = json.dumps({"input": call.arguments()}, ensure_ascii=False, separators=(",", ":"))
                events.append(BlockDelta(self._index, text))
            elif not block.said:
                events.append(BlockDelta(self._index, "{}"))
        elif block.kind is BlockKind.THINKING:
            events.append(BlockSignature(self._index, self._signature()))
        events.append(BlockStop(self._index))


def own_id() -> str:
    """An id for a call that came without one."""
    return f"toolu_{secrets.token_hex(12)}"


def is_json(text: str) -> bool:
    """Whether the text is one whole JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _may_open(call: Call, *, followed: bool) -> bool:
    """Whether the call's name is certain: arguments began, or another block waits behind it."""
    if call.name:
        return bool(call.fragments) or followed
    return followed and bool(call.fragments) and call.complete()
