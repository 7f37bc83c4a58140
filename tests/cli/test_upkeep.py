from __future__ import annotations

import json

import pytest

from app.domain.exchange import Filter
from app.store.intake import Ended, Started
from app.store.opening import prepare, reopen
from app.store.queries.reader import HistoryReader
from tests.fakes.exchanges import NOW_US, end, exchange_id, injected, sides, start


@pytest.fixture
def filled(cli):
    cli.folder.mkdir(mode=0o700, parents=True)
    path = cli.folder / "history.db"
    prepare(path, NOW_US, injected())
    opened = reopen(path, NOW_US, injected(), damaged=False)
    for number in range(1, 7):
        ended = end(number, sides=sides(b"canary%dx" % number, b"reply"))
        opened.recording.apply([Started(start(number, session_id=f"s{number % 2}"), None), Ended(ended, 0)])
    opened.close()
    return cli


def left(cli):
    return HistoryReader(cli.folder / "history.db").count(Filter())


def test_a_session_is_deleted_without_a_trace(filled):
    assert "Would delete 3" in filled("delete", "--session", "s1", "--dry-run").out
    refused = filled("delete", "--session", "s1")
    assert (refused.code, left(filled)) == (1, 6)
    assert "--yes" in refused.err
    done = filled("delete", "--session", "s1", "--yes", "--json")
    assert (done.code, json.loads(done.out)["deleted"], left(filled)) == (0, 3, 3)
    assert filled.leaked("canary3x") == []
    assert filled("delete", "--id", exchange_id(2), "--yes").code == 0
    assert left(filled) == 2


def test_deleting_without_saying_what_is_refused(filled):
    answer = filled("delete", "--yes")
    assert answer.code == 1
    assert "purge" in answer.err
    assert left(filled) == 6


def test_a_purge_leaves_nothing(filled):
    assert filled("purge").code == 1
    assert filled("purge", "--yes").code == 0
    assert left(filled) == 0
    assert filled.leaked("canary") == []


def test_a_backup_can_be_used_as_a_data_folder(filled, tmp_path):
    answer = filled("backup", str(tmp_path / "kept"), "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["path"] == str(tmp_path / "kept")
    assert HistoryReader(tmp_path / "kept" / "history.db").count(Filter()) == 6
    again = filled("backup", str(tmp_path / "kept"))
    assert (again.code, "already" in again.err) == (1, True)


def test_the_key_of_bodies_is_exchanged(filled):
    assert json.loads(filled("rekey", "--json").out) == {"locked": 0}
    assert "opens everything" in filled("rekey").out


def test_the_doctor_mends_and_says_what_it_did(filled):
    (filled.folder / ".patchbay.toml.x.tmp").write_bytes(b"half")
    (filled.folder / "history.db").chmod(0o600)
    found = {one["what"]: one for one in json.loads(filled("doctor", "--json").out)}
    assert not found["files"]["ok"]
    answer = json.loads(filled("doctor", "--repair", "--json").out)
    assert [one["what"] for one in answer["repaired"]] == [".patchbay.toml.x.tmp"]
    assert {one["what"]: one["ok"] for one in answer["checks"]}["files"]
    assert "ok" in filled("doctor", "--repair").out
