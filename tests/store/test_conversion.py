from __future__ import annotations

from app.domain.exchange import Filter
from app.store.sealing import Sealing
from tests.fakes.exchanges import end, exchange_id, sides, start
from tests.store.test_sealing import CANARY, ONE, raw, reading, talk


def convert(store):
    """What the writer does in its pauses; how many steps."""
    steps = 0
    while True:
        more, last = store.opened.conversion.step()
        steps += more
        if last:
            store.opened.retention.scrub()
        if not more:
            break
    store.retain()
    return steps


def test_older_bodies_are_encrypted_and_leave_no_trace(make_store):
    keys = Sealing()
    store = make_store(sealing=keys)
    for number in range(1, 20):
        talk(store, number, b"turn %d|" % number + CANARY)
    assert CANARY in raw(store)
    assert store.reader.count(Filter(search="canary")) == 19
    keys.use([ONE], wanted=True)
    convert(store)
    assert CANARY not in raw(store)
    assert reading(store, ONE).detail(exchange_id(7)).client_request.body == b"turn 7|" + CANARY
    assert store.connection.execute("SELECT count(*) FROM block WHERE key = 0 AND codec <> 2").fetchone() == (0,)
    assert store.reader.count(Filter(search="canary")) == 0
    store.check()


def test_many_bodies_take_several_transactions(make_store):
    keys = Sealing()
    store = make_store(sealing=keys)
    for number in range(1, 500):
        store.record(start(number), end(number, sides=sides(b"body %d" % number, b"same")))
    keys.use([ONE], wanted=True)
    assert convert(store) >= 2
    assert reading(store, ONE).detail(exchange_id(400)).client_request.body == b"body 400"


def test_a_body_that_came_again_since_keeps_both(make_store):
    keys = Sealing()
    store = make_store(sealing=keys)
    talk(store, 1)
    keys.use([ONE], wanted=True)
    talk(store, 2)
    convert(store)
    for number in (1, 2):
        assert reading(store, ONE).detail(exchange_id(number)).client_request.body == b"hello|" + CANARY
    store.check()


def test_nothing_is_done_where_nothing_is_wanted_or_no_key_is_there(make_store):
    keys = Sealing()
    store = make_store(sealing=keys)
    talk(store)
    assert store.opened.conversion.step() == (False, False)
    keys.use((), wanted=True)
    assert store.opened.conversion.step() == (False, False)
    assert CANARY in raw(store)
