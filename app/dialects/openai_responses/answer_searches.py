"""Web searches that the upstream ran by itself, with the pages that the answer cites.

What a search found is known only from the text's citations, which come with or after the text. So a search is handed on
after the message that cites it; only where the client wants nothing but the search, everything waits and the search
comes first.
"""

from __future__ import annotations

from dataclasses import replace

from app.dialects import citations
from app.dialects.openai_responses import wire_answer as wire
from app.dialects.openai_responses.answer_items import Item
from app.dialects.openai_responses.answer_queue import AnswerQueue
from app.domain.events import BlockKind
from app.domain.request import Search, SearchHit


class Searches:
    """The searches of one answer; `wanted` is what the client wants searched, where it wants nothing else."""

    def __init__(self, queue: AnswerQueue, wanted: str) -> None:
        self._queue = queue
        self._wanted = wanted
        self._waiting: list[Item] = []
        self._hits: tuple[SearchHit, ...] = ()
        self._said_chars = 0
        """In the messages that are complete: citations count from the beginning of their own."""
        self.count = 0
        """How often the web was searched."""

    def seen(self, item: Item, wired: wire.ItemIn) -> None:
        """A call of the upstream's own tool; opening a found page or looking for words in it is no search."""
        action = wired.action or wire.ActionIn()
        if action.type not in {None, "search"}:
            return
        self.count += 1
        found = tuple(SearchHit(one.url) for one in action.sources or () if one.url)
        item.search = Search(item.id, action.query or "; ".join(action.queries or ()), found)
        item.done = True
        if self._wanted:
            self._queue.add(item)
        else:
            self._waiting.append(item)

    def cited(self, message: Item) -> None:
        """A message is complete, with all its citations."""
        hits = tuple(_later(hit, self._said_chars) for hit in citations.hits(message.annotations))
        self._said_chars += message.chars()
        if self._wanted or not self._waiting:
            self._hits += hits
            return
        _add(self._waiting[-1], hits)
        for item in reversed(self._waiting):
            self._queue.insert_after(message, item)
        self._waiting.clear()

    def finish(self) -> None:
        """The answer is complete: what was cited before any search showed belongs to the last one, or to one unseen."""
        for item in self._waiting:
            self._queue.add(item)
        if not self._hits:
            return
        calls = self._queue.waiting(BlockKind.SEARCH)
        if not calls:
            calls = [Item(BlockKind.SEARCH)]
            calls[0].search = Search("ws_1", self._wanted)
            if self._wanted:
                self._queue.insert_before_text(calls[0])
            else:
                self._queue.add(calls[0])
        _add(calls[-1], self._hits)


def _later(hit: SearchHit, chars: int) -> SearchHit:
    """The citation as its place is in the whole answer."""
    return replace(hit, start=hit.start + chars, end=hit.end + chars) if chars and hit.end else hit


def _add(item: Item, hits: tuple[SearchHit, ...]) -> None:
    """What was cited first, then what was only looked at; each page once."""
    if item.search is not None:
        pages = {hit.url: hit for hit in (*item.search.hits, *reversed(hits))}
        cited = {hit.url: pages[hit.url] for hit in hits}
        item.search = replace(item.search, hits=tuple((cited | pages).values()))
