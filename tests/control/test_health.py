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


@pytest.mark.parametrize(
    ("credential", "mark", "health", "text"),
    [
        (READY, None, Health.DEGRADED, "rests"),
        (READY, Mark(Health.OK, "", 990.0), Health.DEGRADED, "rests"),
        (READY, Mark(Health.DOWN, "nobody answers", 990.0), Health.DOWN, "rests"),
        (Credential(CredentialState.REJECTED), None, Health.DOWN, "it rejected its key"),
    ],
)
def test_that_it_rests_outweighs_what_was_heard_before(credential, mark, health, text):
    assert judge(credential, mark, 1000.0, "rests") == (health, text)


async def test_a_provider_that_answered_with_an_error_was_used(desk):
    """It is well only if it ever answered a request."""
    await desk.begin('[[provider]]\nname = "A"\nvendor = "openai"\n')
    desk.marks.provider_refused("A", 404, "There is no such model.")
    assert judge(READY, desk.marks.marks["A"], desk.clock.monotonic_ns() / 1e9) == (
        Health.DEGRADED,
        "answered with an error (404): There is no such model (just now)",
    )
    desk.marks.provider_answered("A")
    desk.marks.provider_refused("A", 400, "max_tokens is too large")
    assert desk.marks.marks["A"].health is Health.OK
    desk.marks.provider_failed("A", "billing", "insufficient_quota")
    assert desk.marks.marks["A"].text == "quota used up: insufficient_quota"
    desk.marks.provider_failed("A", "rate_limited", "nope")
    assert (desk.marks.marks["A"].health, desk.marks.marks["A"].text) == (Health.DEGRADED, "rate limited: nope")


async def test_each_account_has_a_mark_of_its_own(desk):
    await desk.begin('[[provider]]\nname = "A"\nvendor = "openai"\n[[provider.account]]\nname = "two"\n')
    told = []
    desk.marks.subscribe(lambda _: told.append(set(desk.marks.accounts)))
    desk.marks.provider_answered("A")
    desk.marks.provider_failed("A", "overloaded", "busy", "two")
    desk.marks.provider_answered("A")
    assert [desk.marks.accounts["A", one].health for one in ("", "two")] == [Health.OK, Health.DEGRADED]
    assert told == [{("A", "")}, {("A", ""), ("A", "two")}, {("A", ""), ("A", "two")}]
    desk.marks.forget("A")
    assert desk.marks.accounts == {}


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
