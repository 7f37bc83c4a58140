from __future__ import annotations

from app.store.recent import Recent


def test_the_older_half_is_forgotten_when_it_is_full():
    recent: Recent[int, str] = Recent(4)
    for number in range(5):
        recent[number] = str(number)
    assert dict(recent) == {2: "2", 3: "3", 4: "4"}
