from __future__ import annotations

import asyncio

from app.store import announcer
from app.store.announcer import Announcer


async def test_many_changes_are_told_once_and_the_last_number_is_told(monkeypatch):
    now_s = 100.0
    monkeypatch.setattr(announcer.time, "monotonic", lambda: now_s)
    told: list[int] = []
    board = Announcer()
    board.subscribe(told.append)
    for _ in range(5):
        board.changed()
    board.announce()
    for _ in range(5):
        board.changed()
        board.announce()
    assert board.due_in_s(now_s) == announcer.EVERY_S
    now_s += announcer.EVERY_S
    board.announce()
    await asyncio.sleep(0)
    assert told == [5, 10]
    assert board.revision == 10


async def test_nothing_new_is_not_told():
    told: list[int] = []
    board = Announcer()
    board.subscribe(told.append)
    board.announce()
    await asyncio.sleep(0)
    assert told == []
    assert board.due_in_s(0) > 1e9
