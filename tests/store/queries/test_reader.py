from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.exchange import Facets, Filter, Totals
from app.store.queries import HistoryReader, HistoryUnavailableError
from tests.fakes.exchanges import exchange_id, start


def test_where_there_is_no_file_there_is_no_history_and_none_is_made(tmp_path):
    reader = HistoryReader(tmp_path / "history.db")
    assert reader.page(Filter()) == ()
    assert reader.count(Filter()) == 0
    assert reader.totals(Filter()) == Totals()
    assert reader.detail("x") is None
    assert reader.snippet("x", "y") == ""
    assert reader.hours(0) == ()
    assert reader.facets() == Facets()
    assert list(reader.entries(Filter())) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"no database" * 100, b""])
def test_a_file_that_cannot_be_read_is_an_error_in_words(tmp_path, content):
    path = tmp_path / "history.db"
    path.write_bytes(content)
    reader = HistoryReader(path)
    for ask in (reader.count, reader.page, reader.totals, lambda wanted: list(reader.entries(wanted))):
        with pytest.raises(HistoryUnavailableError, match=r"history\.db cannot be read"):
            ask(Filter())


def test_many_threads_read_while_one_writes(store):
    store.exchange(1)
    with ThreadPoolExecutor(4) as threads:
        reading = [threads.submit(store.reader.detail, exchange_id(1)) for _ in range(120)]
        for number in range(2, 60):
            store.record(start(number))
        found = [future.result() for future in reading]
    assert [detail.row.id for detail in found] == [exchange_id(1)] * 120


def test_a_snippet_without_a_dialect_is_taken_from_the_bytes(store):
    from tests.fakes.exchanges import sides

    store.exchange(1, sides=sides(b'{"text": "of whales"}', b"r"))
    store.index()
    assert "of whales" in HistoryReader(store.path).snippet(exchange_id(1), "whales")
