from __future__ import annotations

import time

from app.control.conversation import breath


def test_it_steps_aside_only_when_it_is_time(monkeypatch):
    now, rests = [0.0], []
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(time, "sleep", rests.append)
    step = breath.Breath()
    step()
    now[0] = breath.WORK_S * 1.5
    step()
    step()
    assert rests == [breath.REST_S]
    now[0] = breath.WORK_S * 3
    step()
    assert len(rests) == 2
