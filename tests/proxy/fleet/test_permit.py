"""A permit tells once that the answer began, and how it ended."""

from __future__ import annotations

from app.domain.provider import OWN_KEY
from app.domain.route import Target
from app.domain.usage import Usage
from app.proxy.fleet.breaker import Pass
from app.proxy.fleet.candidate import Candidate
from app.proxy.fleet.permit import Outcome, Permit
from tests.proxy.fleet.parts import asked, provider


class Learner:
    def __init__(self):
        self.told = []

    def began(self, permit, first_token_ms):
        self.told.append(first_token_ms)

    def ended(self, permit, report):
        self.told.append(report)


def test_the_beginning_is_told_once_and_the_end_with_all_that_is_known():
    learner = Learner()
    permit = Permit(Candidate(Target(provider("A"), "opus"), OWN_KEY), asked(), learner, Pass(0, 0), 5.0, 7)
    assert (permit.name, permit.ticket, permit.started_s) == (("A", "opus"), 7, 5.0)
    permit.begin(300)
    permit.begin(400)
    permit.end(Outcome.LIMITED, usage=Usage(3), retry_after_s=2.0, why="rate limited", model_only=True)
    first, report = learner.told
    assert first == permit.first_token_ms == 300
    assert (report.outcome, report.usage, report.retry_after_s) == (Outcome.LIMITED, Usage(3), 2.0)
    assert (report.why, report.model_only) == ("rate limited", True)
