from __future__ import annotations

import pytest

from app.domain.exchange import Filter
from app.store import sealing
from app.store.database import transaction
from app.store.queries.reader import HistoryReader
from app.store.sealing import LockedError, Sealing
from tests.fakes.exchanges import NOW_US, end, exchange_id, sides, start

CANARY = b"canary-in-a-coal-mine"
ONE, TWO = b"1" * 32, b"2" * 32


@pytest.fixture
def sealed(make_store):
    keys = Sealing()
    keys.use([ONE], wanted=True)
    return make_store(sealing=keys)


def talk(store, number=1, body=b"hello|" + CANARY, answer=""):
    store.record(start(number), end(number, sides=sides(body, b"reply " + CANARY), answer=answer or CANARY.decode()))
    store.index()


def raw(store):
    """Every byte of the file and its log."""
    return b"".join(path.read_bytes() for path in store.path.parent.glob(f"{store.path.name}*"))


def reading(store, *masters):
    keys = Sealing()
    keys.use(masters, wanted=True)
    return HistoryReader(store.path, sealing=keys)


def test_an_encrypted_body_comes_back_and_is_nowhere_in_the_files(sealed):
    talk(sealed)
    found = reading(sealed, ONE).detail(exchange_id(1))
    assert (found.client_request.body, found.answer) == (b"hello|" + CANARY, CANARY.decode())
    assert found.client_reply.body == b"reply " + CANARY
    assert CANARY not in raw(sealed)
    assert sealed.connection.execute("SELECT count(*) FROM search_data WHERE id > 10").fetchone() == (0,)


@pytest.mark.parametrize("masters", [(), (TWO,)], ids=["no key", "another key"])
def test_without_the_right_key_bodies_are_locked_and_all_else_works(sealed, masters):
    talk(sealed)
    reader = reading(sealed, *masters)
    found = reader.detail(exchange_id(1))
    assert found.client_request.locked
    assert (found.client_request.body, found.answer, found.client_request.dropped) == (b"", "", False)
    assert found.client_request.size_bytes == len(b"hello|" + CANARY)
    assert found.row.usage.input_tokens == 1_000
    assert reader.count(Filter()) == 1
    assert reader.snippet(exchange_id(1), "canary") == ""


def test_without_a_key_nothing_is_stored_in_clear_text_either(make_store):
    keys = Sealing()
    keys.use((), wanted=True)
    store = make_store(sealing=keys)
    talk(store)
    assert store.count("block") == 0
    assert store.reader.detail(exchange_id(1)).client_request.dropped
    keys.use([ONE], wanted=True)
    talk(store, 2)
    assert reading(store, ONE).detail(exchange_id(2)).client_request.body == b"hello|" + CANARY


def test_a_conversation_is_still_stored_once(sealed):
    for number in range(1, 30):
        talk(sealed, number, b"".join(b"turn %d of a talk|" % turn for turn in range(number)))
    leaves = sealed.connection.execute("SELECT count(*) FROM block WHERE codec <> 2").fetchone()[0]
    assert leaves <= 29 + 2


def test_a_body_belongs_to_its_row_only(sealed):
    talk(sealed)
    talk(sealed, 2, b"another body")
    rows = sealed.connection.execute("SELECT id, data FROM block WHERE key = 1 ORDER BY id").fetchall()
    (first, data), (second, other) = rows[0], rows[-1]
    sealed.connection.execute("UPDATE block SET data = ? WHERE id = ?", (other, first))
    sealed.connection.execute("UPDATE block SET data = ? WHERE id = ?", (data, second))
    assert reading(sealed, ONE).detail(exchange_id(1)).client_request.locked


def test_the_same_text_has_another_address_in_another_file(sealed, make_store, tmp_path):
    keys = Sealing()
    keys.use([ONE], wanted=True)
    other = make_store(tmp_path / "other.db", sealing=keys)
    talk(sealed)
    talk(other)
    hashes = [set(one.connection.execute("SELECT hash FROM block WHERE codec <> 2")) for one in (sealed, other)]
    assert not hashes[0] & hashes[1]


def test_a_rotated_key_opens_everything_and_the_old_one_nothing(sealed):
    talk(sealed)
    before = sealed.connection.execute("SELECT id, data FROM block").fetchall()
    with transaction(sealed.connection):
        assert sealing.rewrap(sealed.connection, [TWO, ONE], NOW_US) == 0
    assert sealed.connection.execute("SELECT id, data FROM block").fetchall() == before
    assert reading(sealed, TWO).detail(exchange_id(1)).client_request.body == b"hello|" + CANARY
    assert reading(sealed, ONE).detail(exchange_id(1)).client_request.locked
    sealed.injected.sealing.use([TWO], wanted=True)
    talk(sealed, 2)
    assert sealed.connection.execute("SELECT DISTINCT key FROM block WHERE key <> 0 ORDER BY key").fetchall() == [
        (1,),
        (2,),
    ]


def test_a_key_that_no_master_opens_stays_and_is_counted(sealed):
    talk(sealed)
    with transaction(sealed.connection):
        assert sealing.rewrap(sealed.connection, [TWO], NOW_US) == 1
    assert reading(sealed, ONE).detail(exchange_id(1)).client_request.body == b"hello|" + CANARY


def test_a_damaged_wrapped_key_is_locked(sealed):
    talk(sealed)
    sealed.connection.execute("UPDATE body_key SET wrapped = zeroblob(60)")
    keys = Sealing()
    keys.use([ONE], wanted=True)
    with pytest.raises(LockedError):
        keys.cipher(sealed.connection, 1)


def test_a_search_covers_names_while_bodies_are_encrypted(sealed):
    talk(sealed)
    sealed.record(start(2, provider="100%_sure", session_id="s-2"), end(2, error="the model is overloaded"))
    reader = reading(sealed, ONE)

    def found(words):
        return [int(row.id, 16) for row in reader.page(Filter(search=words))]

    assert found("canary") == []
    assert found("opus") == [2, 1]
    assert found("claude overloaded") == [2]
    assert found("0%_s") == [2]
    assert found("1_0%") == []
    assert reader.count(Filter(search="overloaded")) == reader.totals(Filter(search="overloaded")).exchanges == 1
