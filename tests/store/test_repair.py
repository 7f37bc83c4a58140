from __future__ import annotations

import pytest

from app.domain.exchange import Filter, State
from app.store.hourly import HOUR_US
from app.store.repair import Repair
from tests.fakes import exchanges
from tests.fakes.exchanges import NOW_US, end, exchange_id, sides, start


@pytest.fixture
def filled(store):
    for number in range(1, 20):
        body = b"".join(b"turn %d|" % turn for turn in range(number * 5))
        store.record(start(number), end(number, sides=sides(body, b"reply"), answer=f"answer {number}"))
    store.index()
    while store.opened.hourly.step(NOW_US + 3 * HOUR_US):
        pass
    return store


def faults(store, *, running=False):
    return {one.what: one for one in Repair(store.path, exchanges.price, running=running).faults()}


def mended(store, what, **values):
    words = faults(store, **values)[what].mend()
    assert faults(store, **values) == {}
    store.opened.recording.bodies.forget()
    store.check()
    return words


def test_a_sound_history_has_no_faults(filled, tmp_path):
    assert faults(filled) == {}
    assert Repair(tmp_path / "none.db", exchanges.price, running=False).faults() == ()


def test_bodies_with_missing_parts_are_marked_as_dropped(filled):
    whole = filled.reader.detail(exchange_id(19)).client_request
    (root,) = filled.connection.execute("SELECT block FROM side WHERE exchange = 19 AND kind = 0").fetchone()
    filled.connection.execute("DELETE FROM block WHERE id = ?", (root,))
    filled.connection.execute("DELETE FROM link WHERE child = ?", (root,))
    found = Repair(filled.path, exchanges.price, running=False).faults()
    assert "bodies" in {one.what for one in found}
    for one in found:
        one.mend()
    while found := Repair(filled.path, exchanges.price, running=False).faults():
        for one in found:
            one.mend()
    gone = filled.reader.detail(exchange_id(19)).client_request
    assert gone.dropped
    assert gone.sha256 == whole.sha256
    assert filled.reader.detail(exchange_id(18)).client_request.body


def test_orphaned_blocks_are_deleted_and_their_words_not_found(filled):
    filled.connection.execute("UPDATE side SET block = NULL WHERE exchange = 3 AND kind = 4")
    assert "1 were deleted" in mended(filled, "orphaned blocks")
    filled.index()
    assert filled.reader.count(Filter(search="answer")) == 18


def test_a_damaged_index_is_emptied_and_filled_again(filled):
    filled.connection.execute(
        "UPDATE search_data SET block = zeroblob(20) WHERE id = (SELECT max(id) FROM search_data)"
    )
    mended(filled, "search index")
    filled.index()
    assert filled.reader.count(Filter(search="answer")) == 19


def test_wrong_sums_are_begun_anew(filled):
    filled.connection.execute("UPDATE hour_sum SET exchanges = exchanges + 1")
    mended(filled, "sums")
    assert filled.reader.totals(Filter()).exchanges == 19


def test_rows_that_no_run_will_end_are_interrupted_unless_one_runs(filled):
    filled.record(start(50))
    assert faults(filled, running=True) == {}
    mended(filled, "interrupted rows")
    assert filled.reader.count(Filter(states=(State.INTERRUPTED,))) == 1


def test_a_file_that_cannot_be_mended_is_put_aside_unless_the_program_runs(filled):
    filled.close()
    for beside in filled.path.parent.glob("history.db-*"):
        beside.unlink()
    filled.path.write_bytes(b"garbage" * 1_000)
    assert "while Patchbay runs" in Repair(filled.path, exchanges.price, running=True).begin_anew(NOW_US)
    assert filled.path.exists()
    assert "corrupt" in Repair(filled.path, exchanges.price, running=False).begin_anew(NOW_US)
    assert not filled.path.exists()


def test_damaged_indexes_are_made_anew(filled):
    filled.connection.execute("PRAGMA writable_schema = ON")
    assert "nothing was lost" in Repair(filled.path, exchanges.price, running=False).begin_anew(NOW_US)
