"""One output item while it arrives: what was said of it in deltas, what its end adds, what is still to be handed on."""

from __future__ import annotations

from typing import Any

from app.dialects.loose_json import mended
from app.dialects.openai_responses import wire_answer as wire
from app.domain.events import BlockKind
from app.domain.request import Search

FREE_TEXT_CALL = "custom_tool_call"
KINDS = {
    "message": BlockKind.TEXT,
    "reasoning": BlockKind.THINKING,
    "function_call": BlockKind.TOOL,
    FREE_TEXT_CALL: BlockKind.TOOL,
    "web_search_call": BlockKind.SEARCH,
}


def kind_of(type: str) -> BlockKind:  # noqa: A002 (the field's own name)
    """What an item of a type becomes; one of a type not listed is a block that only OpenAI's clients know."""
    return KINDS.get(type, BlockKind.FOREIGN)


class Item:
    """An item of the answer; its texts are kept by place (content or summary index), so that nothing is said twice."""

    def __init__(self, kind: BlockKind) -> None:
        self.kind = kind
        self.id = ""
        self.call_id = ""
        self.name = ""
        self.free_text = False
        """The call of a tool that takes free text."""
        self._source: type[wire.Delta] | None = None
        """Which of its two texts a reasoning item is told by: the first that comes, summary or reasoning itself."""
        self.sealed = b""
        """What the upstream wants back of a reasoning item, as JSON."""
        self.json = b""
        """The whole item, where only OpenAI's clients know it."""
        self.search: Search | None = None
        self.annotations: list[dict[str, Any]] = []
        self.refused: set[int] = set()
        """The places whose text is a refusal."""
        self.announced = False
        """An event told of its beginning, so that one will tell of its end."""
        self.done = False
        self.lapsed = False
        """Taken for done, because another item began."""
        self.open = False
        self.held: list[str] = []
        self._places: dict[int, list[str]] = {}
        self._last: tuple[type[wire.Delta] | None, int] = (None, 0)
        self._now: list[str] = []
        """What was said at the last place."""
        self._half = ""

    def say(self, delta: type[wire.Delta], place: int, text: str) -> None:
        """More of the text at a place."""
        if self._half or not text.isascii():
            text, self._half = mended(self._half, text)
        if not text or (self.kind is BlockKind.THINKING and not self._told_by(delta)):
            return
        if place not in self._places:
            if self._places and self.kind is BlockKind.THINKING:
                self.held.append("\n\n")
            self._places[place] = []
        if delta is wire.RefusalDelta:
            self.refused.add(place)
        self._last, self._now = (delta, place), self._places[place]
        self._now.append(text)
        self.held.append(text)

    def goes_on(self, delta: type[wire.Delta], place: int, text: str) -> bool:
        """Take more of what was said last, where nothing needs a closer look; the commonest case by far."""
        if self._last != (delta, place) or self._half or not text.isascii():
            return False
        self._now.append(text)
        return True

    def supply(self, delta: type[wire.Delta], place: int, whole: str) -> None:
        """The whole text at a place: what no delta brought is said now."""
        said = "".join(self._places.get(place, ()))
        if len(whole) > len(said) and whole.startswith(said):
            self._half = ""
            self.say(delta, place, whole[len(said) :])
            self.end_text()

    def lapse(self) -> None:
        """Another item began; where nobody told of this one's beginning, nobody will tell of its end."""
        if self.kind in {BlockKind.TEXT, BlockKind.THINKING} and not (self.announced or self.done):
            self.done = self.lapsed = True

    def again(self) -> Item:
        """The same item as another block, after it lapsed; it knows what was said already."""
        twin = Item(self.kind)
        twin.id, twin._source, twin._places = self.id, self._source, self._places
        return twin

    def is_another(self, item_id: str | None) -> bool:
        """Whether an event with that id must mean another item, though it bears this one's number."""
        return self.done and bool(self.id and item_id and self.id != item_id)

    def end_text(self) -> None:
        """Nothing more will be said; half a character that still waits is lost."""
        if self._half:
            self._half = ""
            self.held.append("\ufffd")

    def chars(self) -> int:
        """How long its text is by now."""
        return sum(len(piece) for pieces in self._places.values() for piece in pieces)

    def _told_by(self, delta: type[wire.Delta]) -> bool:
        self._source = self._source or delta
        return self._source is delta

    def refusal(self) -> str:
        """The text of the refusals."""
        return "".join(text for place in sorted(self.refused) for text in self._places.get(place, ()))

    @property
    def spoken(self) -> bool:
        """Whether anything was said."""
        return bool(self._places)
