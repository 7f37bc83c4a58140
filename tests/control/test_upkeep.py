from __future__ import annotations

import stat

import pytest

from app.control.upkeep import Upkeep
from app.domain.errors import ConfigError
from app.domain.exchange import Filter
from app.store.intake import Ended, Started
from app.store.opening import prepare, reopen
from app.store.queries.reader import HistoryReader
from app.system.paths import Paths
from tests.fakes.exchanges import NOW_US, end, exchange_id, injected, sides, start, texts


@pytest.fixture
def upkeep(tmp_path):
    paths = Paths(tmp_path / "data", "patchbay-test")
    paths.data_dir.mkdir(mode=0o700)
    prepare(paths.history, NOW_US, injected())
    opened = reopen(paths.history, NOW_US, injected(), damaged=False)
    for number in range(1, 6):
        ended = end(number, sides=sides(b"canary%d" % number, b"reply"))
        opened.recording.apply([Started(start(number), None), Ended(ended, 0)])
    opened.close()
    paths.config.write_text("[config]\nport = 9000\n")
    paths.pepper.write_bytes(b"p" * 32)
    paths.client_key.write_text("pb_secret")
    return Upkeep(paths, texts, lambda: NOW_US)


async def test_a_backup_is_a_data_folder_without_secrets(upkeep, tmp_path):
    where, size = await upkeep.back_up(tmp_path / "kept")
    assert where == tmp_path / "kept"
    assert sorted(path.name for path in where.iterdir()) == ["history.db", "patchbay.toml", "pepper"]
    assert size == sum(path.stat().st_size for path in where.iterdir())
    assert stat.S_IMODE(where.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in where.iterdir()} == {0o600}
    assert HistoryReader(where / "history.db").detail(exchange_id(3)).client_request.body == b"canary3"


async def test_the_history_alone_is_one_file(upkeep, tmp_path):
    where, _ = await upkeep.back_up(tmp_path / "kept.db")
    assert HistoryReader(where).count(Filter()) == 5
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".*"))


async def test_nothing_is_overwritten_and_a_failure_leaves_nothing(upkeep, tmp_path):
    (tmp_path / "kept").mkdir()
    with pytest.raises(ConfigError, match="already"):
        await upkeep.back_up(tmp_path / "kept")
    with pytest.raises(ConfigError, match="make it first"):
        await upkeep.back_up(tmp_path / "none" / "kept")
    (tmp_path / "data" / "history.db").write_bytes(b"broken" * 1_000)
    for beside in (tmp_path / "data").glob("history.db-*"):
        beside.unlink()
    with pytest.raises(ConfigError, match="doctor"):
        await upkeep.back_up(tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "kept"]


async def test_deleting_and_purging(upkeep, tmp_path):
    assert await upkeep.count(Filter(), [exchange_id(1)]) == 1
    assert (await upkeep.delete(Filter(), [exchange_id(1)])).rows == 1
    copy = tmp_path / "data" / "history.before-2.db"
    copy.write_bytes(b"canary")
    assert upkeep.copies() == (copy,)
    done, copies = await upkeep.purge()
    assert (done.rows, copies) == (4, (copy,))
    assert b"canary" not in b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())


def test_keys_of_bodies(upkeep):
    assert not upkeep.has_body_keys()
    assert upkeep.rewrap([b"1" * 32]) == 0
    assert upkeep.has_body_keys()


async def test_whoever_shows_the_history_is_told_of_a_deletion_even_of_one_that_failed(upkeep):
    told = []
    upkeep.shrunk = lambda: told.append("shrunk")
    await upkeep.count(Filter())
    assert told == []
    await upkeep.delete(Filter(), (exchange_id(1),))
    await upkeep.purge()
    assert told == ["shrunk", "shrunk"]
