from __future__ import annotations

from app.control.subscribers import Subscribers


def test_everyone_is_told_until_they_leave(caplog):
    subscribers, told = Subscribers(), []

    def broken(value):
        raise ValueError("a view's bug")

    leave = subscribers.add(told.append)
    subscribers.add(broken)
    subscribers.add(lambda value: told.append(value * 10))
    subscribers.tell(1)
    leave()
    leave()
    subscribers.tell(2)
    assert told == [1, 10, 20]
    assert "a subscriber failed" in caplog.text
