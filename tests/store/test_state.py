from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace

import pytest

from app.domain.client_key import KeyPolicy
from app.store.migrations.state import first_tables
from app.store.state import ClientKeys, NameTakenError, NoSuchKeyError, StateUnavailableError
from tests.fakes.clock import HandClock

DIGEST = b"d" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def keys(path, clock):
    keys = ClientKeys(path, clock=clock)
    assert keys.open() == ()
    return keys


OTHER = b"e" * 32
DAY_US = 86_400_000_000
NARROW = KeyPolicy(
    enabled=False,
    expires_us=DAY_US,
    models=("claude-*", "Ollama:*"),
    dialects=("gemini",),
    clients=("curl",),
    networks=("10.0.0.0/8",),
    requests_per_minute=5,
    tokens_per_minute=60_000,
    concurrent=2,
)


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
    assert keys.add("default", DIGEST) == replace(key, name="default")
    assert dict(keys.all()) == {DIGEST: replace(key, name="default")}


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


def test_a_file_of_the_first_version_keeps_its_keys(path, clock):
    with closing(sqlite3.connect(path)) as connection:
        first_tables(connection)
        connection.execute("INSERT INTO client_key VALUES ('ab', 'laptop', ?, 5, NULL)", (DIGEST,))
        connection.execute("INSERT INTO client_key VALUES ('cd', 'old', ?, 6, 7)", (OTHER,))
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    keys = ClientKeys(path, clock=clock)
    (notice,) = keys.open()
    assert "state.before-2.db" in notice
    (key,) = keys.all().values()
    assert (key.id, key.name, key.tags, key.policy, key.created_us) == ("ab", "laptop", (), KeyPolicy(), 5)
    assert list(keys.all()) == [DIGEST]
    assert keys.is_revoked(OTHER)
    assert not keys.is_revoked(DIGEST)


def test_policies_and_tags_survive(keys, path, clock):
    made = keys.add("laptop", DIGEST, policy=replace(NARROW, expires_us=clock.now_us() + 1), tags=("a", "<img>"))
    assert made.policy.models == ("claude-*", "Ollama:*")
    again = ClientKeys(path, clock=clock)
    assert dict(again.all()) == {DIGEST: made}
    changed = replace(made, name="=cmd()", policy=KeyPolicy(), tags=())
    again.change(changed)
    assert dict(keys.all()) == {DIGEST: changed}


def test_a_name_belongs_to_one_key_until_that_is_revoked(keys):
    first = keys.add("Laptop", DIGEST)
    with pytest.raises(NameTakenError):
        keys.add("laptop", OTHER, exactly=True)
    assert keys.add("laptop", OTHER).name == "laptop 2"
    with pytest.raises(NameTakenError):
        keys.change(replace(keys.all()[OTHER], name="LAPTOP"))
    keys.change(replace(first, name="laptop"))
    keys.revoke(first.id)
    keys.change(replace(keys.all()[OTHER], name="laptop"))
    with pytest.raises(NoSuchKeyError):
        keys.change(first)
    with pytest.raises(NoSuchKeyError):
        keys.rotate(first.id, b"f" * 32, overlap_us=0)


def test_b07_a_key_that_was_seen_expired_stays_so_though_the_clock_goes_back(keys, path, clock):
    ends = clock.now_us() + DAY_US
    made = keys.add("laptop", DIGEST, policy=KeyPolicy(expires_us=ends))
    clock.us = ends - 1
    assert not keys.all()[DIGEST].expired
    clock.us = ends
    assert keys.all()[DIGEST].expired
    clock.us = ends - DAY_US
    assert ClientKeys(path, clock=clock).all()[DIGEST].expired
    keys.change(replace(made, name="renamed"))
    assert keys.all()[DIGEST].expired
    keys.change(replace(made, policy=KeyPolicy(expires_us=ends + 1)))
    assert not keys.all()[DIGEST].expired, "the user gave it another end"


def test_what_the_proxy_saw_ended_is_over_though_the_clock_went_back_before_we_looked(keys, clock):
    ends = clock.now_us() + DAY_US
    made = keys.add("laptop", DIGEST, policy=KeyPolicy(expires_us=ends))
    keys.expire([(made.id, ends - 1), ("no such key", ends)])
    assert not keys.all()[DIGEST].expired
    keys.expire([(made.id, ends)])
    assert keys.all()[DIGEST].expired


def test_two_texts_lead_to_a_rotated_key_until_the_old_one_ends(keys, clock):
    made = keys.add("laptop", DIGEST)
    keys.rotate(made.id, OTHER, overlap_us=DAY_US)
    both = keys.all()
    assert both[OTHER] == made
    assert both[DIGEST] == replace(made, ends_us=clock.now_us() + DAY_US)
    clock.us += DAY_US
    assert (keys.all()[DIGEST].expired, keys.all()[OTHER].expired) == (True, False)
    clock.us -= DAY_US
    assert keys.all()[DIGEST].expired
    keys.rotate(made.id, b"f" * 32, overlap_us=0)
    assert list(keys.all()) == [OTHER, b"f" * 32]
    assert keys.all()[OTHER].expired
    keys.revoke(made.id)
    assert dict(keys.all()) == {}


def test_a_second_rotation_gives_no_old_text_more_time(keys, clock):
    made = keys.add("laptop", DIGEST)
    keys.rotate(made.id, OTHER, overlap_us=1_000)
    keys.rotate(made.id, b"f" * 32, overlap_us=DAY_US)
    assert keys.all()[DIGEST].ends_us == clock.now_us() + 1_000
    assert keys.all()[OTHER].ends_us == clock.now_us() + DAY_US


def test_when_keys_were_used_is_kept_and_only_goes_forward(keys):
    made = keys.add("laptop", DIGEST)
    assert keys.last_used() == {made.id: 0}
    keys.used({made.id: 7, "no such key": 8})
    keys.used({made.id: 6})
    assert keys.last_used() == {made.id: 7}


def test_a_command_leaves_a_damaged_file_where_it_is(path, clock):
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(StateUnavailableError, match="state.db"):
        ClientKeys(path, clock=clock).open(rescue=False)
    assert path.read_bytes() == b"no database" * 1_000
    assert [one.name for one in path.parent.iterdir()] == ["state.db"]


def test_a_disk_that_takes_nothing_keeps_no_good_key_out(keys, clock, monkeypatch):
    keys.add("ends", DIGEST, policy=KeyPolicy(expires_us=clock.now_us() + 1))
    keys.add("stays", OTHER)
    clock.us += 1

    def full(_pairs):
        raise StateUnavailableError("database or disk is full")

    monkeypatch.setattr(keys, "expire", full)
    assert {key.name: key.expired for key in keys.all().values()} == {"ends": True, "stays": False}
