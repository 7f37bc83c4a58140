"""The pages that an answer's annotations cite, in either of OpenAI's forms: flat, or inside `url_citation`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.domain.request import SearchHit


def hits(annotations: Iterable[dict[str, Any]]) -> tuple[SearchHit, ...]:
    """The pages, each once."""
    found: dict[str, SearchHit] = {}
    for annotation in annotations:
        cited = annotation.get("url_citation", annotation)
        if not isinstance(cited, dict) or not isinstance(cited.get("url"), str):
            continue
        start, end = cited.get("start_index"), cited.get("end_index")
        title = cited.get("title")
        found.setdefault(
            cited["url"],
            SearchHit(
                cited["url"],
                title if isinstance(title, str) else "",
                start if isinstance(start, int) else 0,
                end if isinstance(end, int) else 0,
            ),
        )
    return tuple(found.values())
