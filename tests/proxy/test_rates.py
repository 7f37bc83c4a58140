"""The rates of a client key, as its client meets them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest

from app.dialects import dialect
from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName
from app.domain.snapshot import Snapshot
from app.domain.usage import NO_USAGE, Usage
from app.proxy.auth import Caller
from app.proxy.rates import Rates
from tests.fakes.clock import HandClock
from tests.fakes.rig import error_type
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC


def call(policy, tokens=0, name=DialectName.ANTHROPIC_MESSAGES, ids=iter(range(10_000))):  # noqa: B008
    key = ClientKey("k1", "laptop", policy=policy)
    return SimpleNamespace(
        id=str(next(ids)),
        caller=Caller(key.name, (), key),
        snapshot=Snapshot(),
        dialect=dialect(name),
        facts=SimpleNamespace(prompt_tokens=tokens),
    )


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def rates(clock):
    return Rates(clock)


async def refused(work):
    with pytest.raises(PatchbayError) as found:
        await work
    assert found.value.kind is ErrorKind.KEY_RATE_LIMITED
    return found.value


def limit(rig, **policy):
    """Give the rig's one key a policy."""
    keys = {digest: replace(key, policy=KeyPolicy(**policy)) for digest, key in rig.snapshot.client_keys.items()}
    rig.snapshot = replace(rig.snapshot, client_keys=MappingProxyType(keys))


async def test_b11_the_sixth_request_of_a_minute_waits_and_then_exactly_one_more_passes(rates, clock):
    one = call(KeyPolicy(requests_per_minute=5))
    for _ in range(5):
        await rates.admit(one)
        clock.forward(1)
    error = await refused(rates.admit(one))
    assert error.retry_after_s == 55
    assert "5 requests a minute" in error.message
    clock.forward(55)
    await rates.admit(one)
    assert 1 <= (await refused(rates.admit(one))).retry_after_s <= 60


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        (
            DialectName.OPENAI_CHAT,
            {
                "x-ratelimit-limit-requests": "1",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "60s",
            },
        ),
        (
            DialectName.ANTHROPIC_MESSAGES,
            {
                "anthropic-ratelimit-requests-limit": "1",
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-21T12:01:00Z",
            },
        ),
        (DialectName.GEMINI, {}),
    ],
)
async def test_each_dialect_says_it_in_its_own_headers(rates, name, headers):
    one = call(KeyPolicy(requests_per_minute=1), name=name)
    await rates.admit(one)
    assert dict((await refused(rates.admit(one))).headers) == headers


async def test_prompts_that_run_hold_their_estimate_and_the_truth_counts_after(rates):
    policy = KeyPolicy(tokens_per_minute=1_000)
    first, second = call(policy, 600), call(policy, 600)
    await rates.admit_tokens(first)
    error = await refused(rates.admit_tokens(second))
    assert dict(error.headers)["anthropic-ratelimit-tokens-remaining"] == "1000"
    await rates.settle(first, Usage(input_tokens=100, output_tokens=50))
    rates.leave(first)
    await rates.admit_tokens(second)
    await rates.settle(second, Usage(input_tokens=600, output_tokens=200))
    assert (await refused(rates.admit_tokens(call(policy, 51)))).retry_after_s >= 1
    await rates.admit_tokens(call(policy, 50))


async def test_what_used_nothing_leaves_nothing(rates):
    policy = KeyPolicy(tokens_per_minute=1_000)
    for end in ("settle", "leave"):
        one = call(policy, 1_000)
        await rates.admit_tokens(one)
        if end == "settle":
            await rates.settle(one, NO_USAGE)
        rates.leave(one)
    await rates.admit_tokens(call(policy, 1_000))
    assert len(rates._estimates) == 1


async def test_a_prompt_beyond_the_whole_limit_is_told_not_to_come_again(rates):
    error = await refused(rates.admit_tokens(call(KeyPolicy(tokens_per_minute=100), 101)))
    assert error.should_retry is False
    assert error.retry_after_s is None


async def test_a_key_without_rates_costs_nothing(rates):
    one = call(KeyPolicy(), 10_000_000)
    await rates.admit(one)
    await rates.admit_tokens(one)
    await rates.settle(one, Usage(input_tokens=5))
    assert rates._windows is None


def test_the_library_is_loaded_for_the_first_key_that_has_a_rate():
    code = "import sys, app.proxy.server; print('limits' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"


async def test_b11_a_client_meets_its_rate(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    limit(rig, requests_per_minute=5)
    replies = await asyncio.gather(*(rig.chat(wire) for _ in range(6)))
    assert sorted(one.status for one in replies) == [200] * 5 + [429]
    refusal = next(one for one in replies if one.status == 429)
    assert error_type(wire, refusal) == "rate_limit_error"
    assert 1 <= int(refusal.get("retry-after")) <= 60
    name = "anthropic-ratelimit-requests-limit" if wire is ANTHROPIC else "x-ratelimit-limit-requests"
    assert refusal.get(name) == "5"
    assert len(rig.upstream.seen) == 5
    await rig.row(5)


async def test_a_changed_configuration_empties_no_window(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    limit(rig, requests_per_minute=1)
    assert (await rig.chat(wire)).status == 200
    rig.snapshot = replace(rig.snapshot, version=rig.snapshot.version + 1)
    assert (await rig.chat(wire)).status == 429


async def test_a_client_meets_its_tokens_per_minute(rig, wire):
    rig.configure(wire)
    rig.upstream.script = whole(wire.whole())
    limit(rig, tokens_per_minute=1)
    refusal = await rig.chat(wire)
    assert refusal.status == 429
    assert "tokens a minute" in refusal.json()["error"]["message"]
    assert rig.upstream.lines == []
    limit(rig, tokens_per_minute=1_000_000)
    assert (await rig.chat(wire)).status == 200
