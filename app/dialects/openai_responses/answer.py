"""An answer while it arrives: which item an event speaks of, what the item becomes, and how the answer ends."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.dialects import signatures, upstream_error
from app.dialects.base import Road
from app.dialects.openai_responses import wire_answer as wire
from app.dialects.openai_responses.answer_items import FREE_TEXT_CALL, Item, kind_of
from app.dialects.openai_responses.answer_loose import read_item
from app.dialects.openai_responses.answer_queue import AnswerQueue
from app.dialects.openai_responses.answer_searches import Searches
from app.dialects.openai_responses.usage_read import read_usage
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import BlockKind, Event, MessageStart, MessageStop, StopReason, UsageSeen
from app.domain.usage import Usage, UsageSource, estimate_tokens

_BEYOND = "The upstream went on with a part of the answer that was complete."
_NO_REASON = b'{"error":{"message":"The upstream says that the answer failed, but not why."}}'


class Answer:
    """Takes the events of one answer; its methods append to the list of events they are given."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._queue = AnswerQueue(
            road.names,
            self._signature,
            empty_thinking=road.show_thinking or road.opaque_thinking,
            hold=bool(road.search_query),
        )
        self._searches = Searches(self._queue, road.search_query)
        self._items: list[Item] = []
        self._by_index: dict[tuple[int, BlockKind], Item] = {}
        """Some servers number a message and its reasoning alike."""
        self._by_id: dict[str, Item] = {}
        self._started = False

    def start(self, response: wire.ResponseIn | None, events: list[Event]) -> None:
        """The upstream began, or says again that it did."""
        if not self._started:
            self._started = True
            begun = response or wire.ResponseIn()
            events.append(MessageStart(begun.id or "", begun.model or ""))

    def say(self, delta: wire.Delta, text: str, events: list[Event]) -> None:
        """More of an item; raises PatchbayError BAD_REPLY where the item was complete."""
        item = self._by_index.get((delta.output_index, delta.kind))
        if item is None or item.done:
            item = self._next(item, delta.item, delta.output_index, delta.item_id, events)
        elif self._queue.streams(item) and item.goes_on(type(delta), delta.place, text):
            self._queue.say(text, events)
            return
        self._say(item, type(delta), delta.place, text, events)

    def say_loosely(self, delta: type[wire.Delta], wired: wire.EventIn, events: list[Event]) -> None:
        """The same for an event that lacks its index or has a member of a wrong type."""
        if wired.delta:
            self._say(self._item(delta, wired, events), delta, _place(wired), wired.delta, events)

    def supply(self, delta: type[wire.Delta], wired: wire.EventIn, events: list[Event]) -> None:
        """A text is complete: what its deltas left out follows."""
        part = wired.part or wire.PartIn()
        text = wired.text or wired.refusal or _arguments(wired.arguments) or wired.input or part.said()
        if text:
            item = self._item(delta, wired, events)
            if not item.done:
                item.supply(delta, _place(wired), text)
                self._queue.advance(events)

    def annotated(self, wired: wire.EventIn) -> None:
        """A citation in a message."""
        item = self._known(wired, BlockKind.TEXT)
        if item is not None and wired.annotation:
            item.annotations.append(wired.annotation)

    def added(self, wired: wire.EventIn, events: list[Event]) -> None:
        """An item begins."""
        given = read_item(wired.item)
        kind = given.type or ""
        item = None if wired.output_index is None else self._known(wired, kind_of(kind))
        if item is None or item.done or (item.id and item.id != given.id):
            item = self._new(kind, wired.output_index, given.id or "", events)
        item.announced = True
        _describe(item, given, wired.item)
        self._queue.advance(events)

    def done(self, wired: wire.EventIn, events: list[Event]) -> None:
        """An item is complete; it may be the first that is heard of it."""
        given = read_item(wired.item)
        kind = given.type or ""
        wired.item_id = wired.item_id or given.id
        item = self._known(wired, kind_of(kind))
        item = self._next(item, kind, wired.output_index, given.id, events)
        if not item.done:
            self._complete(item, given, wired.item)
            self._queue.advance(events)

    def end(self, response: wire.ResponseIn, events: list[Event]) -> None:
        """The answer is over; raises PatchbayError where it failed."""
        failed = response.status == "failed" or wire.given(response.error)
        if not failed:
            self.start(response, events)  # else what never began can still be told as an error
            self._complete_all(response.output or [], events)
        usage = read_usage(response, self._road.upstream_kind, self._searches.count)
        if usage is not None:
            events.append(UsageSeen(usage))
        if failed:
            said = b'{"error":%b}' % bytes(response.error) if wire.given(response.error) else _NO_REASON
            raise upstream_error.in_stream(said)
        events.append(self._stop(response, usage))

    def _complete_all(self, output: list[msgspec.Raw], events: list[Event]) -> None:
        """Complete what no event completed, from the answer as a whole; some servers send nothing else."""
        kinds = {item.kind for item in self._items}
        calls = {item.call_id for item in self._items}
        for index, raw in enumerate(output):
            given = read_item(raw)
            kind = kind_of(given.type or "")
            item = self._by_index.get((index, kind))
            same = item is not None and (not item.call_id or given.call_id in (None, item.call_id))
            if item is not None and same and not item.done:
                self._complete(item, given, raw)
            elif kind not in kinds or (kind is BlockKind.TOOL and given.call_id and given.call_id not in calls):
                self._complete(self._new(given.type or "", None, given.id or "", events), given, raw)
        for item in self._items:
            if item.kind is BlockKind.TEXT and (item.lapsed or not item.done):
                self._searches.cited(item)
        self._searches.finish()
        self._queue.finish(events)

    def _stop(self, response: wire.ResponseIn, usage: Usage | None) -> MessageStop:
        refusal = "".join(item.refusal() for item in self._items)
        reason = StopReason.END_TURN
        if response.status == "incomplete":
            why = response.incomplete_details.reason if response.incomplete_details else None
            reason = StopReason.REFUSAL if why == "content_filter" else StopReason.MAX_TOKENS
        elif self._queue.calls:
            reason = StopReason.TOOL_USE
        elif refusal:
            reason = StopReason.REFUSAL
        estimated = Usage(
            input_tokens=self._road.input_estimate_tokens,
            output_tokens=estimate_tokens(self._queue.said_bytes) if self._queue.said_bytes else 0,
            web_searches=self._searches.count,
            source=UsageSource.ESTIMATED,
        )
        return MessageStop(reason, usage or estimated, refusal=refusal)

    def _item(self, delta: type[wire.Delta], wired: wire.EventIn, events: list[Event]) -> Item:
        known = self._known(wired, delta.kind)
        return self._next(known, delta.item, wired.output_index, wired.item_id, events)

    def _known(self, wired: wire.EventIn, kind: BlockKind) -> Item | None:
        """The item of an event: by its index, because some servers give an item another id in every event."""
        if wired.output_index is not None:
            return self._by_index.get((wired.output_index, kind))
        last = self._items[-1] if self._items else None
        other = last is not None and last.id and wired.item_id and last.id != wired.item_id
        item = self._by_id.get(wired.item_id or "") or (None if other else last)
        return item if item is not None and item.kind is kind else None

    def _next(self, known: Item | None, kind: str, index: int | None, item_id: str | None, events: list[Event]) -> Item:
        """The item that an event means, where `known` has its number: itself, another one, or itself once more."""
        if known is None or known.is_another(item_id):
            return self._new(kind, index, item_id or "", events)
        if not known.lapsed:
            return known
        return self._enter(known.again(), index)

    def _new(self, kind: str, index: int | None, item_id: str, events: list[Event]) -> Item:
        self.start(None, events)
        item = Item(kind_of(kind))
        item.id = item_id
        item.free_text = kind == FREE_TEXT_CALL
        return self._enter(item, index)

    def _enter(self, item: Item, index: int | None) -> Item:
        """Take an item to the others."""
        if self._items:
            self._items[-1].lapse()
        self._items.append(item)
        if index is not None:
            self._by_index[index, item.kind] = item
        if item.id:
            self._by_id[item.id] = item
        if item.kind is not BlockKind.SEARCH:
            self._queue.add(item)
        return item

    def _say(self, item: Item, delta: type[wire.Delta], place: int, text: str, events: list[Event]) -> None:
        if item.done and text:
            raise PatchbayError(ErrorKind.BAD_REPLY, _BEYOND)
        item.say(delta, place, text)
        self._queue.advance(events)

    def _complete(self, item: Item, given: wire.ItemIn, raw: msgspec.Raw) -> None:
        _describe(item, given, raw)
        if item.kind is BlockKind.TEXT:
            parts = [wire.PartIn(text=given.content)] if isinstance(given.content, str) else given.content or []
            for place, part in enumerate(parts):
                item.supply(wire.RefusalDelta if part.refusal else wire.TextDelta, place, part.said())
            item.annotations = [one for part in parts for one in part.annotations or ()] or item.annotations
            self._searches.cited(item)
        elif item.kind is BlockKind.THINKING:
            _complete_reasoning(item, given)
        elif item.kind is BlockKind.TOOL:
            item.supply(wire.ArgumentsDelta, 0, _arguments(given.arguments) or given.input or "")
        elif item.kind is BlockKind.SEARCH:
            self._searches.seen(item, given)
        item.done = True

    def _signature(self, sealed: bytes) -> str:
        """What signs a thinking block: the reasoning that this upstream wants to see again, in our envelope."""
        return signatures.wrap(self._road.upstream_kind, self._road.sent_model, sealed)


def _describe(item: Item, given: wire.ItemIn, raw: msgspec.Raw) -> None:
    """Take over what an item says of itself, when it begins and again when it is complete."""
    item.id = item.id or given.id or ""
    if item.kind is BlockKind.TOOL:
        item.free_text = given.type == FREE_TEXT_CALL
        item.call_id = given.call_id or item.call_id or given.id or ""
        item.name = given.name or item.name
    elif item.kind is BlockKind.FOREIGN:
        item.json = bytes(raw)


def _complete_reasoning(item: Item, given: wire.ItemIn) -> None:
    thought = given.content if isinstance(given.content, list) else []
    for delta, parts in ((wire.SummaryDelta, given.summary or []), (wire.ThoughtDelta, thought)):
        for place, part in enumerate(parts):
            item.supply(delta, place, part.said())
    if given.encrypted_content:
        sealed = {"id": given.id, "encrypted_content": given.encrypted_content}
        item.sealed = msgspec.json.encode(sealed)


def _place(wired: wire.EventIn) -> int:
    return wired.content_index or wired.summary_index or 0


def _arguments(given: str | dict[str, Any] | None) -> str:
    """A call's arguments as text; careless servers send them as an object."""
    if isinstance(given, dict):
        return json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    return given or ""
