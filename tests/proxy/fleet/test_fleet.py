"""What the fleet skips, for how long and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.provider import Account, AuthStyle, Credential, CredentialState, Secret
from app.proxy.fleet.fleet import FORGIVING_S, Outcome
from tests.proxy.fleet.parts import Rig, asked, plan, provider, snapshot

A, B = provider("A"), provider("B")
WORK = provider("A", accounts=["work"])


def failed(rig, candidate, times=5, **more):
    for _ in range(times):
        rig.ask(candidate, Outcome.FAILED, why="HTTP 503", **more)


def test_groups_come_in_their_order_and_accounts_by_priority():
    own = provider("A", accounts=[Account("spare", priority=2), Account("first", priority=-1)])
    rig = Rig(own, B)
    assert rig.order(plan([own], [B])) == ["A/first", "A", "A/spare", "B"]


def test_failures_open_the_breaker_and_time_and_two_answers_close_it():
    rig = Rig(A, B)
    first, second = rig.arrange(plan([A], [B]))
    failed(rig, first)
    assert rig.unfit(first) == "rests for 30 s (5 failures in a row: HTTP 503)"
    assert rig.unfit(second) == ""
    assert rig.fleet.breakers() == {"A": "open"}
    assert rig.fleet.wait_s([first, second]) == pytest.approx(30.0)
    rig.clock.forward(30)
    assert rig.unfit(first) == ""
    assert rig.fleet.breakers() == {"A": "half-open"}
    probe = rig.fleet.permit(first, asked())
    assert rig.unfit(first) == "another request is trying it after 5 failures in a row: HTTP 503"
    assert rig.fleet.wait_s([first]) == 1.0
    probe.end(Outcome.ANSWERED)
    rig.ask(first, Outcome.ANSWERED)
    assert rig.fleet.breakers() == {}
    assert rig.fleet.resting() == ()


def test_a_probe_that_began_to_answer_counts_once_and_at_once():
    rig = Rig(A, B)
    first = rig.arrange(plan([A], [B]))[0]
    failed(rig, first)
    rig.clock.forward(30)
    probe = rig.fleet.permit(first, asked())
    probe.begin(300)
    assert rig.unfit(first) == ""
    probe.end(Outcome.ANSWERED)
    assert rig.fleet.breakers() == {"A": "half-open"}
    rig.ask(first, Outcome.ANSWERED)
    assert rig.fleet.breakers() == {}


def test_a_probe_that_is_nobodys_fault_is_no_verdict():
    rig = Rig(A, B)
    first = rig.arrange(plan([A], [B]))[0]
    failed(rig, first)
    rig.clock.forward(30)
    rig.ask(first, Outcome.NEUTRAL)
    assert rig.unfit(first) == ""
    rig.ask(first, Outcome.FAILED)
    assert rig.unfit(first).startswith("rests until ")


def test_the_only_candidate_of_a_plan_rests_fifteen_seconds():
    rig = Rig(A, B)
    sole = rig.arrange(plan([A]))[0]
    assert sole.sole
    assert not any(one.sole for one in rig.arrange(plan([WORK])))
    failed(rig, sole)
    assert rig.fleet.wait_s([sole]) == pytest.approx(15.0)


def test_after_the_network_changed_failures_do_not_count_and_open_breakers_are_tried():
    rig = Rig(A, B)
    first, second = rig.arrange(plan([A], [B]))
    failed(rig, first)
    rig.fleet.network_changed()
    assert rig.unfit(first) == ""
    failed(rig, second)
    assert rig.fleet.breakers() == {"A": "half-open"}
    rig.clock.forward(FORGIVING_S)
    failed(rig, second)
    assert rig.fleet.breakers() == {"A": "half-open", "B": "open"}


def test_a_limit_rests_the_credential_as_long_as_told():
    rig = Rig(WORK)
    own, work = rig.arrange(plan([WORK]))
    rig.ask(own, Outcome.LIMITED, retry_after_s=7, why="rate limited")
    assert rig.unfit(own) == "rests for 7 s (rate limited)"
    assert rig.unfit(work) == ""
    assert rig.fleet.breakers() == {}
    assert rig.fleet.wait_s([own, work]) == pytest.approx(7.0)
    [rest] = rig.fleet.resting()
    assert (rest.provider, rest.account, rest.model, rest.why, rest.breaker) == ("A", "", "", "rate limited", "")
    assert rest.until_us == rig.clock.us + 7_000_000
    rig.clock.forward(7)
    assert rig.unfit(own) == ""
    assert rig.fleet.wait_s([own, work]) is None


def test_a_limit_of_one_model_rests_that_model():
    rig = Rig(A)
    one, other = (rig.arrange(plan([rig_target(model)]))[0] for model in ("opus", "haiku"))
    rig.ask(one, Outcome.LIMITED, retry_after_s=7, model_only=True)
    assert rig.unfit(one) == "opus rests for 7 s (rate limited)"
    assert rig.unfit(other) == ""
    assert rig.fleet.resting()[0].model == "opus"


def test_an_answer_after_a_limit_ends_its_rest():
    rig = Rig(A, B)
    first = rig.arrange(plan([A], [B]))[0]
    before = rig.fleet.permit(first, asked())
    rig.clock.forward(1)
    rig.ask(first, Outcome.LIMITED, retry_after_s=3600)
    rig.clock.forward(1)
    before.end(Outcome.ANSWERED)
    assert rig.unfit(first)
    again = rig.fleet.permit(first, asked())
    again.begin(10)
    assert rig.unfit(first) == ""
    assert rig.fleet.resting() == ()
    again.end(Outcome.ANSWERED)


def test_the_only_candidate_rests_for_seconds_where_nobody_said_how_long():
    rig = Rig(A, B)
    sole = rig.arrange(plan([A]))[0]
    rig.ask(sole, Outcome.LIMITED)
    assert rig.unfit(sole) == "rests for 2 s (rate limited)"
    assert rig.fleet.wait_s([sole]) == pytest.approx(2.0)
    rig.clock.forward(2)
    rig.ask(rig.arrange(plan([A], [B]))[0], Outcome.LIMITED)
    rig.clock.forward(4)
    assert rig.unfit(sole) == ""
    assert rig.unfit(rig.arrange(plan([A], [B]))[0])


def test_who_alone_has_a_key_is_the_only_one():
    rig = Rig(WORK, B)
    rig.snapshot = snapshot(WORK, B, states={("A", "work"): CredentialState.REJECTED, "B": CredentialState.MISSING})
    assert [one.sole for one in rig.arrange(plan([WORK], [B]))] == [True, False, False]
    rig.snapshot = snapshot(WORK, B, states={"B": CredentialState.MISSING})
    assert [one.sole for one in rig.arrange(plan([WORK], [B]))] == [False, False, False]


def test_what_a_key_may_not_do_rests_that_model_only_and_opens_nothing():
    rig = Rig(A, B)
    first = rig.arrange(plan([A], [B]))[0]
    for _ in range(12):
        rig.ask(first, Outcome.FORBIDDEN, why="not allowed")
    assert rig.unfit(first) == "A-model rests for 30 s (not allowed)"
    assert rig.unfit(rig.arrange(plan([rig_target("haiku")], [B]))[0]) == ""
    assert rig.fleet.breakers() == {}


def test_what_is_forbidden_is_not_waited_for_and_its_words_are_kept_as_long_as_it_rests():
    rig = Rig(A, B)
    both = rig.arrange(plan([A], [B]))
    first, second = both
    rig.ask(first, Outcome.FORBIDDEN)
    rig.fleet.forbade(first, "No access.")
    rig.fleet.forbade(second, "It rests for nothing.")
    assert (rig.fleet.forbidden(both), rig.fleet.wait_s(both)) == ("No access.", None)
    rig.ask(second, Outcome.LIMITED, retry_after_s=20.0)
    assert (rig.fleet.forbidden(both), rig.fleet.wait_s(both)) == ("No access.", pytest.approx(20.0))
    rig.ask(first, Outcome.LIMITED, retry_after_s=10.0, model_only=True)
    assert (rig.fleet.forbidden(both), rig.fleet.wait_s(both)) == ("", pytest.approx(20.0))
    rig.ask(first, Outcome.FORBIDDEN)
    rig.fleet.forbade(first, "No access.")
    rig.clock.forward(60)
    assert (rig.fleet.forbidden(both), rig.fleet.wait_s(both)) == ("", None)


def test_nobody_rests_for_what_the_only_key_may_not_do():
    rig = Rig(A)
    sole = rig.arrange(plan([A]))[0]
    for _ in range(12):
        rig.ask(sole, Outcome.FORBIDDEN, why="not allowed")
    assert rig.unfit(sole) == ""
    assert rig.fleet.resting() == ()


def rig_target(model):
    from app.domain.route import Target

    return Target(A, model)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CredentialState.MISSING, "has no key yet"),
        (CredentialState.REJECTED, "rejected its key"),
        (CredentialState.LOCKED, "its key is in the keyring, which is locked"),
        (CredentialState.UNAVAILABLE, "its key is in the keyring, which cannot be read"),
        (CredentialState.WAITING, ""),
        (CredentialState.NOT_NEEDED, ""),
    ],
)
def test_a_key_that_is_not_at_hand_is_told(state, words):
    rig = Rig(WORK)
    rig.snapshot = snapshot(WORK, states={("A", "work"): state})
    own, work = rig.arrange(plan([WORK]))
    assert (rig.unfit(own), rig.unfit(work)) == ("", words)


def test_what_is_passed_over_is_told_beforehand_by_what_was_learned_and_by_whose_key_is_at_hand():
    rig = Rig(A, B)
    ways, long = plan([A, B]), asked(prompt_tokens=9_000)
    assert rig.fleet.lacking(ways, long) == ("", "")
    rig.fleet.prompt_too_long(rig.arrange(ways)[0], "maximum context length is 8192 tokens")
    told = rig.fleet.lacking(ways, long)
    assert told == ("takes 8,192 tokens, this prompt has about 9,000", "")
    assert told == tuple(one.lacks for one in rig.arrange(ways, long))
    assert rig.fleet.lacking(ways, asked(prompt_tokens=8_000)) == ("", "")
    assert rig.fleet.lacking(plan([A]), long) == ("",)
    rig.snapshot = snapshot(A, B, states={("B", ""): CredentialState.MISSING})
    assert rig.fleet.lacking(ways, long) == ("", "")
    rig.snapshot = snapshot(replace(A, base_url="https://other.invalid"), B)
    assert rig.fleet.lacking(ways, long) == ("", "")


def test_weight_zero_rests_by_the_users_wish():
    idle = provider("A", accounts=[Account("work", weight=0)])
    rig = Rig(idle)
    assert [rig.unfit(one) for one in rig.arrange(plan([idle]))] == ["", "rests because its weight is 0"]


def test_another_key_or_address_is_another_provider_and_another_model_is_not():
    for change, rests in (
        (snapshot(provider("A", models=("new",)), B), True),
        (snapshot(provider("A", first_byte_timeout_s=7.0), B), True),
        (snapshot(B), False),
    ):
        rig = Rig(A, B)
        failed(rig, rig.arrange(plan([A], [B]))[0])
        rig.snapshot = change
        assert bool(rig.fleet.resting()) is rests
    rig = Rig(A, B)
    rig.ask(rig.arrange(plan([A], [B]))[0], Outcome.LIMITED)
    rig.snapshot = snapshot(A, B)
    held = {**rig.snapshot.credentials, "A": Credential(CredentialState.READY, Secret("another key"))}
    object.__setattr__(rig.snapshot, "credentials", held)
    assert rig.fleet.resting() == ()


def test_what_ends_after_its_provider_is_forgotten_changes_nothing():
    rig = Rig(A)
    permit = rig.fleet.permit(rig.arrange(plan([A]))[0], asked())
    rig.fleet.forget("A", "")
    permit.begin(10)
    permit.end(Outcome.FAILED)
    assert rig.fleet.resting() == ()


def test_what_rests_is_told_the_same_at_each_look():
    rig = Rig(A, B)
    failed(rig, rig.arrange(plan([A], [B]))[0])
    [told] = rig.fleet.resting()
    assert (told.breaker, told.why) == ("open", "5 failures in a row: HTTP 503")
    assert told.until_us == rig.clock.us + 30_000_000
    rig.clock.forward(7.123456)
    assert rig.fleet.resting() == (told,)
    rig.clock.forward(30)
    assert rig.fleet.resting()[0].breaker == "half-open"
    assert rig.fleet.resting()[0].until_us == told.until_us


def test_who_was_not_heard_of_for_longest_is_asked_first():
    rig = Rig(WORK, B)
    own, work, other = rig.arrange(plan([WORK], [B]))
    for candidate in (work, other, own):
        rig.ask(candidate, Outcome.ANSWERED)
        rig.clock.forward(10)
    assert rig.fleet.unheard(31) is None
    found = []
    while (one := rig.fleet.unheard(10)) is not None:
        found.append(one.key)
        rig.fleet.checked(one, Outcome.ANSWERED)
    assert found == [("A", "work"), ("B", ""), ("A", "")]
    rig.clock.forward(9)
    assert rig.fleet.unheard(10) is None


def test_who_is_limited_has_no_key_or_passes_the_callers_own_on_is_not_asked():
    passing = replace(provider("P"), auth=AuthStyle.CLIENT)
    rig = Rig(A, B, passing, provider("Idle", accounts=[Account("off", weight=0)]))
    rig.ask(rig.arrange(plan([A], [B]))[0], Outcome.LIMITED, retry_after_s=600)
    rig.snapshot = snapshot(
        *rig.snapshot.providers, states={"B": CredentialState.MISSING, "Idle": CredentialState.REJECTED}
    )
    rig.clock.forward(60)
    assert rig.fleet.unheard(10) is None


def test_a_check_opens_and_half_closes_a_breaker():
    rig = Rig(A, B)
    first = rig.arrange(plan([A], [B]))[0]
    for _ in range(5):
        rig.fleet.checked(first, Outcome.FAILED, why="unreachable")
    assert rig.unfit(first) == "rests for 30 s (5 failures in a row: unreachable)"
    rig.fleet.checked(first, Outcome.NEUTRAL)
    assert rig.fleet.breakers() == {"A": "open"}
    rig.fleet.checked(first, Outcome.ANSWERED)
    assert rig.fleet.breakers() == {"A": "half-open"}
    rig.ask(first, Outcome.ANSWERED)
    assert rig.fleet.breakers() == {}


def test_a_callers_own_limit_rests_nobody():
    passing = replace(provider("P"), auth=AuthStyle.CLIENT)
    rig = Rig(passing)
    one = rig.arrange(plan([passing]))[0]
    rig.ask(one, Outcome.LIMITED, retry_after_s=600)
    assert rig.unfit(one) == ""


def test_who_never_answered_rests_at_once_where_there_are_others_to_ask():
    rig = Rig(A, B)
    first, _ = rig.arrange(plan([A], [B]))
    rig.ask(first, Outcome.SILENT, why="timeout")
    assert rig.unfit(first) == "rests for 30 s (it did not answer)"
    rig.clock.forward(30)
    rig.ask(first, Outcome.SILENT, why="timeout")
    assert rig.unfit(first).endswith("(2 failures in a row: timeout)")


def test_who_alone_could_be_asked_may_be_silent_now_and_then():
    rig = Rig(A)
    [only] = rig.arrange(plan([A]))
    for _ in range(4):
        rig.ask(only, Outcome.SILENT, why="timeout")
        assert rig.unfit(only) == ""
    rig.ask(only, Outcome.SILENT, why="timeout")
    assert rig.unfit(only)


def test_a_check_that_is_not_answered_is_one_failure():
    rig = Rig(A, B)
    first, _ = rig.arrange(plan([A], [B]))
    rig.fleet.checked(first, Outcome.SILENT, why="timeout")
    assert rig.unfit(first) == ""


def test_accounts_of_one_provider_are_no_others_to_ask_where_it_stays_silent():
    rig = Rig(WORK)
    for candidate in rig.arrange(plan([WORK])):
        rig.ask(candidate, Outcome.SILENT, why="timeout")
        assert rig.unfit(candidate) == ""
