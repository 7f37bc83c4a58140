"""Providers with several keys each: no outage of one keeps a request from those that are well."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType

import pytest

from app.domain.exchange import State
from app.domain.provider import Account, Credential, CredentialState, Secret, credential_id
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

GOOD = whole(ANTHROPIC.whole())
OUTAGES = {
    "overloaded": whole(ANTHROPIC.error("not now", "overloaded_error"), status=529),
    "a crash": whole(ANTHROPIC.error("oh no", "api_error"), status=500),
    "a limit": whole(ANTHROPIC.error("slow down", "rate_limit_error"), "Retry-After: 60", status=429),
    "a key that is no good": whole(ANTHROPIC.error("no", "authentication_error"), status=401),
    "forbidden": whole(ANTHROPIC.error("no", "permission_error"), status=403),
}
LIKE_THIS_ONE = ("overloaded", "a crash")
"""Outages of the provider: another key of it is of no use."""


def accounts(rig, **count):
    """Give each provider so many accounts besides its own key."""
    keys = dict(rig.snapshot.credentials)
    providers = []
    for one in rig.snapshot.providers:
        names = [f"{one.name}{number}" for number in range(count.get(one.name, 0))]
        providers.append(replace(one, accounts=tuple(Account(name, priority=1) for name in names)))
        keys |= {
            credential_id(one.name, name): Credential(CredentialState.READY, Secret(f"secret {name}")) for name in names
        }
    rig.snapshot = replace(rig.snapshot, providers=tuple(providers), credentials=MappingProxyType(keys))


@pytest.mark.parametrize("outage", OUTAGES)
async def test_three_providers_and_five_keys_of_which_one_works(rig, outage):
    a, b, c = await rig.spread(ANTHROPIC, ANTHROPIC, ANTHROPIC)
    accounts(rig, A=1, B=1)
    a.script = b.script = OUTAGES[outage]
    c.script = GOOD
    for _ in range(6):
        assert (await rig.chat(ANTHROPIC)).status == 200
    await rig.row(6)
    asked = [(one.provider, one.account) for one in rig.recorder.ends[0].attempts]
    if outage in LIKE_THIS_ONE:
        assert asked == [("A", ""), ("B", ""), ("C", "")]
    else:
        assert asked == [("A", ""), ("A", "A0"), ("B", ""), ("B", "B0"), ("C", "")]


async def test_a_provider_that_is_not_there_is_not_asked_with_each_of_its_keys_first(rig):
    _, b = await rig.spread(ANTHROPIC, ANTHROPIC)
    accounts(rig, A=3)
    await rig.upstream.stop()
    b.script = GOOD
    assert (await rig.chat(ANTHROPIC)).status == 200
    assert [one.provider for one in (await rig.row()).attempts] == ["A", "B"]
    await rig.upstream.start()


async def test_where_nobody_else_is_left_the_other_keys_are_asked_as_often_as_may_be_tried(rig):
    await rig.spread(ANTHROPIC)
    accounts(rig, A=5)
    rig.upstream.script = OUTAGES["overloaded"]
    assert (await rig.chat(ANTHROPIC)).status == 529
    asked = [one.account for one in (await rig.row()).attempts]
    assert asked[0] == ""
    assert len(asked) == rig.snapshot.settings.limits.attempts


async def test_no_more_targets_are_tried_than_allowed(rig):
    ups = await rig.spread(*[ANTHROPIC] * 5)
    for up in ups:
        up.script = OUTAGES["a limit"]
    assert (await rig.chat(ANTHROPIC)).status == 429
    row = await rig.row()
    assert row.state is State.FAILED
    assert Counter(one.provider for one in row.attempts) == {"A": 1, "B": 1, "C": 1}
