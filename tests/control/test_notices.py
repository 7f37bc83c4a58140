from __future__ import annotations

from app.control.notices import Notices
from app.domain.status import NoticeAction, Severity


def test_the_same_thing_is_said_once_and_the_gravest_first():
    notices, told = Notices(), []
    notices.subscribe(lambda _: told.append(len(notices.current)))
    notices.put("a", Severity.INFO, "one")
    notices.put("a", Severity.INFO, "one")
    notices.put("b", Severity.ERROR, "two", NoticeAction.OPEN_CONFIG, "Open")
    notices.put("a", Severity.INFO, "three")
    assert [(one.id, one.text) for one in notices.current] == [("b", "two"), ("a", "three")]
    notices.drop("b")
    notices.drop("b")
    assert told == [1, 2, 2, 1]
