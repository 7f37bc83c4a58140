from __future__ import annotations

import pytest

from app.control.health import FAILED_OVER, QUIET_S, Mark, judge
from app.domain.provider import Credential, CredentialState
from app.domain.status import Health

READY = Credential(CredentialState.READY)


@pytest.mark.parametrize(
    ("credential", "mark", "health", "text"),
    [
        (READY, None, Health.UNKNOWN, "not used yet"),
        (READY, Mark(Health.OK, "", 990.0), Health.OK, "answered just now"),
        (READY, Mark(Health.OK, "", 1000.0 - 130), Health.OK, "answered 2 min ago"),
        (READY, Mark(Health.OK, "", 1000.0 - 7300), Health.OK, "answered 2 h ago"),
        (READY, Mark(Health.DEGRADED, "it was overloaded.", 990.0), Health.DEGRADED, "it was overloaded (just now)"),
        (Credential(CredentialState.MISSING), Mark(Health.OK, "", 990.0), Health.DOWN, "it has no key yet"),
        (Credential(CredentialState.LOCKED), None, Health.DOWN, "the system keyring is locked"),
        (Credential(CredentialState.REJECTED), None, Health.DOWN, "it rejected its key"),
        (Credential(CredentialState.WAITING), None, Health.UNKNOWN, "not used yet"),
    ],
)
def test_health_in_words(credential, mark, health, text):
    assert judge(credential, mark, 1000.0) == (health, text)


async def test_what_the_proxy_sees_becomes_marks_and_is_told_when_it_changes(desk):
    await desk.begin('[[provider]]\nname = "A"\nvendor = "openai"\n')
    told = []
    desk.marks.subscribe(lambda _: told.append(desk.marks.marks["A"].health))
    desk.marks.provider_answered("A")
    desk.marks.provider_answered("A")
    desk.marks.provider_failed("A", "overloaded", "it is overloaded")
    desk.marks.provider_failed("A", "upstream_unreachable", "nobody answers there")
    desk.marks.credential_rejected("A", "bad key")
    assert told == [Health.OK, Health.DEGRADED, Health.DOWN, Health.DOWN]
    desk.marks.forget("A")
    assert desk.marks.marks == {}


async def test_a_switch_is_told_once_a_minute_and_until_the_first_one_answers(desk):
    await desk.begin('[[provider]]\nname = "A"\nvendor = "openai"\n[[provider]]\nname = "B"\nvendor = "gemini"\n')

    def told():
        return [one.text for one in desk.core.notices.current if one.id == FAILED_OVER]

    desk.marks.failed_over("A", "B", "It is overloaded.")
    desk.marks.failed_over("A", "B", "It cannot be reached.")
    assert told() == ["A could not serve a request, so B was asked instead: It is overloaded."]
    desk.marks.provider_answered("B")
    assert told()
    desk.marks.provider_answered("A")
    assert told() == []
    desk.clock.forward(QUIET_S + 1)
    desk.marks.failed_over("A", "B", "It cannot be reached.")
    assert told() == ["A could not serve a request, so B was asked instead: It cannot be reached."]
