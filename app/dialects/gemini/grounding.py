"""What Google's own web search found -> a search with its pages, and where the answer's text cites them."""

from __future__ import annotations

from app.dialects.gemini.wire_reply import GroundingIn
from app.domain.request import Search, SearchHit


def read_search(grounding: GroundingIn | None, own_id: str, answer: str, query: str) -> Search | None:
    """The search; None where nothing was searched. `query` is what the client wanted searched, if it is known."""
    if grounding is None:
        return None
    queries = [one for one in grounding.web_search_queries or () if one]
    hits = _hits(grounding, answer)
    if not (queries or hits):
        return None
    return Search(own_id, query or "; ".join(queries), hits)


def searches(grounding: GroundingIn | None) -> int:
    """How often Google searched, as it is billed: once a query."""
    if grounding is None:
        return 0
    return len(grounding.web_search_queries or ()) or int(bool(grounding.grounding_chunks))


def _hits(grounding: GroundingIn, answer: str) -> tuple[SearchHit, ...]:
    """The pages, each once."""
    places = _places(grounding, answer)
    found: dict[str, SearchHit] = {}
    for number, source in enumerate(grounding.grounding_chunks or ()):
        if source.web is not None and source.web.uri:
            start, end = places.get(number, (0, 0))
            found.setdefault(source.web.uri, SearchHit(source.web.uri, source.web.title or "", start, end))
    return tuple(found.values())


def _places(grounding: GroundingIn, answer: str) -> dict[int, tuple[int, int]]:
    """The first text that rests on each source, in characters of the answer; Google counts in bytes of a part."""
    places: dict[int, tuple[int, int]] = {}
    for support in grounding.grounding_supports or ():
        cited = support.segment.text if support.segment is not None else None
        start = answer.find(cited) if cited else -1
        if cited and start >= 0:
            for number in support.grounding_chunk_indices or ():
                places.setdefault(number, (start, start + len(cited)))
    return places
