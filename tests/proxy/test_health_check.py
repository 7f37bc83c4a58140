"""Providers are asked whether they serve only where the user wants it, one at a time, and what they say counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.routing import Routing
from app.proxy.fleet.fleet import Outcome
from app.proxy.health_check import HealthCheck
from tests.proxy.fleet.parts import Rig, plan, provider

A, B = provider("A"), provider("B")


class Told:
    """Implements `ProxyEvents`."""

    def __init__(self):
        self.all = []

    def credential_rejected(self, name, message, account=""):
        self.all.append(("rejected", name, account))

    def provider_answered(self, name, account=""):
        self.all.append(("answered", name, account))

    def failed_over(self, from_provider, to_provider, why):
        raise AssertionError(why)

    def provider_failed(self, name, kind, message, account=""):
        self.all.append(("failed", name, kind))

    def provider_refused(self, name, status, message, account=""):
        raise AssertionError(message)


class Bench:
    def __init__(self, *providers, every_s=60):
        self.rig = Rig(*providers)
        self.every(every_s)
        self.told = Told()
        self.asked = []
        self.says = {}
        self.check = HealthCheck(self.rig.fleet, self.told, lambda: self.rig.snapshot, self.ask)

    def every(self, seconds, *, paused=False):
        self.rig.snapshot = replace(self.rig.snapshot, routing=Routing(health_check_s=seconds), paused=paused)

    async def ask(self, one, credential):
        self.asked.append((one.name, credential.secret.value))
        said = self.says.get(one.name)
        if isinstance(said, PatchbayError):
            raise said
        if said is not None:
            await said


async def test_it_is_off_unless_the_user_wants_it_and_while_paused():
    bench = Bench(A, B, every_s=0)
    await bench.check.once()
    bench.every(60, paused=True)
    await bench.check.once()
    assert bench.asked == []


async def test_each_is_asked_once_in_that_time():
    bench = Bench(A, B)
    for _ in range(4):
        await bench.check.once()
    assert bench.asked == [("A", "key of A"), ("B", "key of B")]
    assert bench.told.all == [("answered", "A", ""), ("answered", "B", "")]
    bench.rig.clock.forward(60)
    await bench.check.once()
    assert len(bench.asked) == 3


async def test_who_serves_requests_is_not_asked():
    bench = Bench(A)
    bench.rig.ask(bench.rig.arrange(plan([A]))[0], Outcome.ANSWERED)
    await bench.check.once()
    assert bench.asked == []


async def test_one_at_a_time():
    bench = Bench(A, B)
    gate = asyncio.get_running_loop().create_future()
    bench.says["A"] = gate
    first = asyncio.get_running_loop().create_task(bench.check.once(), name="a check")
    await asyncio.sleep(0)
    await bench.check.once()
    assert [name for name, _ in bench.asked] == ["A"]
    gate.set_result(None)
    await first


@pytest.mark.parametrize(
    ("error", "told", "rests", "why"),
    [
        (
            PatchbayError(ErrorKind.UNREACHABLE, "no", unsent=True),
            ("failed", "A", "upstream_unreachable"),
            True,
            "unreachable",
        ),
        (
            PatchbayError(ErrorKind.OVERLOADED, "no", upstream_status=529),
            ("failed", "A", "overloaded"),
            True,
            "overloaded",
        ),
        (PatchbayError(ErrorKind.CREDENTIAL_REJECTED, "no", upstream_status=401), ("rejected", "A", ""), False, ""),
        (PatchbayError(ErrorKind.UPSTREAM_NOT_FOUND, "no", upstream_status=404), None, False, ""),
    ],
)
async def test_what_it_says_counts(error, told, rests, why):
    bench = Bench(A)
    bench.says["A"] = error
    for _ in range(5):
        bench.rig.clock.forward(10)
        bench.every(10)
        await bench.check.once()
    assert len(bench.asked) == 5
    assert bench.told.all == ([told] * 5 if told else [])
    assert bool(bench.rig.fleet.breakers()) is rests
    assert [one.why for one in bench.rig.fleet.resting()] == [f"5 failures in a row: {why}"] * rests


async def test_who_failed_is_found_well_again():
    bench = Bench(A, B)
    first = bench.rig.arrange(plan([A], [B]))[0]
    for _ in range(5):
        bench.rig.ask(first, Outcome.FAILED)
    bench.every(10)
    bench.rig.clock.forward(10)
    assert bench.rig.unfit(first) != ""
    await bench.check.once()
    await bench.check.once()
    assert {name for name, _ in bench.asked} == {"A", "B"}
    assert bench.rig.unfit(first) == ""
