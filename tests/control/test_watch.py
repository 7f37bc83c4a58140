from __future__ import annotations

import asyncio
import os

from app.control.watch import Watch


async def test_a_changed_new_or_vanished_file_is_noticed_once(tmp_path):
    path, beside, seen = tmp_path / "a", tmp_path / "b", []

    async def changed():
        seen.append(path.exists())

    watch = Watch()
    watch.file(changed, path, beside)
    await watch.look()
    assert seen == []
    path.write_text("1", "utf-8")
    await watch.look()
    await watch.look()
    assert seen == [True]
    os.utime(path, ns=(1, 1))
    await watch.look()
    beside.write_text("x", "utf-8")
    await watch.look()
    path.unlink()
    await watch.look()
    assert seen == [True, True, True, False]


async def test_the_watch_goes_on_after_an_error(tmp_path, caplog):
    turns, enough = [], asyncio.Event()

    def turn():
        turns.append(len(turns))
        if len(turns) == 1:
            raise ValueError("broken")
        if len(turns) == 3:
            enough.set()

    watch = Watch(every_s=0.001)
    watch.every(2, turn)
    task = asyncio.get_running_loop().create_task(watch.run(), name="watch")
    await enough.wait()
    task.cancel()
    assert "a look at our files failed" in caplog.text


async def test_two_looks_at_once_end_when_the_change_was_taken_over(tmp_path):
    path, taken = tmp_path / "a", []

    async def changed():
        await asyncio.sleep(0.02)
        taken.append(True)

    watch = Watch()
    watch.file(changed, path)
    path.write_text("1", "utf-8")
    first = asyncio.get_running_loop().create_task(watch.look(), name="the watch's own look")
    await asyncio.sleep(0)
    await watch.look()
    assert taken == [True]
    await first
