from __future__ import annotations

import dataclasses

from app.control.record import DEGRADED, RecordKeeper


class Record:
    degraded = ""

    def __init__(self):
        self.told = []

    def settings(self, **bounds):
        self.told.append(bounds)


async def test_the_recorder_follows_the_settings(desk):
    record = Record()
    RecordKeeper(desk.core, record)
    await desk.begin("[config]\nhistory_mib = 64\nhistory_days = 7\n")
    desk.configuration.change(record_bodies=False)
    desk.configuration.change(port=9000)
    first = {"budget_bytes": 64 * 1024 * 1024, "keep_days": 7, "record_bodies": True, "record_rows": True}
    assert record.told == [{**first, "redaction": ()}, {**first, "redaction": (), "record_bodies": False}]
    assert dataclasses.asdict(desk.snapshot.settings)["record_bodies"] is False


async def test_a_degraded_record_is_said_while_it_lasts(desk):
    record = Record()
    keeper = RecordKeeper(desk.core, record)
    keeper.opened(("history.db is damaged. It was kept as history.corrupt.db.",))
    record.degraded = "the disk is full"
    keeper.look()
    assert "the disk is full" in desk.notice(DEGRADED)
    assert "damaged" in desk.notice("history-0")
    record.degraded = ""
    keeper.look()
    assert not desk.notice(DEGRADED)
