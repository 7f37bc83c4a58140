from __future__ import annotations

import msgspec

from app.dialects.gemini.grounding import read_search, searches
from app.dialects.gemini.wire_reply import GroundingIn
from app.domain.request import Search, SearchHit

FOUND = msgspec.json.decode(
    b"""{"webSearchQueries":["rain bonn","weather"],
    "groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"web":{"uri":"https://b"}},{"maps":{}},
                       {"web":{"uri":"https://a","title":"again"}}],
    "groundingSupports":[{"segment":{"startIndex":0,"endIndex":9,"text":"R\xc3\xa4in"},"groundingChunkIndices":[1]},
                         {"segment":{"text":"nowhere"},"groundingChunkIndices":[0]},{}]}""",
    type=GroundingIn,
)


def test_the_pages_and_the_texts_that_cite_them():
    search = read_search(FOUND, "id", "So: Räin.", "")
    assert search == Search("id", "rain bonn; weather", (SearchHit("https://a", "A"), SearchHit("https://b", "", 4, 8)))
    assert searches(FOUND) == 2


def test_the_client_s_own_words_are_the_query():
    search = read_search(FOUND, "id", "", "what the client wanted")
    assert search is not None
    assert search.query == "what the client wanted"


def test_no_search_is_none():
    assert read_search(None, "id", "", "") is None
    assert read_search(GroundingIn(), "id", "", "q") is None
    assert searches(None) == searches(GroundingIn()) == 0
