"""A breaker opens, waits, probes and closes by its rules, whatever comes in whatever order."""

from __future__ import annotations

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.proxy.fleet.breaker import (
    LEASE_S,
    LONGEST_OPEN_S,
    LONGEST_SOLE_S,
    SUCCESSES_TO_CLOSE,
    WINDOW_S,
    Breaker,
    BreakerState,
)

LIMIT, OPEN_S = 5, 30.0


def fail(breaker, now_s, *, sole=False):
    breaker.fail(breaker.enter(now_s), now_s, limit=LIMIT, open_s=OPEN_S, sole=sole)


def opened(now_s=0.0, *, sole=False):
    breaker = Breaker()
    for _ in range(LIMIT):
        fail(breaker, now_s, sole=sole)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not_let_them():
    breaker = Breaker()
    for _ in range(3):
        for _ in range(LIMIT - 1):
            fail(breaker, 0.0)
        breaker.succeed(breaker.enter(0.0), 0.0)
        for _ in range(20):  # so that not the share of failures opens it
            breaker.succeed(breaker.enter(0.0), 0.0)
    assert breaker.state(0.0) is BreakerState.CLOSED
    for _ in range(LIMIT):
        fail(breaker, 0.0)
    assert breaker.state(0.0) is BreakerState.OPEN
    assert breaker.failures == LIMIT


def test_half_of_ten_open_it():
    breaker = Breaker()
    for _ in range(4):
        breaker.succeed(breaker.enter(0.0), 0.0)
        fail(breaker, 0.0)
    breaker.succeed(breaker.enter(0.0), 0.0)
    assert breaker.state(0.0) is BreakerState.CLOSED
    fail(breaker, 0.0)
    assert breaker.state(0.0) is BreakerState.OPEN


def test_what_is_older_than_the_window_does_not_count():
    breaker = Breaker()
    for _ in range(4):
        fail(breaker, 0.0)
    for _ in range(5):
        breaker.succeed(breaker.enter(1.0), 1.0)
    fail(breaker, WINDOW_S)
    assert breaker.state(WINDOW_S) is BreakerState.CLOSED  # the four of the beginning are gone


def test_it_waits_longer_each_time_but_never_for_ever():
    breaker, now_s, waits = opened(), 0.0, []
    for _ in range(14):
        waits.append(breaker.wait_s(now_s))
        now_s += waits[-1]
        assert breaker.state(now_s) is BreakerState.HALF_OPEN
        fail(breaker, now_s)
    assert waits[:4] == [30.0, 60.0, 90.0, 120.0]
    assert max(waits) == waits[-1] == LONGEST_OPEN_S


def test_after_closing_the_first_wait_is_short_again():
    breaker = opened()
    fail(breaker, 30.0)
    assert breaker.wait_s(30.0) == 60.0
    for _ in range(SUCCESSES_TO_CLOSE):
        breaker.succeed(breaker.enter(90.0), 90.0)
    assert breaker.state(90.0) is BreakerState.CLOSED
    for _ in range(LIMIT):
        fail(breaker, 90.0)
    assert breaker.wait_s(90.0) == 30.0


def test_one_probe_at_a_time_and_two_successes_close():
    breaker = opened()
    probe = breaker.enter(30.0)
    assert breaker.wait_s(30.0) == LEASE_S
    breaker.succeed(probe, 31.0)
    assert breaker.wait_s(31.0) == 0.0
    assert breaker.state(31.0) is BreakerState.HALF_OPEN
    breaker.succeed(breaker.enter(31.0), 32.0)
    assert breaker.state(32.0) is BreakerState.CLOSED


def test_a_probe_without_a_verdict_lets_the_next_one_in():
    breaker = opened()
    breaker.release(breaker.enter(30.0))
    assert breaker.wait_s(30.0) == 0.0
    assert breaker.state(30.0) is BreakerState.HALF_OPEN


def test_a_probe_that_hangs_keeps_its_place_for_a_while_only():
    breaker = opened()
    hanging = breaker.enter(30.0)
    assert breaker.wait_s(30.0 + LEASE_S) == 0.0
    second = breaker.enter(30.0 + LEASE_S)
    breaker.release(hanging)
    assert breaker.wait_s(30.0 + LEASE_S) == LEASE_S  # the place is the second one's by now
    breaker.release(second)
    assert breaker.wait_s(30.0 + LEASE_S) == 0.0


