"""Group F and B, what is told: what errors mean, what was learned of windows, and which budget refuses."""

from __future__ import annotations

import json

import pytest

from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC

UPSTREAMS = 2
LIMITS = {"attempts": 2}
MORE = """
[[route]]
to = ["A:model-a", "A1:model-a"]
only = true
"""
BUSY = ANTHROPIC.error("The shop is busy, come back later")
TOO_LONG = ANTHROPIC.error("This model's maximum context length is 8192 tokens. Your prompt has 9001.")
LONG = [{"role": "user", "content": "word " * 9_000}]


@pytest.fixture
async def p(p):
    for one in (p.upstream, *p.others):
        one.script = whole(ANTHROPIC.whole())
    return p


async def asked(p, **fields):
    """The status, and how often each upstream was asked."""
    reply = await p.chat(ANTHROPIC, model="claude-opus-4-8", **fields)
    counts = [len(one.seen) for one in (p.upstream, *p.others)]
    for one in (p.upstream, *p.others):
        one.seen.clear()
    return reply.status, counts


async def test_f_what_a_provider_said_of_its_window_is_foretold_and_happens(p):
    foretell = ("route", "test", "--model", "claude-opus-4-8", "--tokens", "9k")
    assert "skipped" not in (await p.running.command(*foretell)).out
    p.upstream.script = whole(TOO_LONG, status=400)
    assert await asked(p, messages=LONG) == (400, [1, 0])
    told = await p.running.status(lambda status: status["windows"])
    assert [(one["provider"], one["tokens"]) for one in told["windows"]] == [("A", 8_192)]
    assert "A:model-a, skipped: takes 8,192 tokens" in (await p.running.command(*foretell)).out
    await p.settle()
    assert await asked(p, messages=LONG) == (200, [0, 1])


async def test_f_an_error_means_what_the_user_says_from_the_next_request_on(p):
    p.upstream.script = whole(BUSY, status=400)
    assert await asked(p) == (400, [1, 0])
    added = await p.running.command("error-rule", "add", "overloaded", "--status", "400", "--text", "COME BACK")
    assert added.code == 0, added.err
    assert await asked(p) == (200, [1, 1])
    first = await p.running.command("error-rule", "add", "refused", "--status", "400", "--at", "1")
    assert first.code == 0, first.err
    assert await asked(p) == (400, [1, 0])
    moved = await p.running.command("error-rule", "move", "2", "1")
    assert moved.code == 0, moved.err
    assert await asked(p) == (200, [1, 1])


async def test_b13_a_budget_with_too_little_left_is_told_as_refusing_until_it_is_raised(p):
    reply = json.loads(ANTHROPIC.whole())
    reply["usage"] = {"input_tokens": 100, "output_tokens": 50}
    p.upstream.script = whole(json.dumps(reply).encode())
    await p.settle()
    budget = await p.running.command("budget", "add", "--amount", "20000", "--per", "day", "--tokens", "--json")
    assert await asked(p, max_tokens=50) == (200, [1, 0])
    told = await p.running.status(lambda status: status["budgets"])
    assert not told["budgets"][0]["refuses"]
    left = 20_000 - told["budgets"][0]["used"]
    assert (await asked(p, max_tokens=left))[0] == 429
    (one,) = (await p.running.status(lambda status: status["budgets"][0]["refuses"]))["budgets"]
    assert (one["too_little"], one["used"] < one["amount"]) == (True, True)
    out = (await p.running.command("status")).out
    assert "too little left, requests are refused until tomorrow at 00:00" in out
    raised = await p.running.command("budget", "change", budget.json["id"], "--amount", "900000")
    assert raised.code == 0, raised.err
    await p.running.status(lambda status: not status["budgets"][0]["refuses"])
