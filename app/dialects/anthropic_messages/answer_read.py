"""What whole answers and streams of an Anthropic upstream have in common: stop reasons, blocks, mended JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import msgspec

from app.dialects.anthropic_messages import wire
from app.dialects.body import without_lone_surrogates
from app.domain.events import StopReason
from app.domain.request import Search, SearchHit

_STOPS = {reason.value: reason for reason in StopReason}
_HITS = msgspec.json.Decoder(list[wire.SearchHit])
_QUERY = msgspec.json.Decoder(wire.SearchInput)


def stop_reason(given: str | None, *, called: bool) -> StopReason:
    """The neutral stop reason; an unknown or missing one is the end of the turn, or a tool's where one was called."""
    found = _STOPS.get(given or "")
    if found is not None:
        return found
    return StopReason.TOOL_USE if called else StopReason.END_TURN


def query_of(data: bytes | msgspec.Raw) -> str:
    """The query in a web search's input, or empty."""
    try:
        return _QUERY.decode(data).query
    except msgspec.DecodeError:
        return ""


def search_of(block: wire.SearchResultBlock, query: str) -> Search:
    """A finished web search; without hits where an error object stands in their place."""
    try:
        hits: Sequence[wire.SearchHit] = _HITS.decode(block.content)
    except msgspec.DecodeError:
        hits = ()
    return Search(block.tool_use_id, query, tuple(SearchHit(hit.url, hit.title or "") for hit in hits))


def mended(data: bytes) -> bytes | None:
    """JSON that strict readers refuse as JSON that they take, or None where it is none at all.

    Halves of surrogate pairs and broken UTF-8 become U+FFFD; NaN and infinities, which only ever stand in counts,
    become -1, so that the count is seen to be impossible.
    """
    try:
        value = json.loads(data.decode("utf-8", "replace"), parse_constant=lambda _: -1, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return without_lone_surrogates(json.dumps(value).encode())


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else -1.0
