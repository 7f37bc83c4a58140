"""The status channel: one line of figures for each connection."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
import tempfile
import time
from pathlib import Path

import pytest

from app.domain.standing import Standing
from app.system.status_channel import StatusChannel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets in asyncio")
STANDING = Standing(3, 2, {"host": 4}, {"Up": "open"})


@pytest.fixture
async def channel():
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        made = StatusChannel(Path(folder) / "s", lambda: STANDING, list)
        await made.start()
        yield made
        await made.close()


async def asked(channel, say=b""):
    reader, writer = await asyncio.open_unix_connection(str(channel._path))
    if say:
        writer.write(say)
    told = await reader.read()
    writer.close()
    return json.loads(told)


async def test_a_connection_is_told_everything_in_one_line(channel):
    told = await asked(channel)
    assert list(told) == [
        *("tasks", "fds", "connections", "rss_mb", "peak_rss_mb", "max_lag_ms", "queue", "breakers", "rejected")
    ]
    assert (told["connections"], told["queue"], told["rejected"], told["breakers"]) == (
        3,
        2,
        {"host": 4},
        {"Up": "open"},
    )
    assert told["tasks"] >= 1
    assert told["fds"] > 3
    assert 5 < told["rss_mb"] <= told["peak_rss_mb"]


async def test_only_the_owner_may_ask(channel):
    assert stat.S_IMODE(channel._path.stat().st_mode) == 0o600


async def test_lag_is_kept_until_it_is_cleared(channel):
    time.sleep(0.2)
    await asyncio.sleep(0)
    assert (await asked(channel))["max_lag_ms"] > 150
    assert (await asked(channel, b"reset\n"))["max_lag_ms"] < 150
    assert (await asked(channel))["max_lag_ms"] < 150


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is sampled, and may miss a short one")
async def test_memory_that_was_given_back_stays_in_the_peak_until_it_is_cleared(channel):
    await asked(channel, b"reset\n")
    before = await asked(channel)
    held = bytearray(b"x" * 80 * 1024 * 1024)
    del held
    assert (await asked(channel))["peak_rss_mb"] > before["peak_rss_mb"] + 60
    if not _may_clear():
        return
    assert (await asked(channel, b"reset"))["peak_rss_mb"] > 0  # without a line end nothing is cleared
    assert (await asked(channel, b"reset\n"))["peak_rss_mb"] < before["peak_rss_mb"] + 40


async def test_a_word_lets_providers_that_rest_be_asked_again(tmp_path):
    forgiven = []
    made = StatusChannel(tmp_path / "s", lambda: STANDING, lambda: forgiven.append(True))
    await made.start()
    await asked(made, b"reset\n")
    assert forgiven == []
    await asked(made, b"forgive\n")
    assert forgiven == [True]
    await made.close()


async def test_a_path_that_cannot_be_used_changes_nothing(tmp_path):
    made = StatusChannel(tmp_path / "missing" / "s", lambda: STANDING, list)
    await made.start()
    assert made.line() == b"{}\n"
    await made.close()


async def test_a_socket_left_behind_is_replaced(channel):
    again = StatusChannel(channel._path, lambda: STANDING, list)
    await again.start()
    assert (await asked(again))["connections"] == 3
    await again.close()


def _may_clear():
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True
