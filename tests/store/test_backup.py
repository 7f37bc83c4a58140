from __future__ import annotations

import sqlite3
import stat
import threading

import pytest

from app.domain.exchange import Filter
from app.store.backup import back_up
from app.store.queries.reader import HistoryReader
from tests.fakes.exchanges import exchange_id, sides


def test_a_copy_is_whole_and_for_the_user_alone_while_the_history_is_written(store, tmp_path):
    for number in range(1, 50):
        store.exchange(number, sides=sides(b"body %d" % number, b"reply"))
    target = tmp_path / "copy.db"
    size = []
    copying = threading.Thread(target=lambda: size.append(back_up(store.path, target)))
    copying.start()
    for number in range(50, 150):
        store.exchange(number)
    copying.join(30)
    assert size == [target.stat().st_size]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not (tmp_path / "copy.db-wal").exists()
    reader = HistoryReader(target)
    assert reader.count(Filter()) >= 49
    assert reader.detail(exchange_id(7)).client_request.body == b"body 7"


def test_an_existing_file_is_never_overwritten(store, tmp_path):
    target = tmp_path / "copy.db"
    target.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        back_up(store.path, target)
    assert target.read_bytes() == b"precious"


def test_a_copy_that_fails_leaves_nothing(tmp_path):
    broken = tmp_path / "history.db"
    broken.write_bytes(b"no database" * 1_000)
    with pytest.raises(sqlite3.DatabaseError):
        back_up(broken, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["history.db"]
