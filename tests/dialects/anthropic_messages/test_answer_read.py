from __future__ import annotations

import json

import pytest
from msgspec import Raw

from app.dialects.anthropic_messages.answer_read import mended, query_of, search_of, stop_reason
from app.dialects.anthropic_messages.wire import SearchResultBlock
from app.domain.events import StopReason
from app.domain.request import Search, SearchHit


@pytest.mark.parametrize("reason", list(StopReason))
def test_every_reason_is_its_own(reason: StopReason) -> None:
    assert stop_reason(reason.value, called=False) is reason


@pytest.mark.parametrize("given", [None, "", "compaction", "something_new"])
def test_an_unknown_reason_is_the_end_of_the_turn_or_a_tools(given: str | None) -> None:
    assert stop_reason(given, called=False) is StopReason.END_TURN
    assert stop_reason(given, called=True) is StopReason.TOOL_USE


def test_a_search_without_hits_where_an_error_stands() -> None:
    failed = SearchResultBlock("s", Raw(b'{"type":"web_search_tool_result_error","error_code":"x"}'))
    assert search_of(failed, "q") == Search("s", "q")
    found = SearchResultBlock("s", Raw(b'[{"type":"web_search_result","url":"u","title":null}]'))
    assert search_of(found, "q") == Search("s", "q", (SearchHit("u"),))


@pytest.mark.parametrize(("data", "query"), [(b'{"query":"q"}', "q"), (b"{}", ""), (b"{", ""), (b'{"query":3}', "")])
def test_a_query_that_cannot_be_read_is_empty(data: bytes, query: str) -> None:
    assert query_of(data) == query


def test_mending_touches_only_what_strict_readers_refuse() -> None:
    assert json.loads(mended(b'{"a":NaN,"b":-Infinity,"c":1e999,"d":"NaN"}') or b"") == {
        "a": -1,
        "b": -1,
        "c": -1,
        "d": "NaN",
    }
    assert json.loads(mended(rb'"\ud83d x \ud83d\ude00"') or b"") == "\ufffd x 😀"
    assert json.loads(mended(b'"\xff"') or b"") == "\ufffd"
    assert mended(b"{") is None
    assert mended(b"[" * 100_000) is None
