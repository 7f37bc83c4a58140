from __future__ import annotations

from app.dialects.citations import hits
from app.domain.request import SearchHit


def test_each_page_is_cited_once():
    cited = {"url": "u", "title": "T", "start_index": 1, "end_index": 2}
    annotations = [
        {"type": "url_citation", "url_citation": cited},
        {"type": "url_citation", "url_citation": {"url": "u", "title": "again"}},
        {"url": "v", "title": None, "start_index": "x"},
        {"type": "file_citation", "file": {}},
        {"url_citation": "x"},
    ]
    assert hits(annotations) == (SearchHit("u", "T", 1, 2), SearchHit("v"))
