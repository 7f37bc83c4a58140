"""The parts of a Gemini answer -> blocks in strict order: text and thoughts grow, everything else is whole at once.

A signature belongs to the part it stands beside. A call keeps its own; so that it also survives clients that keep
thinking blocks and nothing else, the thinking block right before it carries it too, and where there is none an empty
one is made. A text's signature stands in the thinking block before it, if it comes in time; no answer is held back for
it, because Google demands only those of calls.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from app.dialects import signatures
from app.dialects.base import Road
from app.dialects.gemini.wire_reply import CallIn, PartIn
from app.dialects.names import tool_id
from app.domain.events import BlockDelta, BlockKind, BlockSignature, BlockStart, BlockStop, Event
from app.domain.request import Search

_FENCES = re.compile("`{3,}")


class OwnIds:
    """Ids for what comes without one: the same for the same answer, other ones for any other.

    They hang on the answer's own id; an answer without one gets ids that nobody can repeat.
    """

    def __init__(self) -> None:
        self._seed = ""
        self._taken: set[str] = set()

    def of_answer(self, response_id: str) -> None:
        """Take the answer's id, as soon as it is known."""
        self._seed = self._seed or response_id

    def new(self, prefix: str) -> str:
        """An id of our own that begins so."""
        self._seed = self._seed or secrets.token_hex(12)
        made = hashlib.sha256(f"{self._seed}/{len(self._taken)}".encode("utf-8", "replace")).hexdigest()
        return self.unique(f"{prefix}{made[:24]}")

    def unique(self, given: str) -> str:
        """The id, with a suffix where the answer has it twice: clients drop the second call of an id."""
        free, again = given, 1
        while free in self._taken:
            again += 1
            free = f"{given}_{again}"
        self._taken.add(free)
        return free


