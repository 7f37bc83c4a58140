"""A whole neutral answer -> a `GenerateContentResponse` for a client, and what the stream's chunks share with it."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from app.dialects.arguments import as_object
from app.dialects.base import Road
from app.dialects.gemini.carried import carry
from app.dialects.road import settled
from app.domain.events import Reply, StopReason
from app.domain.request import Search, SearchHit, Text, Thinking, ToolCall
from app.domain.usage import Usage

FINISH = {
    StopReason.END_TURN: "STOP",
    StopReason.TOOL_USE: "STOP",
    StopReason.STOP_SEQUENCE: "STOP",
    StopReason.PAUSE: "STOP",
    StopReason.MAX_TOKENS: "MAX_TOKENS",
    StopReason.CONTEXT_FULL: "MAX_TOKENS",
    StopReason.REFUSAL: "SAFETY",
}
"""Google's finish reasons; a call has none of its own."""
_ENCODER = msgspec.json.Encoder()


class Parts:
    """Makes the parts of one answer, one after the other; what has to come back waits for the part that carries it."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._thoughts: list[Thinking] = []
        self.waiting = False
        """A signature waits for the next part."""

    def think(self, thought: Thinking) -> None:
        """A thought is complete; its signature goes with the part after it."""
        self._thoughts.append(thought)
        self.waiting = True

    def text(self, text: str) -> dict[str, Any]:
        """A part of the answer's text, or one that only carries a signature."""
        return self._signed({"text": plain(text)}, "")

    def call(self, call: ToolCall) -> dict[str, Any]:
        """A complete call, with its id."""
        function = {"id": plain(call.id), "name": plain(call.name), "args": as_object(call.arguments)}
        return self._signed({"functionCall": function}, call.signature)

    def _signed(self, part: dict[str, Any], call: str) -> dict[str, Any]:
        if self.waiting or call:
            signature = carry(self._thoughts, call, self._road)
            self._thoughts, self.waiting = [], False
            if signature:
                part["thoughtSignature"] = signature
        return part


def write_reply(reply: Reply, road: Road) -> bytes:
    """A whole answer as the body of `:generateContent`."""
    parts = Parts(road)
    written: list[dict[str, Any]] = []
    for part in reply.parts:
        match part:
            case Text() if part.text:
                written.append(parts.text(part.text))
            case Thinking():
                parts.think(part)
                if part.text and shows(road):
                    written.append({"text": plain(part.text), "thought": True})
            case ToolCall():
                written.append(parts.call(part))
    if parts.waiting or not written:
        written.append(parts.text(""))
    texts = [part.text for part in reply.parts if isinstance(part, Text)]
    searches = [part for part in reply.parts if isinstance(part, Search)]
    last = candidate(written, reply.stop, reply.refusal) | grounding(searches, "".join(texts), road)
    body: dict[str, Any] = {"candidates": [last]}
    usage = write_usage(settled(reply.usage, road, _size(reply)))
    return compact(_ENCODER.encode(body | {"usageMetadata": usage} | names(reply.id, road)))


def shows(road: Road) -> bool:
    """Whether the client wants to read the thoughts."""
    return road.show_thinking and not road.omit_thinking_text


def names(response: str, road: Road) -> dict[str, str]:
    """The members that every chunk repeats: the model that was asked for, and the answer's id."""
    return {"modelVersion": plain(road.requested_model), "responseId": plain(response) or secrets.token_hex(11)}


def candidate(parts: list[dict[str, Any]], stop: StopReason, refusal: str) -> dict[str, Any]:
    """The one candidate of a complete answer."""
    made: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "finishReason": FINISH[stop], "index": 0}
    if refusal:
        made["finishMessage"] = plain(refusal)
    return made


def grounding(searches: list[Search], text: str, road: Road) -> dict[str, Any]:
    """What was searched and found, and which text rests on it; places count in bytes of UTF-8 (Google, "Segment")."""
    if not searches:
        return {}
    hits = list({hit.url: hit for search in searches for hit in search.hits}.values())
    queries = [query for search in searches if (query := search.query or road.search_query)]
    chunks = [{"web": {"uri": plain(hit.url), "title": plain(hit.title)}} for hit in hits]
    supports = [_support(hit, index, text) for index, hit in enumerate(hits) if 0 <= hit.start < hit.end <= len(text)]
    made: dict[str, Any] = {"webSearchQueries": [plain(query) for query in queries], "groundingChunks": chunks}
    if supports:
        made["groundingSupports"] = supports
    return {"groundingMetadata": made}


def write_usage(usage: Usage) -> dict[str, int]:
    """The `usageMetadata`: Google's prompt includes what was cached, its candidates leave the thoughts out."""
    counts = {
        "promptTokenCount": usage.prompt_tokens,
        "cachedContentTokenCount": usage.cache_read_tokens,
        "candidatesTokenCount": usage.output_tokens - usage.reasoning_tokens,
        "thoughtsTokenCount": usage.reasoning_tokens,
        "totalTokenCount": usage.total_tokens,
    }
    always = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    return {name: count for name, count in counts.items() if count or name in always}


def plain(text: str) -> str:
    """Text that JSON can hold: a half of a surrogate pair that stands alone is replaced."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def compact(data: bytes) -> bytes:
    """JSON on one line: a call's arguments may have come on several."""
    return data.replace(b"\n", b" ").replace(b"\r", b" ")


def _support(hit: SearchHit, index: int, text: str) -> dict[str, Any]:
    start, cited = len(text[: hit.start].encode("utf-8", "replace")), plain(text[hit.start : hit.end])
    segment = {"startIndex": start, "endIndex": start + len(cited.encode()), "text": cited}
    return {"segment": segment, "groundingChunkIndices": [index]}


def _size(reply: Reply) -> int:
    """The bytes of all that was said and called, for an estimate."""
    said = sum(len(part.text.encode("utf-8", "replace")) for part in reply.parts if isinstance(part, (Text, Thinking)))
    return said + sum(len(part.arguments) for part in reply.parts if isinstance(part, ToolCall))
