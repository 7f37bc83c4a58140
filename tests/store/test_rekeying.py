from __future__ import annotations

import pytest

from app.store.rekeying import has_keys, rewrap_file
from app.store.sealing import Sealing
from tests.fakes.exchanges import NOW_US, exchange_id
from tests.store.test_sealing import CANARY, ONE, TWO, reading, talk


def test_a_file_gets_another_master_key_while_it_is_open(make_store):
    keys = Sealing()
    keys.use([ONE], wanted=True)
    store = make_store(sealing=keys)
    talk(store)
    assert has_keys(store.path)
    assert rewrap_file(store.path, [TWO, ONE], NOW_US) == 0
    assert reading(store, TWO).detail(exchange_id(1)).client_request.body == b"hello|" + CANARY
    talk(store, 2)
    assert reading(store, TWO).detail(exchange_id(2)).client_request.body == b"hello|" + CANARY


def test_a_file_that_cannot_be_used_says_so(tmp_path):
    path = tmp_path / "history.db"
    path.write_bytes(b"garbage" * 1_000)
    assert not has_keys(path)
    with pytest.raises(OSError, match="database"):
        rewrap_file(path, [ONE], NOW_US)
