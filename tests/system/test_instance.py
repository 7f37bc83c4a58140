from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time

import pytest

from app.domain.errors import ConfigError
from app.system import instance as module
from app.system.instance import Instance, read_holder, report, running, say

HOLD = """
import asyncio, sys
from pathlib import Path
from app.system.instance import Instance, say

async def main():
    lock = Path(sys.argv[1])
    instance = Instance.claim(lock)
    if instance is None:
        print("shown" if await asyncio.to_thread(say, lock, "show", activation="token-7") else "no answer", flush=True)
        return
    await asyncio.sleep(0.2)  # starting takes a while; the others must wait for it
    await instance.serve(lambda token: print("show", token, flush=True))
    print("won", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def start(lock):
    return subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True)


def end(process):
    process.kill()
    process.wait(10)
    process.stdout.close()


async def test_the_holder_says_how_things_stand_to_those_with_its_key(tmp_path):
    lock = tmp_path / "lock"
    assert report(lock) == ""
    instance = Instance.claim(lock)
    await instance.serve(lambda token: None, lambda: '{"text": "ü' + "x" * 100_000 + '"}')
    assert len(json.loads(await asyncio.to_thread(report, lock))["text"]) == 100_001
    told = json.loads(lock.read_text("utf-8"))
    lock.write_text(json.dumps({**told, "key": "0" * 32}), "utf-8")
    assert await asyncio.to_thread(report, lock) == ""
    instance.release()


async def test_a_second_claim_fails_and_its_word_reaches_the_first(tmp_path):
    lock, shown = tmp_path / "lock", []
    instance = Instance.claim(lock)
    assert Instance.claim(lock) is None
    await instance.serve(shown.append)
    assert await asyncio.to_thread(say, lock, "show", activation="abc")
    assert shown == ["abc"]
    assert await asyncio.to_thread(say, lock, "ping")
    assert shown == ["abc"]
    instance.release()
    instance.release()
    again = Instance.claim(lock)
    assert again is not None
    again.release()


async def test_who_changed_a_file_is_answered_once_it_was_looked_at(tmp_path):
    lock, looked = tmp_path / "lock", []

    async def look():
        await asyncio.sleep(0.05)
        looked.append(True)

    instance = Instance.claim(lock)
    await instance.serve(lambda token: None, look=look)
    assert await asyncio.to_thread(say, lock, "look")
    assert looked == [True]
    instance.release()


async def test_the_port_of_the_proxy_can_be_asked_while_it_runs(tmp_path):
    lock = tmp_path / "lock"
    assert running(lock) is None
    instance = Instance.claim(lock)
    await instance.serve(lambda token: None)
    instance.announce(proxy_port=8082)
    holder = await asyncio.to_thread(running, lock)
    assert holder.proxy_port == 8082
    instance.release()
    assert running(lock) is None


async def test_someone_without_the_key_is_not_listened_to(tmp_path):
    lock, shown = tmp_path / "lock", []
    instance = Instance.claim(lock)
    await instance.serve(shown.append)
    port = read_holder(lock).talk_port
    wrong = json.dumps({"key": "0" * 32, "say": "show"}).encode()
    for line in (wrong, b"GET / HTTP/1.1", b"[]", b"\xff\xfe", b"x" * 10_000, b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line + b"\n")
        answer = await reader.read()
        assert answer != b"ok\n"
        writer.close()
        await writer.wait_closed()
    assert shown == []
    instance.release()


async def test_someone_who_says_nothing_is_hung_up_on(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LINE_TIMEOUT_S", 0.05)
    instance = Instance.claim(tmp_path / "lock")
    await instance.serve(lambda token: None)
    reader, writer = await asyncio.open_connection("127.0.0.1", read_holder(tmp_path / "lock").talk_port)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    instance.release()


def test_of_six_starts_at_once_one_wins_and_hears_from_the_five(tmp_path):
    starts = [start(tmp_path / "lock") for _ in range(6)]
    first_words = {process: process.stdout.readline().strip() for process in starts}
    try:
        assert sorted(first_words.values()) == ["shown"] * 5 + ["won"]
        winner = next(process for process, word in first_words.items() if word == "won")
        assert [winner.stdout.readline().strip() for _ in range(5)] == ["show token-7"] * 5
    finally:
        for process in starts:
            end(process)


def test_after_a_kill_the_next_start_wins_at_once(tmp_path):
    lock = tmp_path / "lock"
    first = start(lock)
    assert first.stdout.readline() == "won\n"
    first.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    first.wait(10)
    first.stdout.close()
    assert read_holder(lock) is not None  # stale, and believed by no one
    assert running(lock) is None
    start_s = time.monotonic()
    assert not say(lock, "show", timeout_s=0.3)
    assert time.monotonic() - start_s < 1
    second = Instance.claim(lock)
    assert second is not None
    second.release()


@pytest.mark.parametrize("text", [b"", b"12345\n", b"{", b'{"pid": "x"}', b"\x00" * 5000])
def test_garbage_in_the_lock_file_stops_no_start(tmp_path, text):
    lock = tmp_path / "lock"
    lock.write_bytes(text)
    assert read_holder(lock) is None
    instance = Instance.claim(lock)
    assert instance is not None
    instance.release()


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    def refuse(file):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(module, "_lock", refuse)
    with pytest.raises(ConfigError, match="No locks available"):
        Instance.claim(tmp_path / "lock")