def test_results_of_requests_from_before_say_nothing():
    breaker = Breaker()
    early = [breaker.enter(0.0) for _ in range(6)]
    for _ in range(LIMIT):
        fail(breaker, 1.0)
    for one in early[:3]:
        breaker.succeed(one, 31.0)
        breaker.fail(one, 31.0, limit=LIMIT, open_s=OPEN_S)
    assert breaker.state(31.0) is BreakerState.HALF_OPEN
    assert breaker.opens_until_s() == 31.0


def test_the_only_candidate_waits_a_short_time():
    assert opened(sole=True).wait_s(0.0) == LONGEST_SOLE_S
    breaker = opened()
    assert (breaker.wait_s(0.0), breaker.wait_s(0.0, sole=True)) == (OPEN_S, LONGEST_SOLE_S)
    assert breaker.state(LONGEST_SOLE_S, sole=True) is BreakerState.HALF_OPEN


def test_hastened_it_is_tried_at_once():
    breaker = opened()
    breaker.hasten(1.0)
    assert breaker.state(1.0) is BreakerState.HALF_OPEN
    closed = Breaker()
    closed.hasten(1.0)
    assert closed.state(1.0) is BreakerState.CLOSED


def test_encouraged_it_needs_one_success_more():
    breaker = opened()
    for _ in range(3):
        breaker.encourage(1.0)
    assert breaker.state(1.0) is BreakerState.HALF_OPEN
    breaker.succeed(breaker.enter(1.0), 1.0)
    assert breaker.state(1.0) is BreakerState.CLOSED
    breaker.encourage(1.0)
    assert breaker.state(1.0) is BreakerState.CLOSED


class Machine(RuleBasedStateMachine):
    """The breaker against its rules told in the plainest way."""

    def __init__(self):
        super().__init__()
        self.breaker = Breaker()
        self.now_s = 0.0
        self.running = []
        self.state = BreakerState.CLOSED
        self.results = []
        self.in_a_row = self.openings = self.proofs = 0
        self.until_s = 0.0
        self.lease = None
        self.era = 0

    @rule(seconds=strategies.floats(0.0, 90.0))
    def wait(self, seconds):
        self.now_s += seconds
        if self.state is BreakerState.OPEN and self.now_s >= self.until_s:
            self.state = BreakerState.HALF_OPEN

    @rule()
    def enter(self):
        allowed = self.breaker.wait_s(self.now_s) == 0.0
        probing = self.lease is not None and self.now_s < self.lease[1]
        assert allowed == (self.state is BreakerState.CLOSED or (self.state is BreakerState.HALF_OPEN and not probing))
        if not allowed:
            return
        entered = self.breaker.enter(self.now_s)
        assert bool(entered.probe) == (self.state is BreakerState.HALF_OPEN)
        if entered.probe:
            self.lease = (entered, self.now_s + LEASE_S)
        self.running.append((entered, self.era))

    @precondition(lambda self: self.running)
    @rule(which=strategies.integers(0, 100), outcome=strategies.sampled_from(["ok", "failed", "failed", "nothing"]))
    def end(self, which, outcome):
        entered, era = self.running.pop(which % len(self.running))
        if outcome == "ok":
            self.breaker.succeed(entered, self.now_s)
        elif outcome == "failed":
            self.breaker.fail(entered, self.now_s, limit=LIMIT, open_s=OPEN_S)
        else:
            self.breaker.release(entered)
        if era == self.era:
            if self.lease is not None and self.lease[0] == entered and outcome != "failed":
                self.lease = None
            self.judge(outcome)

    def judge(self, outcome):
        if outcome == "nothing":
            return
        ok = outcome == "ok"
        if self.state is BreakerState.CLOSED:
            self.in_a_row = 0 if ok else self.in_a_row + 1
            self.results.append((self.now_s, ok))
            latest = [good for at_s, good in self.results if at_s > self.now_s - WINDOW_S]
            many = len(latest) >= 10 and latest.count(False) * 2 >= len(latest)
            if not ok and (self.in_a_row >= LIMIT or many):
                self.open()
        elif not ok:
            self.open()
        else:
            self.proofs += 1
            if self.proofs == 2:
                self.change(BreakerState.CLOSED)
                self.in_a_row = self.openings = 0

    def open(self):
        self.openings += 1
        self.change(BreakerState.OPEN)
        self.until_s = self.now_s + min(OPEN_S * self.openings, LONGEST_OPEN_S)

    def change(self, state):
        self.state = state
        self.era += 1
        self.proofs = 0
        self.results = []
        self.lease = None

    @invariant()
    def is_as_the_rules_say(self):
        assert self.breaker.state(self.now_s) is self.state


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
