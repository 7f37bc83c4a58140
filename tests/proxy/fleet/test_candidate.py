"""A candidate says what it is made of."""

from __future__ import annotations

from app.domain.provider import Account
from app.domain.route import Target
from app.proxy.fleet.candidate import Candidate
from tests.proxy.fleet.parts import provider


def test_a_candidate_is_a_target_with_a_credential():
    home = provider("A")
    one = Candidate(Target(home, "opus"), Account("work"))
    assert (one.provider, one.model, one.key) == (home, "opus", ("A", "work"))