class AnswerParts:
    """Turns the parts of one answer into events; every method appends to the list it is given."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._index = -1
        self._open: BlockKind | None = None
        self._held: list[str] = []
        """Text of the open block that is not yet a delta: one delta for all that arrived together."""
        self._thought = ""
        """The signature that stood beside a thought of the open block."""
        self._sealed = ""
        """The signature that the last thinking block carried, if nothing came after it."""
        self._later: list[tuple[BlockKind, str]] | None = [] if road.search_query else None
        """What was said, where the search has to be shown before it."""
        self.ids = OwnIds()
        self.calls = 0
        self.bytes = 0
        """Of text, thinking and arguments, for an estimate where no usage comes."""
        self.texts: list[str] = []
        """What was said, without the thoughts."""

    def take(self, parts: Sequence[PartIn], events: list[Event]) -> None:
        """More parts of the answer."""
        for at, part in enumerate(parts):
            signature = part.thought_signature or ""
            if part.function_call is not None:
                self._call(part.function_call, signature, events)
            elif part.text is not None:
                kind = BlockKind.THINKING if part.thought else BlockKind.TEXT
                self._say(kind, part.text, signature or _coming(parts, at), events)
            else:
                self._other(part, events)

    def flush(self, events: list[Event]) -> None:
        """Hand on what the open block got."""
        if self._held:
            events.append(BlockDelta(self._index, "".join(self._held)))
            self._held.clear()

    def finish(self, search: Search | None, events: list[Event]) -> None:
        """Close the last block, and show the search: before the answer where it alone was asked for, else after it."""
        later, self._later = self._later, None
        if search is not None and later is not None:
            self._whole(BlockStart(0, BlockKind.SEARCH, search=search), events)
        for kind, text in later or ():
            self._grow(kind, text, "", events)
        self._close("", events)
        if search is not None and later is None:
            self._whole(BlockStart(0, BlockKind.SEARCH, search=search), events)

    def _say(self, kind: BlockKind, text: str, signature: str, events: list[Event]) -> None:
        if not text:
            if self._open is BlockKind.THINKING:
                self._thought = signature or self._thought
            return
        self.bytes += len(text) if text.isascii() else len(text.encode())
        if kind is BlockKind.TEXT:
            self.texts.append(text)
        if self._later is not None:
            self._later.append((kind, text))
        else:
            self._grow(kind, text, signature, events)

    def _grow(self, kind: BlockKind, text: str, signature: str, events: list[Event]) -> None:
        """More of the open block, or a new one."""
        if self._open is not kind:
            self._close("" if kind is BlockKind.THINKING else signature, events)
            self._index += 1
            self._open = kind
            self._sealed = ""
            events.append(BlockStart(self._index, kind))
        if kind is BlockKind.THINKING and signature:
            self._thought = signature
        self._held.append(text)

    def _close(self, signature: str, events: list[Event]) -> None:
        """Close the open block; a thinking block takes the signature of what follows it, if it has none of its own."""
        self.flush(events)
        if self._open is None:
            return
        if self._open is BlockKind.THINKING:
            self._sealed = self._thought or signature
            self._thought = ""
            events.append(BlockSignature(self._index, self._envelope(self._sealed)))
        events.append(BlockStop(self._index))
        self._open = None

    def _call(self, call: CallIn, signature: str, events: list[Event]) -> None:
        if not (call.name or call.id or bytes(call.args)):
            return  # the rest of a call whose arguments come in pieces, which we never ask for
        self._release(events)
        self._close(signature, events)
        carried = self._road.show_thinking or self._road.opaque_thinking
        if signature and carried and self._sealed != signature:
            self._index += 1
            events.append(BlockStart(self._index, BlockKind.THINKING))
            events.append(BlockSignature(self._index, self._envelope(signature)))
            events.append(BlockStop(self._index))
        name = self._road.names.client(call.name) if call.name else f"tool_{self.calls}"
        own_id = self.ids.unique(tool_id(call.id)) if call.id else self.ids.new("call_")
        arguments = _compact(bytes(call.args))
        self.calls += 1
        self.bytes += len(arguments)
        sealed = self._envelope(signature) if signature else ""
        start = BlockStart(0, BlockKind.TOOL, id=own_id, name=name, signature=sealed)
        self._whole(start, events, arguments.decode("utf-8", "replace"))

    def _other(self, part: PartIn, events: list[Event]) -> None:
        """Code and media, which become text; tools that Google ran, which only Google knows."""
        for name, raw in ((b"toolCall", part.tool_call), (b"toolResponse", part.tool_response)):
            if bytes(raw) not in {b"", b"null"}:
                self._release(events)
                self._close("", events)
                block = b'{"%b":%b}' % (name, _compact(bytes(raw)))
                self._whole(BlockStart(0, BlockKind.FOREIGN, json=block), events)
        if part.executable_code is not None and part.executable_code.code:
            language = (part.executable_code.language or "").lower()
            self._say(BlockKind.TEXT, _fenced(part.executable_code.code, language), "", events)
        if part.code_execution_result is not None and part.code_execution_result.output:
            self._say(BlockKind.TEXT, _fenced(part.code_execution_result.output), "", events)
        if part.inline_data is not None and part.inline_data.data:
            size = len(part.inline_data.data) * 3 // 4
            what = part.inline_data.mime_type or "media"
            self._say(BlockKind.TEXT, f"[{what}, {size} bytes, cannot be shown here]", "", events)

    def _whole(self, start: BlockStart, events: list[Event], text: str = "") -> None:
        """A block that is complete at once."""
        self._index += 1
        self._sealed = ""
        events.append(replace(start, index=self._index))
        if text:
            events.append(BlockDelta(self._index, text))
        events.append(BlockStop(self._index))

    def _release(self, events: list[Event]) -> None:
        """Hand on what was kept back for a search: something else came."""
        later, self._later = self._later, None
        for kind, text in later or ():
            self._grow(kind, text, "", events)

    def _envelope(self, signature: str) -> str:
        data = msgspec.json.encode(signature) if signature else b"{}"
        return signatures.wrap(self._road.upstream_kind, self._road.sent_model, data)


def _coming(parts: Sequence[PartIn], at: int) -> str:
    """The signature of a text whose last part, often an empty one, is in the same piece."""
    if parts[at].thought:
        return ""
    for part in parts[at + 1 :]:
        if part.text is None or part.thought:
            return ""
        if part.thought_signature:
            return part.thought_signature
    return ""


def _compact(value: bytes) -> bytes:
    """JSON without white space between its members, for an array stream is printed in many lines; `{}` for none."""
    if value in {b"", b"null"}:
        return b"{}"
    try:
        return msgspec.json.format(value, indent=-1)
    except msgspec.DecodeError:
        return value


def _fenced(text: str, language: str = "") -> str:
    """Text in a fence of its own that nothing inside it closes."""
    longest = max((len(found) for found in _FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"\n{fence}{language}\n{text.rstrip()}\n{fence}\n"
