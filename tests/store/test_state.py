from __future__ import annotations

import sqlite3
import stat

import pytest

from app.domain.client_key import ClientKey
from app.store.state import ClientKeys, StateUnavailableError
from tests.fakes.clock import HandClock

DIGEST = b"d" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def keys(path):
    keys = ClientKeys(path, clock=HandClock())
    assert keys.open() == ()
    return keys


def test_keys_are_known_by_their_digest_and_survive(keys, path):
    laptop, desktop = keys.add("laptop", DIGEST), keys.add("desktop", b"e" * 32)
    again = ClientKeys(path, clock=HandClock())
    again.open()
    assert dict(again.all()) == {DIGEST: laptop, b"e" * 32: desktop}
    assert laptop.name == "laptop"
    assert laptop.id != desktop.id


def test_a_revoked_key_is_admitted_no_more(keys):
    key = keys.add("laptop", DIGEST)
    keys.revoke(key.id)
    keys.revoke("no such key")
    assert dict(keys.all()) == {}


def test_the_same_key_added_again_is_the_same_key_with_its_new_name(keys):
    key = keys.add("laptop", DIGEST)
    keys.revoke(key.id)
    assert keys.add("default", DIGEST) == ClientKey(id=key.id, name="default")
    assert dict(keys.all()) == {DIGEST: ClientKey(id=key.id, name="default")}


def test_the_file_is_for_the_user_alone(keys, path):
    keys.add("laptop", DIGEST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_file_is_kept_beside_a_new_one(path):
    path.write_bytes(b"no database" * 1_000)
    keys = ClientKeys(path, clock=HandClock())
    (notice,) = keys.open()
    assert "state.corrupt-" in notice
    assert "keys in it are lost" in notice
    assert dict(keys.all()) == {}


def test_a_newer_file_is_an_error_that_says_what_to_do(keys, path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateUnavailableError, match="newer Patchbay"):
        keys.open()


def test_a_file_of_somebody_else_is_not_touched(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(StateUnavailableError, match="not Patchbay's"):
        ClientKeys(path, clock=HandClock()).open()


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StateUnavailableError, match="state.db"):
        ClientKeys(tmp_path / "file" / "state.db", clock=HandClock()).open()


def test_one_file_without_the_other(keys, path):
    """The history may be lost without a key being lost: they share nothing."""
    keys.add("laptop", DIGEST)
    assert [entry.name for entry in path.parent.iterdir() if not entry.name.startswith("state.db")] == []
