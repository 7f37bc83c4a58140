from __future__ import annotations

from app.domain.exchange import Side, Sides, StoredSide
from tests.fakes.exchanges import exchange_id, sides, start


def detail(store, number=1):
    return store.reader.detail(exchange_id(number))


def test_a_running_exchange_has_no_sides_yet(store):
    store.record(start())
    found = detail(store)
    assert found.client_request == StoredSide()
    assert (found.answer, found.attempts, found.timeline) == ("", (), ())


def test_equal_bytes_are_named_after_the_side_that_had_them_first(store):
    asked, answered = Side(body=(b"a|b",)), Side(body=(b"x", b"y"))
    store.exchange(sides=Sides(asked, Side(body=(b"a|", b"b")), answered, Side(body=(b"xy",))))
    found = detail(store)
    assert [found.client_request.same_as, found.upstream_request.same_as] == ["", "client_request"]
    assert [found.upstream_reply.same_as, found.client_reply.same_as] == ["", "upstream_reply"]
    assert found.client_reply.body == found.upstream_reply.body == b"xy"


def test_an_empty_body_is_not_a_dropped_one(store):
    store.exchange(sides=sides(b"ask", b""))
    found = detail(store).client_reply
    assert (found.body, found.size_bytes, found.dropped, found.line) == (b"", 0, False, "200 OK")


def test_a_large_body_comes_back_whole(store):
    body = b"".join(b"part %d|" % number for number in range(20_000))
    store.exchange(sides=sides(body, b"r"))
    assert detail(store).client_request.body == body
